import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;
let siteId: string;

beforeAll(async () => {
  place = await ServerPlace.start();
  const body = { name: 'North', subnets: ['127.1.0.0/16'], wanKilobitsPerSecond: 0 };
  siteId = (await place.server.call('createSite', { body })).id;
});

afterAll(() => place.stop());

function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'not refused',
    (error: unknown) => error,
  );
}

describe('the default software update plug-in policy', () => {
  test('installs at the end of the working day until it is changed, and stays over a restart', async () => {
    const present = await place.server.call('plugInPolicy', {});
    expect(present).toEqual({ policy: { install: 'at-time', timeOfDay: '17:00' }, warning: null });
    const body = { install: 'as-soon-as-possible' } as const;
    const saved = await place.server.call('updatePlugInPolicy', { body });
    expect(saved).toMatchObject({ policy: body, warning: expect.stringContaining('serves no peers') });
    await place.restartServer();
    expect((await place.server.call('plugInPolicy', {})).policy).toEqual(body);
  });

  test.each([
    [{ install: 'never' }, 'install'],
    [{ install: 'at-time' }, 'timeOfDay'],
    [{ install: 'at-time', timeOfDay: '24:00' }, 'timeOfDay'],
  ])('is refused as %j at its field', async (body, path) => {
    const refusal = await refusalOf(place.server.call('updatePlugInPolicy', { body: body as never }));
    expect(refusal).toMatchObject({ status: 400, details: { fields: [{ path }] } });
  });
});

describe('targeted site settings', () => {
  const draft = (name: string, settings = defaultSiteSettings) => ({
    name,
    target: { kind: 'all' } as const,
    settings,
  });

  test('hold by priority, warn, are saved over the version before only, and are deleted', async () => {
    const { server } = place;
    const isolated = { ...defaultSiteSettings, preventNotificationServer: true };
    const everywhere = await server.call('createSiteSettings', { body: draft('Everywhere') });
    const north = await server.call('createSiteSettings', {
      body: { ...draft('North', isolated), target: { kind: 'sites', siteIds: [siteId] } },
    });
    expect([everywhere.appliesToSites, north.appliesToSites, north.warnings.length]).toEqual([1, 0, 1]);
    const ids = [north.id, everywhere.id];
    const ordered = await server.call('orderSiteSettings', { body: { ids } });
    expect(ordered.map(({ name, appliesToSites }) => [name, appliesToSites])).toEqual([
      ['North', 1],
      ['Everywhere', 0],
    ]);
    const params = { id: north.id };
    const update = { ...draft('Far north', isolated), version: north.version };
    const saves = await Promise.allSettled(
      [1, 2].map(() => server.call('updateSiteSettings', { params, body: update })),
    );
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(saves.find((save) => save.status === 'rejected')?.reason).toMatchObject({
      status: 409,
      details: { code: 'version-conflict', current: { name: 'Far north', version: 2 } },
    });
    await place.restartServer();
    for (const id of ids) await place.server.call('deleteSiteSettings', { params: { id } });
    expect(await place.server.call('siteSettings', {})).toEqual([]);
  });

  test('are not put into an order that somebody made from another one, of two at the same moment neither', async () => {
    const { server } = place;
    const made: string[] = [];
    for (const name of ['A', 'B', 'C']) made.push((await server.call('createSiteSettings', { body: draft(name) })).id);
    const [a, b, c] = made as [string, string, string];
    const stored = async () => (await server.call('siteSettings', {})).map(({ id }) => id);
    const order = (ids: string[], seen: string[]) => server.call('orderSiteSettings', { body: { ids, seen } });
    await order([b, a, c], [a, b, c]);
    const conflict = { status: 409, details: { code: 'conflict', message: expect.stringMatching(/Somebody else/) } };
    expect(await refusalOf(order([a, c, b], [a, b, c]))).toMatchObject(conflict);
    expect(await stored()).toEqual([b, a, c]);
    const both = await Promise.allSettled([order([c, b, a], [b, a, c]), order([a, b, c], [b, a, c])]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both.find((one) => one.status === 'rejected')?.reason).toMatchObject(conflict);
    expect(await stored()).toEqual(both[0]?.status === 'fulfilled' ? [c, b, a] : [a, b, c]);
    const added = (await server.call('createSiteSettings', { body: draft('D') })).id;
    const present = await stored();
    expect(await refusalOf(order(made, made))).toMatchObject(conflict);
    expect(await refusalOf(order([...made, a], present))).toMatchObject({ status: 409 });
    expect(await stored()).toEqual(present);
    for (const id of [...made, added]) await server.call('deleteSiteSettings', { params: { id } });
  });

  test('are refused for sites that are not there, and with wrong values', async () => {
    const { server } = place;
    const target = { kind: 'sites', siteIds: [siteId, 'nowhere'] } as const;
    const unknown = server.call('createSiteSettings', {
      body: { ...draft('X'), target: { ...target, siteIds: [...target.siteIds] } },
    });
    expect(await refusalOf(unknown)).toMatchObject({
      status: 400,
      details: { fields: [{ path: 'target.siteIds.1' }] },
    });
    const settings = { ...defaultSiteSettings, sharedOutboundKilobytesPerSecond: -1 };
    expect(await refusalOf(server.call('createSiteSettings', { body: draft(' ', settings) }))).toMatchObject({
      status: 400,
      details: { fields: [{ path: 'name' }, { path: 'settings.sharedOutboundKilobytesPerSecond' }] },
    });
    const lost = server.call('orderSiteSettings', { body: { ids: ['nobody'] } });
    expect(await refusalOf(lost)).toMatchObject({ status: 409 });
    expect(await refusalOf(server.call('deleteSiteSettings', { params: { id: 'nobody' } }))).toMatchObject({
      status: 404,
    });
    expect(await server.call('siteSettings', {})).toEqual([]);
  });
});

test('every value that holds for an agent names where it comes from', async () => {
  const { server } = place;
  const settings = { ...defaultAgentSettings, maxUpload: 700, peerDownloading: true };
  const target = { kind: 'names', patterns: ['traced-*'] } as const;
  const body = { name: 'Traced', target: { ...target, patterns: [...target.patterns] }, settings };
  const policy = await server.call('createPolicy', { body });
  await server.call('createSiteSettings', {
    body: {
      name: 'Ships',
      target: { kind: 'sites', siteIds: [siteId] },
      settings: { ...defaultSiteSettings, preventForeignPackageServers: true },
    },
  });
  const agent = await place.enrol({ name: 'Traced-1', localAddress: '127.1.0.9' });
  const effective = await server.call('effectiveSettings', { params: { agentId: agent.agentId } });
  const of = (key: string) => effective.find((setting) => setting.key === key);
  expect(of('maxUpload')).toMatchObject({ value: 700, from: { kind: 'policy', id: policy.id, name: 'Traced' } });
  expect(of('port')).toMatchObject({ value: 27801, from: { kind: 'default', id: policy.id } });
  expect(of('deleteUnusedAfterHours')).toMatchObject({ page: 'agent-package', from: { kind: 'default' } });
  expect(of('preventForeignPackageServers')).toMatchObject({ value: true, from: { name: 'Ships' } });
  const nobody = server.call('effectiveSettings', { params: { agentId: '0'.repeat(32) as never } });
  expect(await refusalOf(nobody)).toMatchObject({ status: 404 });
});

test('a policy with peer downloading says where packages stay for less than a week', async () => {
  const { server } = place;
  const settings = { ...defaultAgentSettings, peerDownloading: true };
  const made = await server.call('createPolicy', { body: { name: 'Peers', target: { kind: 'all' }, settings } });
  expect(made.warnings).toEqual([]);
  await server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 48 } });
  const policies = await server.call('policies', {});
  expect(policies.find(({ id }) => id === made.id)?.warnings).toMatchObject([
    { key: 'peerDownloading', message: expect.stringContaining('one week') },
  ]);
  expect(policies.at(-1)?.warnings).toEqual([]);
});
