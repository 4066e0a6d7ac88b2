import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import type { importPackage } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let editor: Awaited<ReturnType<typeof importPackage>>;
let agent: TestAgent;
let sites = 0;

beforeAll(async () => {
  place = await ServerPlace.start();
  editor = await place.publish('editor.bin');
  agent = await place.enrol({ name: 'ps' });
});

afterAll(() => place.stop());

async function freshSite(): Promise<string> {
  sites++;
  const body = { name: `Site ${sites}`, subnets: [`10.${sites}.0.0/16`], wanKilobitsPerSecond: 0 };
  return (await place.server.call('createSite', { body })).id;
}

const remove = (id: string) => place.server.call('deleteSite', { params: { id }, query: {} });
const revert = (id: number) => place.server.call('revertAudit', { params: { id: `${id}` } });
const ofSite = (siteId: string) => ({ kind: 'sites' as const, siteIds: [siteId] });

async function newest(): Promise<number> {
  const [entry] = await place.server.call('audit', { query: { limit: '1' } });
  if (entry === undefined) throw new Error('the audit trail is empty');
  return entry.id;
}

async function told(call: Promise<unknown>): Promise<string> {
  const { status, details } = await refusalOf(call);
  return `${status} ${details.message}`;
}

async function policyOf(siteId: string, name = 'Night') {
  const target = {
    kind: 'rows' as const,
    first: { kind: 'all' as const },
    next: [{ operation: 'intersect' as const, filter: ofSite(siteId) }],
  };
  return place.server.call('createPolicy', { body: { name, target, settings: defaultAgentSettings } });
}

/** Each names the site, and gives what its refusal says and how it is not named any more. */
const namings: [string, string, (siteId: string) => Promise<() => Promise<unknown>>][] = [
  [
    'a row of a policy',
    'the policy "Night"',
    async (siteId) => {
      const { id } = await policyOf(siteId);
      return () => place.server.call('deletePolicy', { params: { id } });
    },
  ],
  [
    'Targeted site settings',
    'the site settings "Thin"',
    async (siteId) => {
      const body = { name: 'Thin', target: ofSite(siteId), settings: defaultSiteSettings };
      const { id } = await place.server.call('createSiteSettings', { body });
      return () => place.server.call('deleteSiteSettings', { params: { id } });
    },
  ],
  [
    'a channel',
    'the channel "Office"',
    async (siteId) => {
      const body = { name: 'Office', subscribers: { siteIds: [siteId] } };
      const params = { id: (await place.server.call('createChannel', { body })).id };
      return () => place.server.call('deleteChannel', { params });
    },
  ],
  [
    'the assignment of a package',
    'the assignment of the package "editor.bin 1.0"',
    async (siteId) => {
      const params = { guid: editor.guid, version: '1.0' };
      await place.server.call('assignPackage', { params, body: { mode: 'sites', siteIds: [siteId] } });
      return () => place.server.call('assignPackage', { params, body: { mode: 'on-demand' } });
    },
  ],
  [
    'a Package Server that was given it',
    'the Package Server "ps", which was given this site',
    async (siteId) => {
      const { agentId } = agent;
      await place.server.call('addPackageServer', { body: { agentId, siteId } });
      return () => place.server.call('removePackageServer', { params: { agentId } });
    },
  ],
  [
    'a later stage of a delivery',
    'the delivery of "editor.bin 1.0", which is not over',
    async (siteId) => {
      const laterStages = [{ target: ofSite(siteId), start: { kind: 'by-hand' as const } }];
      const subject = { guid: editor.guid, version: '1.0', priority: 'normal' as const };
      const body = { ...subject, target: { kind: 'all' as const }, laterStages };
      const { id } = await place.server.call('createDelivery', { body });
      return () => place.server.call('cancelDelivery', { params: { id } });
    },
  ],
];

describe('a site is not deleted while it is named by', () => {
  test.each(namings)('%s', async (_what, says, name) => {
    const siteId = await freshSite();
    const made = await newest();
    const unname = await name(siteId);
    const site = `"Site ${sites}"`;
    const refused = `409 ${site} is still named by ${says}. Change that first.`;
    expect(await told(remove(siteId))).toBe(refused);
    expect(await told(revert(made))).toBe(refused);
    expect((await place.server.call('site', { params: { id: siteId } })).name).toBe(`Site ${sites}`);
    await unname();
    await remove(siteId);
    expect((await refusalOf(place.server.call('site', { params: { id: siteId } }))).status).toBe(404);
  });

  test('many, of which the first are told', async () => {
    const siteId = await freshSite();
    const policies = await Promise.all(['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((name) => policyOf(siteId, name)));
    expect(await told(remove(siteId))).toMatch(/("[A-G]", the policy ){4}"[A-G]" and 2 more\. Change that first\.$/);
    for (const { id } of policies) await place.server.call('deletePolicy', { params: { id } });
    await remove(siteId);
  });
});

describe('what targeted a site that is gone', () => {
  test('comes back after the site', async () => {
    const siteId = await freshSite();
    const policy = await policyOf(siteId);
    await place.server.call('deletePolicy', { params: { id: policy.id } });
    const policyDeletion = await newest();
    const body = { name: 'Thin', target: ofSite(siteId), settings: defaultSiteSettings };
    const rule = await place.server.call('createSiteSettings', { body });
    await place.server.call('updateSiteSettings', {
      params: { id: rule.id },
      body: { ...body, target: { kind: 'all' }, version: rule.version },
    });
    const ruleChange = await newest();
    await remove(siteId);
    const siteDeletion = await newest();
    for (const [entry, name] of [
      [policyDeletion, 'Night'],
      [ruleChange, 'Thin'],
    ] as const) {
      expect(await told(revert(entry))).toBe(
        `409 "${name}" would target a site that is gone. Take the deletion of the site back first.`,
      );
    }
    for (const entry of [siteDeletion, policyDeletion, ruleChange]) await revert(entry);
    const policies = await place.server.call('policies', {});
    expect(policies.find(({ id }) => id === policy.id)?.target).toEqual(policy.target);
    expect((await place.server.call('siteSettings', {}))[0]?.target).toEqual(rule.target);
  });
});

describe('a Package Server keeps its role while', () => {
  test('a channel or the assignment of a package names it', async () => {
    const { agentId } = agent;
    await place.server.call('addPackageServer', { body: { agentId } });
    const params = { guid: editor.guid, version: '1.0' };
    const channel = { name: 'Named', subscribers: { agentIds: [agentId] } };
    const { id } = await place.server.call('createChannel', { body: channel });
    await place.server.call('assignPackage', { params, body: { mode: 'listed', agentIds: [agentId] } });
    const take = () => place.server.call('removePackageServer', { params: { agentId } });
    expect(await told(take())).toBe(
      '409 "ps" is still named by the channel "Named" and the assignment of the package "editor.bin 1.0". Change that first.',
    );
    await place.server.call('assignPackage', { params, body: { mode: 'all' } });
    await place.server.call('deleteChannel', { params: { id } });
    await take();
    expect(await place.server.call('packageServers', {})).toEqual([]);
  });
});

test('what is new names no site that is not there, and the field is told', async () => {
  const site = await freshSite();
  const { guid, version } = editor;
  const one = { guid, version, priority: 'normal' as const };
  const stage = { target: ofSite('nowhere'), start: { kind: 'by-hand' as const } };
  const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['target.next.0.filter.siteIds.0', () => policyOf('nowhere')],
    ['target.siteIds.0', () => place.server.call('createDelivery', { body: { ...one, target: ofSite('nowhere') } })],
    [
      'laterStages.0.target.siteIds.0',
      () => place.server.call('createDelivery', { body: { ...one, target: ofSite(site), laterStages: [stage] } }),
    ],
  ];
  const before = await newest();
  for (const [field, call] of calls) {
    const { status, details } = await refusalOf(call());
    expect([status, details.fields?.map(({ path: at }) => at)]).toEqual([400, [field]]);
  }
  expect(await newest()).toBe(before);
});
