import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import { codebasesAnswerSchema } from '../../shared/contracts/agent-api.ts';
import type { PackageAssignment, PackageServer } from '../../shared/contracts/package-servers-api.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent, TestFeed } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let siteId = '';
let agent: TestAgent;
let server: TestAgent;
let feed: TestFeed;
let subject: { readonly guid: PackageGuid; readonly version: string };
let sequence = 0;

beforeAll(async () => {
  place = await ServerPlace.start();
  const body = { name: 'Branch', subnets: ['127.30.1.0/24'], wanKilobitsPerSecond: 0 };
  siteId = (await place.server.call('createSite', { body })).id;
  agent = await place.enrol({ name: 'pc', localAddress: '127.30.1.9' });
  server = await place.enrol({ name: 'ps', localAddress: '127.30.1.2' });
  await started(server, '127.30.1.2');
  await started(agent, '127.30.1.9');
  feed = await server.openFeed();
  subject = await place.publish('package.bin');
});

afterAll(async () => {
  feed.close();
  await place.stop();
});

async function events(from: TestAgent, ...told: readonly object[]): Promise<number> {
  const body = {
    installationEpoch: from.identity.installationEpoch,
    events: told.map((event) => ({ sequence: ++sequence, atMs: Date.now(), ...event })),
  };
  return (await from.request('/events', { method: 'POST', body })).status;
}

async function started(from: TestAgent, address: string): Promise<void> {
  const lan = { name: 'lo', address, subnet: '127.30.1.0/24', port: 27801 };
  const self = { bootId: 1, productVersion: '0', platform: 'test', cpuCores: 1 };
  expect(await events(from, { kind: 'started', ...self, interfaces: [lan] })).toBe(200);
}

async function codebasesOf(asking: TestAgent): Promise<string[]> {
  const answer = await asking.request(`/packages/${subject.guid}/${subject.version}/codebases`);
  return codebasesAnswerSchema.parse(answer.json()).codebases.map(({ source, url }) => `${source} ${url}`);
}

function add(more: object = {}): Promise<PackageServer> {
  return place.server.call('addPackageServer', { body: { agentId: server.agentId, ...more } });
}

async function remove(): Promise<void> {
  await place.server.call('removePackageServer', { params: { agentId: server.agentId } });
}

describe('the Package Server role', () => {
  test('is in the configuration of the agent, and its site knows that it has one', async () => {
    expect((await configurationOf(server)).packageServer).toBeNull();
    expect((await configurationOf(agent)).site?.hasPackageServer).toBe(false);
    const shown = await add({ maxUpload: 500 });
    expect(shown).toMatchObject({ name: 'ps', online: true, servesSiteName: 'Branch', maxUpload: 500, freshFor: 24 });
    expect((await configurationOf(server)).packageServer).toMatchObject({ constrained: false, maxUpload: 500 });
    expect((await configurationOf(agent)).site?.hasPackageServer).toBe(true);
    await remove();
    expect((await configurationOf(server)).packageServer).toBeNull();
    expect((await configurationOf(agent)).site?.hasPackageServer).toBe(false);
  });

  test('sends the agents of the site there while it is online and on, and nobody to itself', async () => {
    const { agentUrl } = place.server;
    const own = 'package-server-own-site https://127.30.1.2:27801/package-server/v1';
    const last = `notification-server ${agentUrl}/agent/v1`;
    const { version } = await add();
    expect(await codebasesOf(agent)).toEqual([own, last]);
    expect(await codebasesOf(server)).toEqual([last]);
    const params = { agentId: server.agentId };
    await place.server.call('updatePackageServer', { params, body: { version, enabled: false } });
    expect(await codebasesOf(agent)).toEqual([last]);
    await place.server.call('updatePackageServer', { params, body: { version: version + 1, enabled: true } });
    feed.close();
    await eventually('it is offline', async () => ((await codebasesOf(agent)).length === 1 ? true : null));
    feed = await server.openFeed();
    expect(await codebasesOf(agent)).toEqual([own, last]);
    await remove();
  });

  test('constrained has only what is assigned to it', async () => {
    await add({ constrained: true });
    const params = subject;
    expect(await codebasesOf(agent)).toHaveLength(1);
    const modes: readonly PackageAssignment[] = [
      { mode: 'all' },
      { mode: 'listed', agentIds: [server.agentId] },
      { mode: 'sites', siteIds: [siteId] },
    ];
    for (const body of modes) {
      expect(await place.server.call('assignPackage', { params, body })).toEqual(body);
      expect(await place.server.call('packageAssignment', { params })).toEqual(body);
      expect(await codebasesOf(agent)).toHaveLength(2);
      expect((await configurationOf(server)).packageServer?.packages.map(({ guid }) => guid)).toEqual([subject.guid]);
    }
    await place.server.call('assignPackage', { params, body: { mode: 'on-demand' } });
    expect(await codebasesOf(agent)).toHaveLength(1);
    await remove();
  });

  test('keeps again what it kept before, where the assignment is taken back', async () => {
    await add();
    const params = subject;
    const newest = async () => (await place.server.call('audit', { query: { limit: '1' } }))[0]?.id;
    await place.server.call('assignPackage', { params, body: { mode: 'listed', agentIds: [server.agentId] } });
    await place.server.call('assignPackage', { params, body: { mode: 'all' } });
    const changed = await newest();
    await place.server.call('revertAudit', { params: { id: `${changed}` } });
    const back = await newest();
    expect(await place.server.call('packageAssignment', { params })).toMatchObject({ mode: 'listed' });
    await place.server.call('revertAudit', { params: { id: `${back}` } });
    expect(await place.server.call('packageAssignment', { params })).toEqual({ mode: 'all' });
    await remove();
    // What would bring the Package Server back into an assignment is refused while it is none.
    const { details } = await refusalOf(place.server.call('revertAudit', { params: { id: `${(back ?? 0) + 1}` } }));
    expect(details).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Package Server that is gone'),
    });
    await place.server.call('assignPackage', { params, body: { mode: 'on-demand' } });
  });

  test('is told apart from other computers that hold a package', async () => {
    await add();
    const holders = () => place.server.call('packageHolders', { params: subject });
    expect(await holders()).toEqual({ holders: [], agents: 0, complete: 0, packageServers: 0 });
    const [known] = await place.server.call('packages', {});
    const told = { kind: 'package-state', key: known?.key, blockCount: 1, detail: '' };
    await events(server, { ...told, state: 'ready', blocks: 1 });
    await events(agent, { ...told, state: 'failed', blocks: 0, detail: 'The disk is full.' });
    const found = await holders();
    expect(found).toMatchObject({ agents: 2, complete: 1, packageServers: 1 });
    expect(found.holders).toMatchObject([
      { name: 'pc', isPackageServer: false, state: 'failed', detail: 'The disk is full.', siteName: 'Branch' },
      { name: 'ps', isPackageServer: true, state: 'ready', blocks: 1, blockCount: 1, online: true },
    ]);
    await remove();
  });

  test('is saved over the version that was read, and every change is in the audit trail', async () => {
    const { version } = await add();
    const params = { agentId: server.agentId };
    await place.server.call('updatePackageServer', { params, body: { version, maxUpload: 7 } });
    const stale = await refusalOf(
      place.server.call('updatePackageServer', { params, body: { version, maxUpload: 8 } }),
    );
    expect(stale.details).toMatchObject({ code: 'version-conflict', current: { maxUpload: 7, version: version + 1 } });
    await remove();
    const actions = (await place.server.call('audit', { query: {} })).slice(0, 3).map(({ action }) => action);
    expect(actions).toEqual(['remove-package-server', 'update-package-server', 'add-package-server']);
  });

  test('shows what it served, and what that saved', async () => {
    await add();
    const { key } = (await place.server.call('packages', {}))[0] ?? { key: null };
    const portion = { agentId: agent.agentId, requests: 4, hits: 3, bytes: 900 };
    expect(await events(server, { kind: 'served', key, portions: [portion] })).toBe(200);
    const fetched = { source: 'notification-server', reason: 'lane', agentId: null, bytes: 300, blocks: 1 };
    expect(await events(server, { kind: 'transferred', key, portions: [fetched] })).toBe(200);
    const shown = await place.server.call('packageServer', { params: { agentId: server.agentId } });
    const traffic = { requests: 4, hits: 3, servedBytes: 900, fetchedBytes: 300, savedBytes: 600 };
    expect(shown.traffic).toEqual(traffic);
    expect(shown.served).toMatchObject([{ siteName: 'Branch', requests: 4, hits: 3, bytes: 900 }]);
    await remove();
  });
});

describe('what cannot be is refused with the field that is wrong', () => {
  const nobody = 'f'.repeat(32) as AgentId;

  test.each<[string, () => Promise<unknown>, string, string | undefined]>([
    [
      'an unknown agent',
      () => place.server.call('addPackageServer', { body: { agentId: nobody } }),
      'not-found',
      undefined,
    ],
    ['an unknown site', () => add({ siteId: 'nowhere' }), 'invalid-request', 'siteId'],
    ['a negative limit', () => add({ maxUpload: -1 }), 'invalid-request', 'maxUpload'],
    ['a cache of all of the disk', () => add({ maxCache: 100 }), 'invalid-request', 'maxCache'],
    ['a limit that is text', () => add({ freshFor: '24' }), 'invalid-request', 'freshFor'],
    [
      'an agent without the role',
      () => place.server.call('packageServer', { params: { agentId: agent.agentId } }),
      'not-found',
      undefined,
    ],
    [
      'an assignment to an agent without the role',
      () => place.server.call('assignPackage', { params: subject, body: { mode: 'listed', agentIds: [nobody] } }),
      'invalid-request',
      'agentIds.0',
    ],
    [
      'an assignment to an unknown site',
      () => place.server.call('assignPackage', { params: subject, body: { mode: 'sites', siteIds: ['nowhere'] } }),
      'invalid-request',
      'siteIds.0',
    ],
    [
      'an assignment of an unknown package',
      () => place.server.call('assignPackage', { params: { ...subject, version: '9' }, body: { mode: 'all' } }),
      'not-found',
      undefined,
    ],
  ])('%s', async (_what, attempt, code, field) => {
    const { details } = await refusalOf(attempt());
    expect(details.code).toBe(code);
    expect(details.fields?.[0]?.path).toBe(field);
    expect(await place.server.call('packageServers', {})).toEqual([]);
  });

  test('the role twice', async () => {
    await add();
    expect((await refusalOf(add())).details.code).toBe('conflict');
    await remove();
  });
});
