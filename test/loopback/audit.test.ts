import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changesHeader, changesNamed } from '../../shared/contracts/audit-api.ts';
import type { Policy } from '../../shared/contracts/console-api.ts';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import { consoleRequest } from '../../shared/contracts/console-request.ts';
import type { ConsoleRouteName } from '../../shared/contracts/console-routes.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;

beforeAll(async () => {
  place = await ServerPlace.start();
});

afterAll(() => place.stop());

const create = (name: string) =>
  place.server.call('createPolicy', { body: { name, target: { kind: 'all' }, settings: defaultAgentSettings } });
const save = (policy: Policy, settings: Partial<AgentSettings>) =>
  place.server.call('updatePolicy', {
    params: { id: policy.id },
    body: { ...policy, settings: { ...policy.settings, ...settings } },
  });
const entries = (query: { subject?: string; action?: string; who?: string; limit?: string; before?: string } = {}) =>
  place.server.call('audit', { query });
const newest = async () => {
  const [entry] = await entries({ limit: '1' });
  if (entry === undefined) throw new Error('the audit trail is empty');
  return entry;
};
const revert = (id: number) => place.server.call('revertAudit', { params: { id: `${id}` } });
const names = async () => (await place.server.call('policies', {})).map(({ name }) => name);

function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'not refused',
    (error: unknown) => error,
  );
}

describe('the audit trail', () => {
  test('is read in pages and by who, action and subject', async () => {
    for (const name of ['Paged one', 'Paged two', 'Paged three']) await create(name);
    const first = await entries({ subject: 'PAGED', limit: '2' });
    expect(first.map(({ subject }) => subject)).toEqual(['Paged three', 'Paged two']);
    const rest = await entries({ subject: 'paged', before: `${first.at(-1)?.id}` });
    expect(rest.map(({ subject }) => subject)).toEqual(['Paged one']);
    expect(await entries({ subject: 'paged', action: 'delete-policy' })).toEqual([]);
    expect(await entries({ subject: 'paged', who: 'nobody' })).toEqual([]);
  });

  test.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '501' }, 'limit'],
    [{ before: 'x' }, 'before'],
    [{ subject: 'x'.repeat(201) }, 'subject'],
  ])('refuses %j at its field', async (query, path) => {
    expect(await refusalOf(entries(query))).toMatchObject({ status: 400, details: { fields: [{ path }] } });
  });
});

describe('the answer to a change', () => {
  const changesNamedBy = async <Name extends ConsoleRouteName>(name: Name, call: ConsoleCall<Name>) => {
    const { method, path, body } = consoleRequest(name, call);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { authorization: `Bearer ${place.server.apiToken}`, ...type };
    const answer = await fetch(place.server.consoleUrl + path, { method, headers, body: body ?? null });
    expect(answer.ok).toBe(true);
    return answer.headers.get(changesHeader);
  };

  test('names the entries that take it back, the newest first, and nothing where that is not possible', async () => {
    const policy = await create('Named');
    const { version } = policy;
    const saved = await changesNamedBy('updatePolicy', { params: { id: policy.id }, body: { ...policy, version } });
    expect(saved).toBe(`${(await newest()).id}`);
    const file = await place.server.call('exportPolicies', { query: { ids: policy.id } });
    const [exported] = file.policies;
    if (exported === undefined) throw new Error('the file has the policy');
    const policies = [
      { ...exported, name: 'Named too' },
      { ...exported, name: 'And named' },
    ];
    const imported = await changesNamedBy('importPolicies', { body: { file: { ...file, policies }, dryRun: false } });
    const { id } = await newest();
    expect(changesNamed(imported)).toEqual([id, id - 1]);
    expect(await changesNamedBy('policies', {})).toBeNull();
    expect(await changesNamedBy('joinToken', {})).toBeNull();
    for (const change of changesNamed(imported)) await revert(change);
    expect(await names()).not.toContain('And named');
  });
});

describe('a change that is taken back', () => {
  test('of a policy is a save of its own, and is taken back in turn', async () => {
    const policy = await create('Back and forth');
    await save(policy, { maxUpload: 123 });
    const change = await newest();
    const back = await revert(change.id);
    expect(back).toMatchObject({ action: 'revert-policy', subject: 'Back and forth', reverts: change.id });
    const stored = async () => (await place.server.call('policies', {})).find(({ id }) => id === policy.id);
    expect(await stored()).toMatchObject({ version: 3, settings: defaultAgentSettings });
    await revert(back.id);
    expect(await stored()).toMatchObject({ version: 4, settings: { ...defaultAgentSettings, maxUpload: 123 } });
    expect((await newest()).reverts).toBe(back.id);
  });

  test('of a policy that changed since is refused with what changed', async () => {
    const policy = await create('Changed since');
    const saved = await save(policy, { maxUpload: 123 });
    const change = await newest();
    await save(saved, { maxDownload: 456 });
    expect(await refusalOf(revert(change.id))).toMatchObject({
      status: 409,
      details: {
        code: 'version-conflict',
        message: '"Changed since" changed since: settings.maxDownload. Take the later changes back first.',
        fields: [{ path: 'settings.maxDownload' }],
        current: { name: 'Changed since', settings: { maxUpload: 123, maxDownload: 456 } },
      },
    });
    const later = await newest();
    await revert(later.id);
    await revert(change.id);
    expect((await place.server.call('policies', {})).find(({ id }) => id === policy.id)?.settings).toEqual(
      defaultAgentSettings,
    );
  });

  test('brings a deleted policy back to its place, and takes a made one away', async () => {
    const before = await names();
    const policy = await create('Gone');
    const made = await newest();
    await place.server.call('deletePolicy', { params: { id: policy.id } });
    const deleted = await newest();
    await create('After it');
    expect(await refusalOf(revert(made.id))).toMatchObject({ status: 409 });
    await revert(deleted.id);
    expect((await names()).slice(-3)).toEqual(['Gone', 'After it', 'Global']);
    expect(await refusalOf(revert(deleted.id))).toMatchObject({ status: 409 });
    await revert(made.id);
    expect(await names()).toEqual([...before.slice(0, -1), 'After it', 'Global']);
  });

  test('of the order holds only while the same policies are there', async () => {
    const before = await names();
    const ids = (await place.server.call('policies', {})).filter(({ isGlobal }) => !isGlobal).map(({ id }) => id);
    await place.server.call('orderPolicies', { body: { ids: ids.toReversed() } });
    const change = await newest();
    await revert(change.id);
    expect(await names()).toEqual(before);
    const again = await newest();
    await create('One more');
    expect(await refusalOf(revert(again.id))).toMatchObject({ status: 409, details: { fields: [{ path: 'order' }] } });
  });

  test('of a site, unless something else needs its place or the site itself', async () => {
    const { server } = place;
    const draft = { name: 'North', subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 0 };
    const site = await server.call('createSite', { body: draft });
    const made = await newest();
    const params = { id: site.id };
    await server.call('updateSite', { params, body: { ...draft, subnets: ['10.2.0.0/16'], version: 1 } });
    const moved = await newest();
    const other = { name: 'South', subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 0 };
    const south = await server.call('createSite', { body: other });
    expect(await refusalOf(revert(moved.id))).toMatchObject({
      status: 400,
      details: { fields: [{ path: 'subnets.0' }] },
    });
    await server.call('deleteSite', { params: { id: south.id }, query: {} });
    await revert(moved.id);
    expect((await server.call('sites', {})).map(({ subnets, version }) => [subnets, version])).toEqual([
      [['10.1.0.0/16'], 3],
    ]);
    const target = { kind: 'sites' as const, siteIds: [site.id] };
    const policy = await server.call('createPolicy', {
      body: { name: 'Of the site', target, settings: defaultAgentSettings },
    });
    expect(await refusalOf(revert(made.id))).toMatchObject({ status: 409, details: { code: 'conflict' } });
    await server.call('deletePolicy', { params: { id: policy.id } });
    await revert(made.id);
    expect(await server.call('sites', {})).toEqual([]);
    await revert((await newest()).id);
    expect((await server.call('sites', {})).map(({ id }) => id)).toEqual([site.id]);
  });

  test('of a page or of site settings', async () => {
    const { server } = place;
    await server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 720 } });
    await revert((await newest()).id);
    expect((await server.call('agentPackage', {})).deleteUnusedAfterHours).toBe(168);
    await server.call('updatePlugInPolicy', { body: { install: 'as-soon-as-possible' } });
    await revert((await newest()).id);
    expect((await server.call('plugInPolicy', {})).policy).toEqual({ install: 'at-time', timeOfDay: '17:00' });
    const body = { name: 'Everywhere', target: { kind: 'all' } as const, settings: defaultSiteSettings };
    const rule = await server.call('createSiteSettings', { body });
    await server.call('deleteSiteSettings', { params: { id: rule.id } });
    await revert((await newest()).id);
    expect((await server.call('siteSettings', {})).map(({ id, version }) => [id, version])).toEqual([[rule.id, 2]]);
  });

  test('of another kind, or of an entry that is not there, is refused', async () => {
    await place.server.call('joinToken', {});
    const entry = await newest();
    expect(await refusalOf(revert(entry.id))).toMatchObject({ status: 409, details: { code: 'not-available' } });
    expect(await refusalOf(revert(999_999))).toMatchObject({ status: 404 });
    const wrong = place.server.call('revertAudit', { params: { id: '1;' } });
    expect(await refusalOf(wrong)).toMatchObject({ status: 400, details: { fields: [{ path: 'id' }] } });
    expect((await newest()).id).toBe(entry.id);
  });
});
