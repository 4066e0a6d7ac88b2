import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PolicyFile } from '../../shared/contracts/policy-file.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let first: ServerPlace;
let second: ServerPlace;
let file: PolicyFile;

const site = (name: string) => ({ name, subnets: ['127.1.0.0/16'], wanKilobitsPerSecond: 0 });

beforeAll(async () => {
  [first, second] = await Promise.all([ServerPlace.start(), ServerPlace.start()]);
  const { id } = await first.server.call('createSite', { body: site('North') });
  const settings = { ...defaultAgentSettings, peerDownloading: true, maxUpload: 500 };
  const target = { kind: 'sites' as const, siteIds: [id], withChildren: true };
  await first.server.call('createPolicy', { body: { name: 'Branches', target, settings } });
  await first.server.call('createPolicy', {
    body: { name: 'Labs', target: { kind: 'tags', tags: ['lab'] }, settings: defaultAgentSettings },
  });
  file = await first.server.call('exportPolicies', { query: {} });
});

afterAll(() => Promise.all([first.stop(), second.stop()]));

const importInto = (place: ServerPlace, content: unknown, dryRun = false) =>
  place.server.call('importPolicies', { body: { file: content as PolicyFile, dryRun } });

function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'not refused',
    (error: unknown) => error,
  );
}

test('an export has every policy in its order, with the names of sites, or only those asked for', async () => {
  expect(file.policies.map(({ name, isGlobal }) => [name, isGlobal])).toEqual([
    ['Branches', false],
    ['Labs', false],
    ['Global', true],
  ]);
  expect(file.policies[0]?.target).toEqual({ kind: 'sites', siteNames: ['North'], withChildren: true });
  const labs = (await first.server.call('policies', {})).find(({ name }) => name === 'Labs');
  const one = await first.server.call('exportPolicies', { query: { ids: labs?.id } });
  expect(one.policies.map(({ name }) => name)).toEqual(['Labs']);
  const unknown = first.server.call('exportPolicies', { query: { ids: `${labs?.id},nobody` } });
  expect(await refusalOf(unknown)).toMatchObject({ status: 404 });
});

test('a server that exported changes nothing when it imports', async () => {
  const before = await first.server.call('policies', {});
  expect(await importInto(first, file)).toEqual({
    dryRun: false,
    created: [],
    updated: [],
    unchanged: ['Branches', 'Labs', 'Global'],
  });
  expect(await first.server.call('policies', {})).toEqual(before);
});

test('what another server lacks is named by its path, and nothing is imported', async () => {
  expect(await refusalOf(importInto(second, file))).toMatchObject({
    status: 400,
    details: { fields: [{ path: 'file.policies.0.target.siteNames.0', message: 'There is no site "North".' }] },
  });
  expect(await second.server.call('policies', {})).toHaveLength(1);
});

test('another server gets the policies, after a dry run that changes nothing', async () => {
  const { id } = await second.server.call('createSite', { body: site('North') });
  const [branches, labs, global] = file.policies;
  if (branches === undefined || labs === undefined || global === undefined) throw new Error('policies are missing');
  const changedGlobal = { ...global, settings: { ...global.settings, maxDownload: 9 } };
  const changed = { ...file, policies: [branches, labs, changedGlobal] };
  const expected = {
    created: ['Branches', 'Labs'],
    updated: [{ name: 'Global', changed: ['settings.maxDownload'] }],
    unchanged: [],
  };
  expect(await importInto(second, changed, true)).toEqual({ dryRun: true, ...expected });
  expect(await second.server.call('policies', {})).toHaveLength(1);
  expect(await importInto(second, changed)).toEqual({ dryRun: false, ...expected });
  expect(await second.server.call('policies', {})).toMatchObject([
    { name: 'Branches', target: { kind: 'sites', siteIds: [id], withChildren: true }, settings: { maxUpload: 500 } },
    { name: 'Labs', version: 1 },
    { name: 'Global', target: { kind: 'all' }, settings: { maxDownload: 9 }, version: 2 },
  ]);
  const audit = await second.server.call('audit', { query: { action: 'import-policy' } });
  expect(audit.map(({ subject }) => subject)).toEqual(['Global', 'Labs', 'Branches']);
  await second.server.call('revertAudit', { params: { id: `${audit[0]?.id}` } });
  expect((await second.server.call('policies', {})).at(-1)?.settings.maxDownload).toBe(0);
});

test.each([
  [() => ({}), 'file.format'],
  [() => ({ ...file, version: 2 }), 'file.version'],
  [() => ({ ...file, policies: [] }), 'file.policies'],
  [() => ({ ...file, policies: [...file.policies, file.policies[1]] }), 'file.policies.3.name'],
  [
    () => ({ ...file, policies: [{ ...file.policies[1], settings: { ...defaultAgentSettings, port: 1 } }] }),
    'file.policies.0.settings.port',
  ],
  [
    () => ({ ...file, policies: [{ ...file.policies[1], target: { kind: 'sites', siteIds: ['x'] } }] }),
    'file.policies.0.target.siteNames',
  ],
])('a file with a fault is refused at its path, and nothing is imported (%#)', async (content, path) => {
  const before = await first.server.call('policies', {});
  const refusal = await refusalOf(importInto(first, content()));
  expect(refusal).toMatchObject({
    status: 400,
    details: { fields: expect.arrayContaining([expect.objectContaining({ path })]) },
  });
  expect(await first.server.call('policies', {})).toEqual(before);
});

test('a policy whose name two have here is refused', async () => {
  await first.server.call('createPolicy', {
    body: { name: 'Labs', target: { kind: 'all' }, settings: defaultAgentSettings },
  });
  expect(await refusalOf(importInto(first, file))).toMatchObject({
    status: 400,
    details: { fields: [{ path: 'file.policies.1.name' }] },
  });
});
