import { randomBytes } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { saveManifestStatus } from '../../electron/database/stores/channel-store.ts';
import type { ManifestStatus } from '../../shared/contracts/channels-api.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { eventually, type importPackage, temporaryFolder } from '../notification-server/support/test-server.ts';

type Imported = Awaited<ReturnType<typeof importPackage>>;

let place: ServerPlace;
let sources: Awaited<ReturnType<typeof temporaryFolder>>;
let editor: Imported;
let channels = 0;

beforeAll(async () => {
  sources = await temporaryFolder();
  const root = path.join(sources.path, 'import');
  await mkdir(path.join(root, 'office'), { recursive: true });
  await writeFile(path.join(root, 'office', 'setup.bin'), randomBytes(500));
  await writeFile(path.join(root, 'tool.bin'), randomBytes(300));
  await writeFile(path.join(root, 'empty.bin'), '');
  await writeFile(path.join(sources.path, 'secret.bin'), randomBytes(100));
  await symlink(path.join(sources.path, 'secret.bin'), path.join(root, 'link.bin'));
  await symlink(sources.path, path.join(root, 'up'));
  place = await ServerPlace.start({ importFolder: root });
  editor = await place.publish('editor.bin');
});

afterAll(async () => {
  await place.stop();
  await sources.remove();
});

async function freshChannel(): Promise<string> {
  channels++;
  const body = { name: `Channel ${channels}`, items: [{ guid: editor.guid, version: '1.0' }] };
  return (await place.server.call('createChannel', { body })).id;
}

function manifest(...items: readonly string[]): string {
  return ['<channel-manifest>', ...items, '</channel-manifest>'].join('\n');
}

function take(id: string, xml: string, more: object = {}): Promise<ManifestStatus> {
  return place.server.call('importChannelManifest', { params: { id }, body: { xml, ...more } });
}

async function itemsOf(id: string): Promise<string[]> {
  const { items } = await place.server.call('channel', { params: { id } });
  return items.map(({ packageName, version, priority }) => `${packageName} ${version} ${priority}`).sort();
}

async function ended(id: string): Promise<ManifestStatus> {
  return eventually('the import is over', async () => {
    const status = await place.server.call('channelManifest', { params: { id } });
    return status.state === 'importing' ? null : status;
  });
}

describe('a manifest', () => {
  test('says what it would change, changes it, and changes nothing the second time', async () => {
    const id = await freshChannel();
    const xml = manifest(`<item guid="${editor.guid}" priority="emergency"/>`);
    const dry = await take(id, xml, { dryRun: true, removeOthers: true });
    const name = { guid: editor.guid, name: 'editor.bin' };
    expect(dry).toMatchObject({
      state: 'dry-run',
      added: [{ ...name, version: null }],
      removed: [{ ...name, version: '1.0' }],
      unchanged: 0,
    });
    expect(await itemsOf(id)).toEqual(['editor.bin 1.0 null']);
    expect((await take(id, xml)).state).toBe('applied');
    expect(await itemsOf(id)).toEqual(['editor.bin 1.0 null', 'editor.bin null emergency']);
    expect(await take(id, xml, { removeOthers: true })).toMatchObject({ state: 'applied', unchanged: 1 });
    const { version } = await place.server.call('channel', { params: { id } });
    expect(await take(id, xml, { removeOthers: true })).toMatchObject({ added: [], changed: [], removed: [] });
    expect((await place.server.call('channel', { params: { id } })).version).toBe(version);
    const [entry] = await place.server.call('audit', { query: {} });
    const named = `${editor.guid} 1.0`;
    expect(entry).toMatchObject({
      action: 'import-channel-manifest',
      before: { items: { [named]: { version: '1.0' } } },
    });
    expect(entry?.after).toEqual({ channelId: id, items: { [named]: null } });
  });

  test('makes packages of its sources, changes the channel when all are there, and makes none twice', async () => {
    const id = await freshChannel();
    const xml = manifest(
      '<item source="office" destination="Office" version="2.0"/>',
      '<item source="tool.bin" destination="Tool" version="1.0" priority="normal"/>',
    );
    const begun = await take(id, xml);
    expect(begun).toMatchObject({
      state: 'importing',
      imports: [
        { line: 2, name: 'Office' },
        { line: 3, name: 'Tool' },
      ],
    });
    expect((await ended(id)).state).toBe('applied');
    expect(await itemsOf(id)).toEqual(['Office 2.0 null', 'Tool 1.0 normal', 'editor.bin 1.0 null']);
    const packages = (await place.server.call('packages', {})).length;
    expect(await take(id, xml)).toMatchObject({ state: 'applied', imports: [], unchanged: 3 });
    const next = xml.replace('version="2.0"', 'version="2.1"');
    expect(await take(id, next)).toMatchObject({ state: 'importing', imports: [{ name: 'Office', version: '2.1' }] });
    await ended(id);
    const office = (await place.server.call('packages', {})).filter(({ name }) => name === 'Office');
    expect(new Set(office.map(({ guid }) => guid)).size).toBe(1);
    expect(await place.server.call('packages', {})).toHaveLength(packages + 1);
  });

  test('leaves the channel as it is where one of its sources cannot be a package', async () => {
    const id = await freshChannel();
    const good = '<item source="tool.bin" destination="Other tool" version="1.0"/>';
    const bad = manifest(good, '<item source="empty.bin" destination="Empty" version="1.0"/>');
    const { details } = await refusalOf(take(id, bad));
    expect(details.fields).toMatchObject([{ path: 'xml.3', message: expect.stringMatching(/^Line 3: .*no bytes/) }]);
    expect(await itemsOf(id)).toEqual(['editor.bin 1.0 null']);
    expect((await place.server.call('packages', {})).map(({ name }) => name)).not.toContain('Other tool');
    expect((await refusalOf(place.server.call('channelManifest', { params: { id } }))).status).toBe(404);
  });

  test('leaves the channel as it is where an import is cancelled', async () => {
    const id = await freshChannel();
    const big = path.join(sources.path, 'import', 'big.bin');
    await writeFile(big, Buffer.alloc(64 * 1024 * 1024));
    await take(id, manifest('<item source="big.bin" destination="Big" version="1.0"/>'));
    const twice = await refusalOf(take(id, manifest('<item source="tool.bin" destination="T" version="7"/>')));
    expect(twice.status).toBe(409);
    const job = (await place.server.call('imports', {})).find(({ name }) => name === 'Big');
    await place.server.call('cancelImport', { params: { id: job?.id ?? '' } });
    expect(await ended(id)).toMatchObject({ state: 'failed', message: expect.stringMatching(/unchanged.*cancelled/) });
    expect(await itemsOf(id)).toEqual(['editor.bin 1.0 null']);
  });
});

describe('a manifest that is wrong is refused with its lines, and nothing changes', () => {
  const unknown = '00000000-0000-4000-8000-0000000000ff';
  const source = (name: string) => `<item source="${name}" destination="X" version="1.0"/>`;

  test.each<[string, readonly string[], RegExp]>([
    ['an unknown package', [`<item guid="${unknown}"/>`], /^Line 2: This server has no package/],
    ['an unknown version', ['<item guid="GUID" version="9.9"/>'], /^Line 2: There is no version 9\.9/],
    ['a package twice', ['<item guid="GUID"/>', '<item guid="GUID"/>'], /^Line 3: Line 2 names this package, too/],
    ['a source that is not there', [source('nothing.bin')], /^Line 2: There is no file or folder/],
    ['a link that leads out', [source('link.bin')], /^Line 2: .*outside of the import folder/],
    ['a folder that leads out', [source('up/secret.bin')], /^Line 2: .*outside of the import folder/],
    ['a way out', [source('../secret.bin')], /^Line 2: source has to be a path below the import folder/],
    ['an address', [source('https://example.org/x')], /^Line 2: source has to be a path below the import folder/],
  ])('%s', async (_what, items, expected) => {
    const id = await freshChannel();
    const xml = manifest(...items).replaceAll('GUID', editor.guid);
    for (const dryRun of [true, false]) {
      const { status, details } = await refusalOf(take(id, xml, { dryRun }));
      expect(status).toBe(400);
      expect(details.fields?.[0]?.message).toMatch(expected);
    }
    expect(await itemsOf(id)).toEqual(['editor.bin 1.0 null']);
  });

  test('another channel, no text, too much text, no channel', async () => {
    const id = await freshChannel();
    const other = `<channel-manifest channel="Other"><item guid="${editor.guid}"/></channel-manifest>`;
    expect((await refusalOf(take(id, other))).details.fields?.[0]?.message).toMatch(/^Line 1: .*channel "Other"/);
    expect((await refusalOf(take(id, ''))).details.fields?.[0]?.path).toBe('xml');
    expect((await refusalOf(take(id, ' '.repeat(1_000_001)))).details.fields?.[0]?.path).toBe('xml');
    expect((await refusalOf(take('nothing', other))).status).toBe(404);
    expect((await refusalOf(take(id, 7 as never))).details.fields?.[0]?.path).toBe('xml');
  });
});

describe('what is told of the last manifest', () => {
  test('is told after a restart of the server', async () => {
    const id = await freshChannel();
    const nothing = place.server.call('channelManifest', { params: { id } });
    expect((await refusalOf(nothing)).status).toBe(404);
    const xml = manifest(`<item guid="${editor.guid}"/>`);
    const applied = await take(id, xml);
    await take(id, xml, { dryRun: true, removeOthers: true });
    await place.restartServer();
    expect(await place.server.call('channelManifest', { params: { id } })).toEqual(applied);
  });

  test('is that it was broken off where the server was stopped in the middle, and it can be done again', async () => {
    const id = await freshChannel();
    const xml = manifest('<item source="tool.bin" destination="Tool of the second try" version="1.0"/>');
    const planned = await take(id, xml, { dryRun: true });
    const { dataFolder } = place.server;
    await place.restartServer(async () => {
      const access = await openDatabaseAccess({ file: path.join(dataFolder, 'fanout.db') });
      await saveManifestStatus(access.database, id, { ...planned, state: 'importing' });
      await access.close();
    });
    const status = await place.server.call('channelManifest', { params: { id } });
    expect(status).toMatchObject({ state: 'failed', imports: [{ source: 'tool.bin' }] });
    expect(status.message).toMatch(/^The channel is unchanged\. The import was broken off/);
    await take(id, xml);
    expect((await ended(id)).state).toBe('applied');
  });
});

test('a server without an import folder imports nothing', async () => {
  const plain = await ServerPlace.start();
  try {
    const { id } = await plain.server.call('createChannel', { body: { name: 'Office' } });
    const body = { xml: manifest('<item source="tool.bin" destination="Tool" version="1.0"/>') };
    expect(await plain.server.call('importFolder', {})).toEqual({ folder: null });
    expect(await place.server.call('importFolder', {})).toEqual({ folder: path.join(sources.path, 'import') });
    const { details } = await refusalOf(plain.server.call('importChannelManifest', { params: { id }, body }));
    expect(details.fields?.[0]?.message).toMatch(/--import-folder/);
  } finally {
    await plain.stop();
  }
});
