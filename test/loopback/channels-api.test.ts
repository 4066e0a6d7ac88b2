import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import type { Channel } from '../../shared/contracts/channels-api.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually, type importPackage } from '../notification-server/support/test-server.ts';

type Imported = Awaited<ReturnType<typeof importPackage>>;

let place: ServerPlace;
let siteId = '';
let server: TestAgent;
let plain: TestAgent;
let editor: Imported;
let sequence = 0;
const unknownGuid = '00000000-0000-4000-8000-0000000000ff' as PackageGuid;
const nights = [{ days: ['mon' as const], from: '22:00', to: '04:00' }];

beforeAll(async () => {
  place = await ServerPlace.start();
  const body = { name: 'Branch', subnets: ['127.30.2.0/24'], wanKilobitsPerSecond: 0 };
  siteId = (await place.server.call('createSite', { body })).id;
  server = await place.enrol({ name: 'ps', localAddress: '127.30.2.2' });
  plain = await place.enrol({ name: 'pc', localAddress: '127.30.2.9' });
  await place.server.call('addPackageServer', { body: { agentId: server.agentId, siteId } });
  editor = await place.publish('editor.bin');
});

afterAll(() => place.stop());

afterEach(async () => {
  for (const { id } of await place.server.call('channels', {})) {
    await place.server.call('deleteChannel', { params: { id } });
  }
});

function create(more: object = {}): Promise<Channel> {
  return place.server.call('createChannel', { body: { name: 'Office', ...more } });
}

async function tell(state: string, blocks: number, detail = ''): Promise<void> {
  const event = { kind: 'package-state', key: editor.key, state, blocks, blockCount: 1, detail };
  const events = [{ sequence: ++sequence, atMs: Date.now(), ...event }];
  const body = { installationEpoch: server.identity.installationEpoch, events };
  expect((await server.request('/events', { method: 'POST', body })).status).toBe(200);
}

async function statesOf(filter: { agentId?: AgentId; channelId?: string } = {}): Promise<string[]> {
  const { copies } = await place.server.call('channelCopies', { query: filter });
  return copies.map(({ state, reason }) => `${state} ${reason}`.trim());
}

async function keptBy(agent: TestAgent): Promise<unknown[]> {
  const { packageServer } = await configurationOf(agent);
  return (packageServer?.packages ?? []).map(
    ({ key: _, name: _name, totalSizeBytes: _size, guid: _guid, ...rest }) => rest,
  );
}

describe('a channel', () => {
  test('puts its packages into the role of its subscribers, with its terms, and takes them out again', async () => {
    const { id } = await create({ windows: nights, subscribers: { siteIds: [siteId] } });
    expect(await keptBy(server)).toEqual([]);
    const added = await place.server.call('addChannelPackage', { params: { id }, body: { guid: editor.guid } });
    expect(added.items).toMatchObject([{ packageName: 'editor.bin', meansVersion: '1.0', version: null }]);
    expect(added.packageServers).toBe(1);
    expect(await keptBy(server)).toEqual([{ version: '1.0', priority: 'background', windows: nights }]);
    expect((await configurationOf(plain)).packageServer).toBeNull();
    const later = Date.now() + 3_600_000;
    const body = { guid: editor.guid, notBeforeMs: later, priority: 'normal' as const };
    await place.server.call('addChannelPackage', { params: { id }, body });
    expect(await keptBy(server)).toEqual([{ version: '1.0', availableFromMs: later, windows: nights }]);
    await place.server.call('removeChannelPackage', { params: { id }, query: { guid: editor.guid } });
    expect(await keptBy(server)).toEqual([]);
  });

  test('follows the newest version, and keeps the one that it names', async () => {
    const subscribers = { agentIds: [server.agentId] };
    const browser = await place.publish('browser.bin');
    const items = [{ guid: browser.guid }, { guid: browser.guid, version: '1.0' }];
    const { id } = await create({ items, subscribers });
    const source = path.join(place.folder, 'browser.bin');
    await place.server.call('startImport', { body: { path: source, guid: browser.guid, version: '2.0' } });
    const means = await eventually('the newest is 2.0', async () => {
      const shown = await place.server.call('channel', { params: { id } });
      return shown.items[0]?.meansVersion === '2.0' ? shown.items.map(({ meansVersion }) => meansVersion) : null;
    });
    expect(means).toEqual(['2.0', '1.0']);
    const params = { guid: browser.guid, version: '2.0' };
    await place.server.call('withdrawPackage', { params });
    expect((await place.server.call('channel', { params: { id } })).items[0]?.meansVersion).toBe('1.0');
    await place.server.call('withdrawPackage', { params: { ...params, version: '1.0' } });
    expect(await keptBy(server)).toEqual([]);
    expect(await statesOf()).toEqual([
      'withdrawn This version was withdrawn.',
      'withdrawn This version was withdrawn.',
    ]);
  });

  test('lets all Package Servers subscribe, or some, and only them', async () => {
    const { id } = await create({ items: [{ guid: editor.guid }] });
    const call = (name: 'subscribeChannel' | 'unsubscribeChannel', body: object) =>
      place.server.call(name, { params: { id }, body });
    for (const body of [{ all: true }, { siteIds: [siteId] }, { agentIds: [server.agentId] }]) {
      expect((await call('subscribeChannel', body)).packageServers).toBe(1);
      expect(await keptBy(server)).toHaveLength(1);
      expect((await call('unsubscribeChannel', body)).packageServers).toBe(0);
      expect(await keptBy(server)).toEqual([]);
    }
  });

  test('is saved over the version that was read, and every change is in the audit trail', async () => {
    const made = await create();
    const save = (version: number, description: string) =>
      place.server.call('updateChannel', { params: { id: made.id }, body: { name: 'Office', description, version } });
    await save(1, 'first');
    const stale = await refusalOf(save(1, 'second'));
    expect(stale.status).toBe(409);
    expect(stale.details).toMatchObject({ code: 'version-conflict', current: { description: 'first', version: 2 } });
    const both = await Promise.allSettled([save(2, 'one'), save(2, 'other')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const item = { guid: editor.guid };
    await Promise.all([
      place.server.call('addChannelPackage', { params: { id: made.id }, body: item }),
      place.server.call('subscribeChannel', { params: { id: made.id }, body: { all: true } }),
    ]);
    const shown = await place.server.call('channel', { params: { id: made.id } });
    expect(shown).toMatchObject({ version: 5, items: [item], subscribers: { all: true } });
    await place.server.call('deleteChannel', { params: { id: made.id } });
    const audit = await place.server.call('audit', { query: {} });
    const actions = audit.slice(0, 6).map(({ action, subject }) => `${action} ${subject}`);
    expect(actions.sort()).toEqual([
      'add-channel-package Office',
      'create-channel Office',
      'delete-channel Office',
      'subscribe-channel Office',
      'update-channel Office',
      'update-channel Office',
    ]);
  });

  test('expires by the clock: the Package Server is told, and the copy shows it', async () => {
    const feed = await server.openFeed();
    const expiresAtMs = Date.now() + 1500;
    await create({ items: [{ guid: editor.guid, expiresAtMs }], subscribers: { all: true } });
    expect(await keptBy(server)).toHaveLength(1);
    await eventually('it is told that it is over', async () => {
      if (!feed.received.some(({ kind }) => kind === 'configuration-changed')) return null;
      feed.received.length = 0;
      return (await keptBy(server)).length === 0 ? true : null;
    });
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAtMs);
    expect(await statesOf()).toEqual(['expired It is not to be kept any longer, and goes when nobody uses it.']);
    feed.close();
  });

  test('is restored with the server', async () => {
    await create({ items: [{ guid: editor.guid }], subscribers: { all: true }, windows: nights });
    const [before] = await place.server.call('channels', {});
    await place.restartServer(async () => undefined);
    expect(await place.server.call('channels', {})).toEqual([before]);
  });
});

describe('replication', () => {
  test('is by copy, channel, Package Server and package, as a table, too', async () => {
    const feed = await server.openFeed();
    const { id } = await create({ items: [{ guid: editor.guid }], subscribers: { all: true } });
    expect(await statesOf()).toEqual(['waiting']);
    await tell('downloading', 0);
    expect(await statesOf({ channelId: id, agentId: server.agentId })).toEqual(['copying']);
    await eventually('it is asked how far it is', () => feed.received.find(({ kind }) => kind === 'watch') ?? null);
    await tell('failed', 0, 'The disk is full.');
    expect(await statesOf()).toEqual(['failed The disk is full.']);
    await tell('ready', 1);
    expect(await statesOf()).toEqual(['complete']);
    for (const [by, name] of [
      ['channel', 'Office'],
      ['package-server', 'ps'],
      ['package', 'editor.bin 1.0'],
    ] as const) {
      const sums = await place.server.call('channelReplication', { query: { by } });
      expect(sums).toMatchObject([{ name, copies: 1, states: { complete: 1 }, percent: 100, totalBytes: 100 }]);
      const { csv } = await place.server.call('channelReplicationTable', { query: { by } });
      expect(csv).toMatch(new RegExp(`^\\uFEFFname,id,copies,.*\\r\\n${name},.*,1,100,100,100,`));
    }
    const { csv } = await place.server.call('channelReplicationTable', { query: {} });
    expect(csv).toContain(`Office,ps,Branch,editor.bin,1.0,${editor.guid},complete,100,100,100`);
    await tell('ready', 0, 'Deleted from this computer to make room on its disk.');
    expect(await statesOf()).toEqual(['waiting Deleted from this computer to make room on its disk.']);
    expect(await statesOf({ agentId: plain.agentId })).toEqual([]);
    feed.close();
  });

  test('waits for its window by the clocks of the site', async () => {
    const day = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
    // Closed now and for two days, whichever time zone.
    const today = (new Date().getUTCDay() + 6) % 7;
    const windows = [{ days: [day[(today + 3) % 7] ?? 'mon'], from: '02:00', to: '04:00' }];
    await create({ items: [{ guid: editor.guid }], subscribers: { all: true }, windows });
    const [state] = await statesOf();
    expect(state).toMatch(/^outside-window The window opens at 02:00 on \w+, by the clocks of its site\.$/);
  });
});

describe('what cannot be is refused with the field that is wrong', () => {
  const nobody = 'f'.repeat(32) as AgentId;
  const at = (id: string) => ({ params: { id } });

  test.each<[string, object, string]>([
    ['no name', { name: ' ' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
    ['an unknown package', { items: [{ guid: unknownGuid }] }, 'items.0.guid'],
    ['something that is no GUID', { items: [{ guid: '../../etc' }] }, 'items.0.guid'],
    ['no list of packages', { items: 'all' }, 'items'],
    ['too many packages', { items: Array.from({ length: 1001 }, () => ({ guid: unknownGuid })) }, 'items'],
    ['an unknown site', { subscribers: { siteIds: ['nowhere'] } }, 'subscribers.siteIds.0'],
    ['an agent without the role', { subscribers: { agentIds: [nobody] } }, 'subscribers.agentIds.0'],
    ['a window without days', { windows: [{ days: [], from: '01:00', to: '02:00' }] }, 'windows.0.days'],
    ['a window at a time that is none', { windows: [{ days: ['mon'], from: '25:00', to: '02:00' }] }, 'windows.0.from'],
    ['a priority that is none', { priority: 'highest' }, 'priority'],
  ])('%s', async (_what, more, field) => {
    const { status, details } = await refusalOf(create(more));
    expect(status).toBe(400);
    expect(details.fields?.[0]?.path).toBe(field);
    expect(await place.server.call('channels', {})).toEqual([]);
  });

  test('an expiry before the time from which it may be copied, a version that is not there, a package twice', async () => {
    const { id } = await create();
    const add = (body: object) =>
      refusalOf(place.server.call('addChannelPackage', { ...at(id), body: { guid: editor.guid, ...body } }));
    const fields = [
      await add({ notBeforeMs: 5, expiresAtMs: 5 }),
      await add({ version: '9.9' }),
      await add({ version: 'a b' }),
      await add({ notBeforeMs: 'tomorrow' }),
      await add({ guid: 7 }),
    ].map(({ status, details }) => `${status} ${details.fields?.[0]?.path}`);
    expect(fields).toEqual(['400 expiresAtMs', '400 items.0.version', '400 version', '400 notBeforeMs', '400 guid']);
    const twice = await refusalOf(create({ name: 'Twice', items: [{ guid: editor.guid }, { guid: editor.guid }] }));
    expect(twice.details.fields?.[0]?.path).toBe('items.1');
    expect((await place.server.call('channel', at(id))).version).toBe(1);
  });

  test('a name that another channel has', async () => {
    await create();
    const { id } = await create({ name: 'Other' });
    expect((await refusalOf(create())).details.fields?.[0]?.path).toBe('name');
    const renamed = place.server.call('updateChannel', { ...at(id), body: { name: 'Office', version: 1 } });
    expect((await refusalOf(renamed)).details.fields?.[0]?.path).toBe('name');
  });

  test('channels, packages, agents and sums that are not there', async () => {
    const { id } = await create();
    const found = await Promise.all([
      refusalOf(place.server.call('channel', at('nothing'))),
      refusalOf(place.server.call('deleteChannel', at('nothing'))),
      refusalOf(place.server.call('updateChannel', { ...at('nothing'), body: { name: 'x', version: 1 } })),
      refusalOf(place.server.call('addChannelPackage', { ...at('nothing'), body: { guid: editor.guid } })),
      refusalOf(place.server.call('removeChannelPackage', { ...at(id), query: { guid: editor.guid } })),
      refusalOf(place.server.call('channelCopies', { query: { channelId: 'nothing' } })),
      refusalOf(place.server.call('channelReplication', { query: { agentId: nobody } })),
      refusalOf(place.server.call('subscribeChannel', { ...at(id), body: {} })),
      refusalOf(place.server.call('unsubscribeChannel', { ...at(id), body: {} })),
      refusalOf(place.server.call('channelReplication', { query: { by: 'colour' as never } })),
      refusalOf(place.server.call('channelReplicationTable', { query: { guid: 'x' as never } })),
    ]);
    expect(found.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 404, 400, 400, 400, 400]);
  });
});
