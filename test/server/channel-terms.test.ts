import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import { channelContentSchema } from '../../shared/contracts/channels.ts';
import type { ChannelRules } from '../../shared/server/channels/channel-terms.ts';
import { keptFor, nextExpiryMs, PackageVersions } from '../../shared/server/channels/channel-terms.ts';
import { holds } from '../helpers/properties.ts';

const guid = (number: number) => `00000000-0000-4000-8000-00000000000${number}` as PackageGuid;
const agent = (digit: string) => digit.repeat(32) as AgentId;
const north = { agentId: agent('a'), siteId: 'north' };
const south = { agentId: agent('b'), siteId: 'south' };
const nights: ChannelRules['windows'] = [{ days: ['mon'], from: '22:00', to: '04:00' }];

function version(number: number, name: string, withdrawnAtMs: number | null = null) {
  return { key: packageKeyOf(guid(number), name), guid: guid(number), version: name, withdrawnAtMs };
}

/** Newest first. */
const packages = [version(1, '3.0', 5), version(1, '2.0'), version(2, '1.0'), version(1, '1.0'), version(3, '1.0', 5)];
const versions = new PackageVersions(packages);

function channel(more: object): ChannelRules {
  return channelContentSchema.parse({ name: 'c', ...more });
}

function keptNames(channels: readonly ChannelRules[], place: typeof north, nowMs = 0): string[] {
  return [...keptFor(channels, place, versions, nowMs).values()].map(({ subject }) => {
    return `${subject.guid.at(-1)} ${subject.version}`;
  });
}

describe('what channels let a Package Server keep', () => {
  const items = [{ guid: guid(1) }, { guid: guid(2), version: '1.0' }];

  it.each<[string, object, boolean, boolean]>([
    ['nobody', {}, false, false],
    ['all', { all: true }, true, true],
    ['a site', { siteIds: ['north'] }, true, false],
    ['a Package Server', { agentIds: [south.agentId] }, false, true],
  ])('it goes to its subscribers: %s', (_who, subscribers, isNorth, isSouth) => {
    const of = channel({ items, subscribers });
    expect(keptNames([of], north).length > 0).toBe(isNorth);
    expect(keptNames([of], south).length > 0).toBe(isSouth);
  });

  it('means the newest version that is not withdrawn where it names none, and a withdrawn one never', () => {
    const subscribers = { all: true };
    expect(keptNames([channel({ items, subscribers })], north)).toEqual(['1 2.0', '2 1.0']);
    const gone = [{ guid: guid(1), version: '3.0' }, { guid: guid(3) }, { guid: guid(9) }];
    expect(keptNames([channel({ items: gone, subscribers })], north)).toEqual([]);
    expect(versions.meantBy({ guid: guid(1), version: '3.0' })).toBe(packages[0]);
  });

  it('ends with its expiry, and has begun before its time has come', () => {
    const subscribers = { all: true };
    const of = channel({ items: [{ guid: guid(2), notBeforeMs: 50, expiresAtMs: 100 }], subscribers });
    expect(keptNames([of], north, 10)).toEqual(['2 1.0']);
    expect(keptNames([of], north, 99)).toEqual(['2 1.0']);
    expect(keptNames([of], north, 100)).toEqual([]);
    expect([nextExpiryMs([of], 0), nextExpiryMs([of], 99), nextExpiryMs([of], 100)]).toEqual([100, 100, null]);
  });

  it('has the terms of every channel that names it, each once', () => {
    const subscribers = { all: true };
    const same = { items: [{ guid: guid(2) }], subscribers, windows: nights };
    const urgent = { items: [{ guid: guid(2), version: '1.0', priority: 'emergency' }], subscribers };
    const [kept] = keptFor([channel(same), channel(same), channel(urgent)], north, versions, 0).values();
    expect(kept?.terms).toEqual([
      { priority: 'background', availableFromMs: null, windows: nights },
      { priority: 'emergency', availableFromMs: null, windows: [] },
    ]);
  });

  it('grows with every channel and every subscriber, and never shrinks by them', () => {
    const item = fc.record({
      guid: fc.constantFrom(guid(1), guid(2), guid(3), guid(4)),
      version: fc.constantFrom(null, '1.0', '2.0', '3.0'),
      expiresAtMs: fc.constantFrom(null, 1, 100),
    });
    const subscribers = fc.record({
      all: fc.boolean(),
      siteIds: fc.subarray(['north', 'south']),
      agentIds: fc.subarray([north.agentId, south.agentId]),
    });
    const unique = fc.uniqueArray(item, { selector: (of) => `${of.guid} ${of.version}`, maxLength: 5 });
    const any = fc.record({ items: unique, subscribers }).map(channel);
    holds(
      fc.property(fc.array(any, { maxLength: 3 }), any, (channels, more) => {
        const before = keptNames(channels, north, 10);
        const after = keptNames([...channels, more], north, 10);
        expect(after).toEqual(expect.arrayContaining(before));
        const everybody = channels.map((of) => ({ ...of, subscribers: { ...of.subscribers, all: true } }));
        expect(keptNames(everybody, north, 10)).toEqual(expect.arrayContaining(before));
        const withdrawn = new Set(packages.filter((one) => one.withdrawnAtMs !== null).map(({ key }) => key));
        for (const key of keptFor(channels, north, versions, 10).keys()) expect(withdrawn.has(key)).toBe(false);
      }),
    );
  });
});
