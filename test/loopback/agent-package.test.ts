import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import { eventually } from '../notification-server/support/test-server.ts';

let place: ServerPlace;

beforeAll(async () => {
  place = await ServerPlace.start();
});

afterAll(() => place.stop());

test('how long unused packages are kept is saved with its audit entry and pushed to agents', async () => {
  const agent = await place.enrol();
  expect((await configurationOf(agent)).agentPackage).toEqual({ deleteUnusedAfterHours: 168 });
  const feed = await agent.openFeed();
  const saved = await place.server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 720 } });
  expect(saved).toEqual({ deleteUnusedAfterHours: 720, warning: null });
  await eventually('the push', () => feed.received.find(({ kind }) => kind === 'configuration-changed') ?? null);
  expect((await configurationOf(agent)).agentPackage).toEqual({ deleteUnusedAfterHours: 720 });
  const [entry] = await place.server.call('audit', { query: {} });
  expect(entry).toMatchObject({
    action: 'update-agent-package',
    before: { deleteUnusedAfterHours: 168 },
    after: { deleteUnusedAfterHours: 720 },
  });
  feed.close();
});

test('less than a week is taken with a warning where peers download from each other, less than a day is refused', async () => {
  expect((await place.server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 48 } })).warning).toBeNull();
  const settings = { ...defaultAgentSettings, peerDownloading: true };
  await place.server.call('createPolicy', { body: { name: 'Peers', target: { kind: 'all' }, settings } });
  expect((await place.server.call('agentPackage', {})).warning).toMatch(/one week/);
  const refusal = await place.server
    .call('updateAgentPackage', { body: { deleteUnusedAfterHours: 23 } })
    .catch((error: unknown) => error);
  expect(refusal).toMatchObject({ status: 400, details: { fields: [{ path: 'deleteUnusedAfterHours' }] } });
});

test('a site is an office until it is called something else, and its agents are told', async () => {
  const agent = await place.enrol();
  const draft = { name: 'Here', subnets: ['127.0.0.0/8'], wanKilobitsPerSecond: 0 };
  const site = await place.server.call('createSite', { body: draft });
  expect(site.locationType).toBe('office');
  const update = (body: typeof draft & { locationType?: 'vpn'; version: number }) =>
    place.server.call('updateSite', { params: { id: site.id }, body });
  expect((await update({ ...draft, locationType: 'vpn', version: 1 })).locationType).toBe('vpn');
  expect((await update({ ...draft, wanKilobitsPerSecond: 8000, version: 2 })).locationType).toBe('vpn');
  expect((await configurationOf(agent)).site).toMatchObject({ name: 'Here', locationType: 'vpn' });
});
