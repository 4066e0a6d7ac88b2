import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../shared/contracts/audit-api.ts';
import type { Channel } from '../../shared/contracts/channels-api.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import { eventually, type importPackage } from '../notification-server/support/test-server.ts';

type Imported = Awaited<ReturnType<typeof importPackage>>;

let place: ServerPlace;
let siteId = '';
let editor: Imported;
let browser: Imported;

beforeAll(async () => {
  place = await ServerPlace.start();
  const body = { name: 'Branch', subnets: ['127.30.2.0/24'], wanKilobitsPerSecond: 0 };
  siteId = (await place.server.call('createSite', { body })).id;
  editor = await place.publish('editor.bin');
  browser = await place.publish('browser.bin');
});

afterAll(() => place.stop());

afterEach(async () => {
  for (const { id } of await place.server.call('channels', {})) {
    await place.server.call('deleteChannel', { params: { id } });
  }
});

const create = (more: object = {}): Promise<Channel> =>
  place.server.call('createChannel', { body: { name: 'Office', ...more } });
const shown = (id: string): Promise<Channel> => place.server.call('channel', { params: { id } });
const add = (id: string, body: { guid: Imported['guid']; priority?: 'emergency' }) =>
  place.server.call('addChannelPackage', { params: { id }, body });
const revert = (id: number) => place.server.call('revertAudit', { params: { id: `${id}` } });

async function newest(): Promise<AuditEntry> {
  const [entry] = await place.server.call('audit', { query: { limit: '1' } });
  if (entry === undefined) throw new Error('the audit trail is empty');
  return entry;
}

async function guidsOf(id: string): Promise<string[]> {
  return (await shown(id)).items.map(({ guid }) => guid).sort();
}

describe('a change of a channel that is taken back', () => {
  test('of one package leaves what came to the others since', async () => {
    const { id } = await create();
    await add(id, { guid: editor.guid });
    const added = await newest();
    await add(id, { guid: browser.guid });
    await revert(added.id);
    expect(await guidsOf(id)).toEqual([browser.guid]);
    const back = await newest();
    expect(back).toMatchObject({ action: 'revert-channel-packages', subject: 'Office', reverts: added.id });
    await revert(back.id);
    expect(await guidsOf(id)).toEqual([browser.guid, editor.guid].sort());
    await place.server.call('removeChannelPackage', { params: { id }, query: { guid: browser.guid } });
    await revert((await newest()).id);
    expect(await guidsOf(id)).toEqual([browser.guid, editor.guid].sort());
  });

  test('of the terms of a package is refused where they are others now', async () => {
    const { id } = await create({ items: [{ guid: editor.guid }] });
    await add(id, { guid: editor.guid, priority: 'emergency' });
    const urgent = await newest();
    await add(id, { guid: editor.guid });
    const { status, details } = await refusalOf(revert(urgent.id));
    expect(status).toBe(409);
    expect(details.fields).toEqual([{ path: `items.${editor.guid}.priority`, message: 'Changed since.' }]);
    await revert((await newest()).id);
    await revert(urgent.id);
    expect((await shown(id)).items).toMatchObject([{ guid: editor.guid, priority: null }]);
  });

  test('of a manifest takes all of its packages back at once', async () => {
    const { id } = await create({ items: [{ guid: editor.guid }] });
    const xml = `<channel-manifest><item guid="${browser.guid}"/></channel-manifest>`;
    await place.server.call('importChannelManifest', { params: { id }, body: { xml, removeOthers: true } });
    const taken = await newest();
    expect(taken.action).toBe('import-channel-manifest');
    expect(await guidsOf(id)).toEqual([browser.guid]);
    await revert(taken.id);
    expect(await guidsOf(id)).toEqual([editor.guid]);
  });

  test('of the subscribers, unless they changed again', async () => {
    const { id } = await create();
    const subscribe = (body: object) => place.server.call('subscribeChannel', { params: { id }, body });
    await subscribe({ siteIds: [siteId] });
    const first = await newest();
    await subscribe({ all: true });
    expect((await refusalOf(revert(first.id))).details.fields).toMatchObject([{ path: 'subscribers.all' }]);
    await revert((await newest()).id);
    expect((await shown(id)).subscribers).toEqual({ all: false, siteIds: [siteId], agentIds: [] });
    await revert(first.id);
    expect((await shown(id)).subscribers).toEqual({ all: false, siteIds: [], agentIds: [] });
  });

  test('of what it is, and of whether there is one', async () => {
    const made = await create({ items: [{ guid: editor.guid }], subscribers: { siteIds: [siteId] } });
    const { id } = made;
    const creation = await newest();
    const body = { name: 'Renamed', items: [], version: made.version };
    await place.server.call('updateChannel', { params: { id }, body });
    await revert((await newest()).id);
    const { items, subscribers, name, version } = await shown(id);
    expect({ items, subscribers, name, version }).toEqual({ ...pick(made), version: 3 });
    await place.server.call('deleteChannel', { params: { id } });
    const deletion = await newest();
    expect((await refusalOf(revert(creation.id))).details.message).toBe(
      '"Office" changed since: it was deleted. Take the later changes back first.',
    );
    await revert(deletion.id);
    expect(pick(await shown(id))).toEqual(pick(made));
    await revert(creation.id);
    expect(await place.server.call('channels', {})).toEqual([]);
  });

  test('that was deleted, unless another has its name or its site is gone', async () => {
    const side = { name: 'Side', subnets: ['127.30.9.0/24'], wanKilobitsPerSecond: 0 };
    const { id: sideId } = await place.server.call('createSite', { body: side });
    const { id } = await create({ subscribers: { siteIds: [sideId] } });
    await place.server.call('deleteChannel', { params: { id } });
    const deletion = await newest();
    const other = await create();
    expect((await refusalOf(revert(deletion.id))).details.fields).toMatchObject([{ path: 'name' }]);
    await place.server.call('deleteChannel', { params: { id: other.id } });
    await place.server.call('deleteSite', { params: { id: sideId }, query: {} });
    const siteDeletion = await newest();
    const { status, details } = await refusalOf(revert(deletion.id));
    expect(`${status} ${details.fields?.[0]?.path}`).toBe('409 subscribers.siteIds.0');
    expect(await place.server.call('channels', {})).toEqual([]);
    await revert(siteDeletion.id);
    await revert(deletion.id);
    expect((await shown(id)).subscribers.siteIds).toEqual([sideId]);
  });

  test('is what Package Servers are told at once', async () => {
    const server = await place.enrol({ name: 'ps', localAddress: '127.30.2.2' });
    await place.server.call('addPackageServer', { body: { agentId: server.agentId, siteId } });
    const { id } = await create({ subscribers: { all: true } });
    await add(id, { guid: editor.guid });
    const feed = await server.openFeed();
    const kept = async () => (await configurationOf(server)).packageServer?.packages.map(({ guid }) => guid);
    expect(await kept()).toEqual([editor.guid]);
    await revert((await newest()).id);
    await eventually('it is told', () => feed.received.find(({ kind }) => kind === 'configuration-changed') ?? null);
    expect(await kept()).toEqual([]);
    feed.close();
  });
});

function pick({ name, items, subscribers }: Channel): Pick<Channel, 'name' | 'items' | 'subscribers'> {
  return { name, items, subscribers };
}
