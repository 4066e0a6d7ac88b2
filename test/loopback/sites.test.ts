import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { SiteDraft } from '../../shared/contracts/sites-api.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;

beforeEach(async () => {
  place = await ServerPlace.start();
});

afterEach(() => place.stop());

function draft(name: string, more: Partial<SiteDraft> = {}): SiteDraft {
  return { name, subnets: [], wanKilobitsPerSecond: 0, ...more };
}

const create = (name: string, more: Partial<SiteDraft> = {}) =>
  place.server.call('createSite', { body: draft(name, more) });

/** The refusal of a call that must not succeed. */
async function refusal(call: Promise<unknown>): Promise<{ status: number; code: string; paths: string[] }> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error === null) throw new Error('it was not refused');
  const { status, details } = error as { status: number; details: { code: string; fields?: { path: string }[] } };
  return { status, code: details.code, paths: (details.fields ?? []).map(({ path }) => path) };
}

describe('sites', () => {
  test('have the defaults of a new site, keep what an update leaves out, and are audited', async () => {
    const made = await create('Berlin', { subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 8000 });
    expect(made).toMatchObject({
      parentId: null,
      wanOutKilobitsPerSecond: 0,
      acquisitionSchedule: '',
      distributionSchedule: '',
      timeZone: 'UTC',
      locationType: 'office',
      sharesLan: true,
      version: 1,
      updatedBy: 'command line',
      agents: 0,
    });
    const { id } = made;
    const more = { timeZone: 'Europe/Berlin', acquisitionSchedule: 'Mon-Fri 8-18 25 %', sharesLan: false };
    const body = { ...draft('Berlin', { subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 8000 }), version: 1 };
    const changed = await place.server.call('updateSite', { params: { id }, body: { ...body, ...more } });
    expect(changed).toMatchObject({ ...more, acquisitionSchedule: 'mon-fri 08-18 25%', version: 2 });
    const renamed = await place.server.call('updateSite', { params: { id }, body: { ...body, name: 'B', version: 2 } });
    expect(renamed).toMatchObject({ name: 'B', ...more, acquisitionSchedule: 'mon-fri 08-18 25%', version: 3 });
    expect(await place.server.call('site', { params: { id } })).toEqual(renamed);
    const [entry] = await place.server.call('audit', { query: {} });
    expect(entry).toMatchObject({
      action: 'update-site',
      before: { name: 'Berlin', version: 2 },
      after: { name: 'B' },
    });
  });

  test('are saved over the version that somebody has seen only, and both sides are told', async () => {
    const { id } = await create('One');
    const save = (name: string) =>
      place.server.call('updateSite', { params: { id }, body: { ...draft(name), version: 1 } });
    const saves = await Promise.allSettled([save('Two'), save('Three')]);
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = saves.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    const stored = await place.server.call('site', { params: { id } });
    expect(refused.reason).toMatchObject({ status: 409, details: { code: 'version-conflict', current: stored } });
  });

  test('changed at the same moment follow the rules of all of them together', async () => {
    const [one, two] = [await create('One'), await create('Two')];
    const below = (id: string, name: string, parentId: string) =>
      place.server.call('updateSite', { params: { id }, body: { ...draft(name, { parentId }), version: 1 } });
    const circle = await Promise.allSettled([below(one.id, 'One', two.id), below(two.id, 'Two', one.id)]);
    expect(circle.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const overlap = await Promise.allSettled(
      ['North', 'South'].map((name, n) => create(name, { subnets: [`10.0.0.0/${8 + n}`] })),
    );
    expect(overlap.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await place.server.call('sites', {})).map(({ name }) => name)).toHaveLength(3);
  });

  test('stand in a tree, which a deletion keeps whole', async () => {
    const top = await create('Europe');
    const middle = await create('Germany', { parentId: top.id, subnets: ['127.0.0.0/8'] });
    await create('Berlin', { parentId: middle.id });
    await create('Hamburg', { parentId: middle.id });
    await place.enrol();
    const tree = async () =>
      (await place.server.call('siteTree', {})).map(({ name, depth, agents, agentsWithBelow }) => [
        name,
        depth,
        agents,
        agentsWithBelow,
      ]);
    expect(await tree()).toEqual([
      ['Europe', 0, 0, 1],
      ['Germany', 1, 1, 1],
      ['Berlin', 2, 0, 0],
      ['Hamburg', 2, 0, 0],
    ]);
    const remove = (query: { moveChildrenTo?: string }) =>
      place.server.call('deleteSite', { params: { id: middle.id }, query });
    expect(await refusal(remove({}))).toMatchObject({ status: 409, code: 'conflict' });
    expect(await refusal(remove({ moveChildrenTo: middle.id }))).toMatchObject({
      status: 400,
      paths: ['moveChildrenTo'],
    });
    await remove({ moveChildrenTo: top.id });
    expect(await tree()).toEqual([
      ['Europe', 0, 0, 0],
      ['Berlin', 1, 0, 0],
      ['Hamburg', 1, 0, 0],
    ]);
    await place.server.call('deleteSite', { params: { id: top.id }, query: { moveChildrenTo: 'top' } });
    expect((await tree()).map(([name, depth]) => [name, depth])).toEqual([
      ['Berlin', 0],
      ['Hamburg', 0],
    ]);
    expect((await place.server.call('audit', { query: {} }))[0]).toMatchObject({ action: 'delete-site', after: null });
  });

  test('that a policy targets are not deleted', async () => {
    const { id } = await create('Berlin');
    const target = { kind: 'sites' as const, siteIds: [id] };
    const body = { name: 'Of Berlin', target, settings: defaultAgentSettings };
    const policy = await place.server.call('createPolicy', { body });
    const remove = () => place.server.call('deleteSite', { params: { id }, query: {} });
    await expect(remove()).rejects.toMatchObject({ status: 409, message: expect.stringContaining('"Of Berlin"') });
    await place.server.call('deletePolicy', { params: { id: policy.id } });
    await remove();
    expect(await refusal(remove())).toMatchObject({ status: 404 });
  });

  test('take in agents of subnets without a site, which are listed with a suggestion', async () => {
    const agent = await place.enrol();
    await create('Near', { subnets: ['127.0.7.0/24'] });
    const [site] = await place.server.call('sites', {});
    expect(await place.server.call('unassignedSubnets', {})).toEqual([
      {
        subnet: '127.0.0.0/24',
        agents: 1,
        suggestions: [{ siteId: site?.id, siteName: 'Near', nearSubnet: '127.0.7.0/24' }],
      },
    ]);
    await create('Here', { subnets: ['127.0.0.0/24'] });
    expect(await place.server.call('unassignedSubnets', {})).toEqual([]);
    expect((await configurationOf(agent)).site?.name).toBe('Here');
  });

  test('are exported and imported as a table, all or none, after a dry run', async () => {
    await create('Europe');
    const importTable = (csv: string, dryRun = false) => place.server.call('importSites', { body: { csv, dryRun } });
    const csv = 'name,parent,subnets,timeZone\nBerlin,Europe,10.1.0.0/16,Europe/Berlin\nEurope,,,UTC\n';
    const planned = { created: ['Berlin'], updated: [], unchanged: ['Europe'] };
    expect(await importTable(csv, true)).toEqual({ applied: false, ...planned });
    expect(await place.server.call('sites', {})).toHaveLength(1);
    expect(await importTable(csv)).toEqual({ applied: true, ...planned });
    const [berlin, europe] = await place.server.call('sites', {});
    expect(berlin).toMatchObject({ name: 'Berlin', parentId: europe?.id, timeZone: 'Europe/Berlin', sharesLan: true });
    const { csv: table } = await place.server.call('exportSites', {});
    expect(table).toContain('\r\nBerlin,Europe,10.1.0.0/16,0,0,,,Europe/Berlin,office,yes\r\n');
    expect(await importTable(table)).toEqual({
      applied: true,
      created: [],
      updated: [],
      unchanged: ['Europe', 'Berlin'],
    });
    expect((await place.server.call('audit', {}))[0]).toMatchObject({ action: 'import-sites', before: [] });

    const wrong = 'name,subnets\nParis,10.2.0.0/16\nRome,10.1.9.0/24\nOslo,fjord\n';
    const refused = await refusal(importTable(wrong));
    expect(refused).toEqual({ status: 400, code: 'invalid-request', paths: ['csv.4.subnets'] });
    const overlapping = await refusal(importTable(wrong.replace('fjord', '')));
    expect(overlapping.paths).toEqual(['csv.3.subnets']);
    for (const body of [{}, { csv: '' }, { csv: 7 }, { csv: 'name', dryRun: 'no' }, { csv: 'x'.repeat(1_500_001) }]) {
      const answer = await refusal(place.server.call('importSites', { body: body as { csv: string } }));
      expect([400, 413]).toContain(answer.status);
      expect(answer.paths[0]).toMatch(/^(csv|dryRun)/);
    }
    expect((await place.server.call('sites', {})).map(({ name }) => name)).toEqual(['Berlin', 'Europe']);
  });

  test('refuse hostile and wrong input with the field that is wrong, and stay as they are', async () => {
    const known = await create('Known', { subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 1000 });
    const before = await place.server.call('sites', {});
    const cases: [unknown, string][] = [
      [{}, 'name'],
      [{ ...draft('x'), name: ' ' }, 'name'],
      [{ ...draft('x'), name: 'x'.repeat(65) }, 'name'],
      [{ ...draft('x'), name: { $ne: null } }, 'name'],
      [draft('Known'), 'name'],
      [draft('x', { subnets: ['10.1.2.0/24'] }), 'subnets.0'],
      [draft('x', { subnets: ['10.2.0.0/16', '10.2.0.1/16'] }), 'subnets.1'],
      [draft('x', { subnets: ["'; DROP TABLE sites; --"] }), 'subnets.0'],
      [draft('x', { subnets: Array.from({ length: 257 }, (_, n) => `11.0.${n % 256}.0/24`) }), 'subnets'],
      [draft('x', { wanKilobitsPerSecond: -1 }), 'wanKilobitsPerSecond'],
      [draft('x', { wanKilobitsPerSecond: 0.5 }), 'wanKilobitsPerSecond'],
      [draft('x', { wanOutKilobitsPerSecond: 1e300 }), 'wanOutKilobitsPerSecond'],
      [draft('x', { parentId: 'nobody' }), 'parentId'],
      [draft('x', { timeZone: 'Mars/Olympus' }), 'timeZone'],
      [draft('x', { timeZone: '+02:00' }), 'timeZone'],
      [draft('x', { acquisitionSchedule: '08-18 25%' }), 'acquisitionSchedule'],
      [draft('x', { distributionSchedule: 'always' }), 'distributionSchedule'],
      [draft('x', { distributionSchedule: 'x'.repeat(1_000_000) }), 'distributionSchedule'],
      [draft('x', { sharesLan: true, subnets: ['11.0.0.0/8'] }), 'sharesLan'],
      [{ ...draft('x'), locationType: 'moon' }, 'locationType'],
    ];
    for (const [body, path] of cases) {
      const created = refusal(place.server.call('createSite', { body: body as SiteDraft }));
      expect((await created).paths, JSON.stringify(body).slice(0, 100)).toContain(path);
      expect((await created).status).toBe(400);
    }
    const update = { ...draft('Known'), parentId: known.id, version: 1 };
    const circle = await refusal(place.server.call('updateSite', { params: { id: known.id }, body: update }));
    expect(circle).toEqual({ status: 400, code: 'invalid-request', paths: ['parentId'] });
    const missing = place.server.call('updateSite', { params: { id: 'nobody' }, body: { ...draft('x'), version: 1 } });
    expect(await refusal(missing)).toMatchObject({ status: 404 });
    expect(await refusal(place.server.call('site', { params: { id: '../agents' } }))).toMatchObject({ status: 404 });
    expect(await place.server.call('sites', {})).toEqual(before);
  });
});
