import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentConfigurationSchema } from '../../shared/contracts/agent-api.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { TestAgent } from '../notification-server/support/test-agent.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: TestServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  server = await startTestServer(folder.path);
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

const configurationOf = async (agent: TestAgent) =>
  agentConfigurationSchema.parse((await agent.request('/configuration')).json());

test('how long unused packages are kept is saved with its audit entry and pushed to agents', async () => {
  const agent = await TestAgent.enrol(server.agentUrl, await server.makeJoinToken());
  expect((await configurationOf(agent)).agentPackage).toEqual({ deleteUnusedAfterHours: 168 });
  const feed = await agent.openFeed();
  const saved = await server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 720 } });
  expect(saved).toEqual({ deleteUnusedAfterHours: 720, warning: null });
  await eventually('the push', () => feed.received.find(({ kind }) => kind === 'configuration-changed') ?? null);
  expect((await configurationOf(agent)).agentPackage).toEqual({ deleteUnusedAfterHours: 720 });
  const [entry] = await server.call('audit', {});
  expect(entry).toMatchObject({
    action: 'update-agent-package',
    before: { deleteUnusedAfterHours: 168 },
    after: { deleteUnusedAfterHours: 720 },
  });
  feed.close();
});

test('less than a week is taken with a warning where peers download from each other, less than a day is refused', async () => {
  expect((await server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 48 } })).warning).toBeNull();
  const settings = { ...defaultAgentSettings, peerDownloading: true };
  await server.call('createPolicy', { body: { name: 'Peers', target: { kind: 'all' }, settings } });
  expect((await server.call('agentPackage', {})).warning).toMatch(/one week/);
  const refusal = await server
    .call('updateAgentPackage', { body: { deleteUnusedAfterHours: 23 } })
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ status: 400, details: { fields: [{ path: 'deleteUnusedAfterHours' }] } });
});

test('a site is an office until it is called something else, and its agents are told', async () => {
  const agent = await TestAgent.enrol(server.agentUrl, await server.makeJoinToken());
  const draft = { name: 'Here', subnets: ['127.0.0.0/8'], wanKilobitsPerSecond: 0 };
  const site = await server.call('createSite', { body: draft });
  expect(site.locationType).toBe('office');
  const update = (body: typeof draft & { locationType?: 'vpn' }) =>
    server.call('updateSite', { params: { id: site.id }, body });
  expect((await update({ ...draft, locationType: 'vpn' })).locationType).toBe('vpn');
  expect((await update({ ...draft, wanKilobitsPerSecond: 8000 })).locationType).toBe('vpn');
  expect((await configurationOf(agent)).site).toMatchObject({ name: 'Here', locationType: 'vpn' });
});
