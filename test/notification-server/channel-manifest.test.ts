import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../electron/notification-server/channels/manifest-reader.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import type { ChannelItem } from '../../shared/contracts/channels.ts';
import { mergeItems } from '../../shared/server/channels/manifest-merge.ts';
import { holds } from '../helpers/properties.ts';

const guid = '00000000-0000-4000-8000-000000000001' as PackageGuid;

function manifest(...lines: readonly string[]): string {
  return ['<channel-manifest>', ...lines, '</channel-manifest>'].join('\n');
}

function problemsOf(xml: string): string[] {
  return readManifest(xml).problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('a channel manifest', () => {
  it('names packages and sources with their terms', () => {
    const xml = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<!-- of October -->',
      '<channel-manifest channel="Office &amp; more">',
      `  <item guid="${guid}"/>`,
      `  <item guid="${guid}" version="1.0" priority="emergency"`,
      '    not-before="2027-01-31T02:30+01:00" expires="2027-03-01T00:00Z"></item>',
      '  <item source="office/setup.msi" destination=" Office " version="2.1"/>',
      '</channel-manifest>',
    ].join('\n');
    const terms = { notBeforeMs: null, expiresAtMs: null, priority: null };
    expect(readManifest(xml)).toEqual({
      channel: { line: 3, name: 'Office & more' },
      problems: [],
      items: [
        { line: 4, subject: { kind: 'package', guid, version: null }, ...terms },
        {
          line: 5,
          subject: { kind: 'package', guid, version: '1.0' },
          priority: 'emergency',
          notBeforeMs: Date.UTC(2027, 0, 31, 1, 30),
          expiresAtMs: Date.UTC(2027, 2, 1),
        },
        {
          line: 7,
          subject: { kind: 'source', source: 'office/setup.msi', destination: 'Office', version: '2.1' },
          ...terms,
        },
      ],
    });
  });

  it.each<[string, string, RegExp]>([
    ['no XML', 'channel', /^1: This is no XML/],
    ['nothing', ' ', /^1: This is no XML/],
    ['another kind of document', '<html></html>', /^1: .*has to begin with <channel-manifest>/],
    [
      'an element that is not closed',
      `<channel-manifest><item guid="${guid}">`,
      /^1: This is no XML: unclosed tag: item/,
    ],
    ['no item', manifest(), /^1: .*needs an <item>/],
    ['another element', manifest('<crawler/>'), /^2: There is <crawler> where only <item>/],
    ['an item in an item', manifest(`<item guid="${guid}"><item/></item>`), /^2: There is <item> where only/],
    ['text', manifest('hello'), /^\d: There is text between/],
    ['a section of text', manifest('<![CDATA[x]]>'), /^2: There is text between/],
    ['an unknown attribute', manifest(`<item guid="${guid}" src="x"/>`), /^2: <item> has no attribute "src"/],
    ['an attribute twice', manifest(`<item guid="${guid}" guid="x"/>`), /^2: This is no XML: duplicate attribute/],
    ['neither package nor source', manifest('<item/>'), /^2: Say either by guid/],
    ['both', manifest(`<item guid="${guid}" source="a" destination="b" version="1"/>`), /^2: Say either by guid/],
    ['no GUID', manifest('<item guid="1"/>'), /^2: guid has to be/],
    ['no destination', manifest('<item source="a" version="1"/>'), /^2: destination has to say/],
    ['no version', manifest('<item source="a" destination="b"/>'), /^2: version has to say/],
    [
      'a way out',
      manifest('<item source="../etc/passwd" destination="b" version="1"/>'),
      /^2: source has to be .*"\.\."/,
    ],
    [
      'an absolute path',
      manifest('<item source="/etc/passwd" destination="b" version="1"/>'),
      /^2: source .* absolute/,
    ],
    ['an address', manifest('<item source="http://10.0.0.1/x" destination="b" version="1"/>'), /^2: source has to be/],
    ['no priority', manifest(`<item guid="${guid}" priority="high"/>`), /^2: priority has to be one of/],
    ['no moment', manifest(`<item guid="${guid}" expires="tomorrow"/>`), /^2: expires has to be a moment/],
    ['no zone', manifest(`<item guid="${guid}" not-before="2027-01-31T02:30"/>`), /^2: not-before has to be a moment/],
    [
      'an end before the beginning',
      manifest(`<item guid="${guid}" not-before="2027-01-31T02:30Z" expires="2027-01-31T02:30Z"/>`),
      /^2: expires has to come after/,
    ],
    ['an unknown root attribute', '<channel-manifest href="x"/>', /^1: <channel-manifest> has no attribute "href"/],
  ])('with %s says in which line and what to do', (_what, xml, expected) => {
    expect(problemsOf(xml)[0]).toMatch(expected);
  });

  it('tells everything that is wrong at once, up to a hundred lines', () => {
    const lines = Array.from({ length: 300 }, () => '<item guid="1" priority="x"/>');
    expect(problemsOf(manifest(...lines.slice(0, 2)))).toHaveLength(4);
    expect(problemsOf(manifest(...lines))).toHaveLength(100);
  });

  it('neither reads a file nor grows by entities', () => {
    const external = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>';
    expect(problemsOf(`${external}${manifest(`<item guid="&e;"/>`)}`)[0]).toMatch(/^1: .*<!DOCTYPE out/);
    const laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>';
    expect(problemsOf(`${laughs}${manifest('<item guid="&b;"/>')}`)[0]).toMatch(/<!DOCTYPE out/);
    expect(problemsOf(manifest('<item guid="&b;"/>'))[0]).toMatch(/^2: This is no XML/);
    expect(problemsOf(manifest(...Array.from({ length: 1001 }, () => `<item guid="${guid}"/>`)))).toEqual([
      '1002: A channel has at most 1000 packages.',
    ]);
  });

  it('is read or refused whatever it holds, and never throws', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '"',
      '&',
      ';',
      'item',
      ' guid="',
      guid,
      '<channel-manifest>',
      '<!--',
      '\n',
    );
    holds(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), (pieces) => {
        const { items, problems } = readManifest(pieces.join(''));
        expect(items.length > 0 || problems.length > 0).toBe(true);
      }),
    );
  });
});

describe('what a manifest makes of the packages of a channel', () => {
  const item: fc.Arbitrary<ChannelItem> = fc.record({
    guid: fc.constantFrom(...[1, 2, 3].map((digit) => `${guid.slice(0, -1)}${digit}` as PackageGuid)),
    version: fc.constantFrom(null, '1.0', '2.0'),
    notBeforeMs: fc.constantFrom(null, 5),
    expiresAtMs: fc.constantFrom(null, 9),
    priority: fc.constantFrom(null, 'normal' as const),
  });
  const items = fc.uniqueArray(item, { selector: (of) => `${of.guid} ${of.version}`, maxLength: 6 });

  it('is what it wants and, unless the others go, what was there; a second time nothing changes', () => {
    holds(
      fc.property(items, items, fc.boolean(), (before, wanted, removesOthers) => {
        const merged = mergeItems(before, wanted, removesOthers);
        expect(merged.items).toEqual(expect.arrayContaining(wanted));
        if (removesOthers) expect(merged.items).toHaveLength(wanted.length);
        else expect(merged.removed).toEqual([]);
        const { added, changed, removed, unchanged } = merged;
        expect(added.length + changed.length + unchanged.length).toBe(merged.items.length);
        expect(changed.length + removed.length + unchanged.length).toBe(before.length);
        const again = mergeItems(merged.items, wanted, removesOthers);
        expect([...again.added, ...again.changed, ...again.removed]).toEqual([]);
        expect(again.items).toEqual(merged.items);
      }),
    );
  });
});
