import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { Target } from '../../shared/contracts/targets.ts';
import { maximumTargetRows } from '../../shared/contracts/targets.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let lab: TestAgent;
let kiosk: TestAgent;

beforeAll(async () => {
  place = await ServerPlace.start();
  await place.server.call('createSite', {
    body: { name: 'North', subnets: ['127.1.0.0/16'], wanKilobitsPerSecond: 0 },
  });
  lab = await place.enrol({ name: 'Lab-PC-1', localAddress: '127.1.0.1' });
  kiosk = await place.enrol({ name: 'KIOSK-2', localAddress: '127.2.0.2' });
});

afterAll(() => place.stop());

const names = (...patterns: string[]): Target => ({ kind: 'names', patterns });
const tagged = (...tags: string[]): Target => ({ kind: 'tags', tags });

function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'not refused',
    (error: unknown) => error,
  );
}

describe('tags', () => {
  test('are set for one agent or for all of a target, shown, audited, and stay over a restart', async () => {
    const { server } = place;
    const { agentId } = lab;
    const shown = await server.call('setAgentTags', { params: { agentId }, body: { tags: ['pilot', 'floor-3'] } });
    expect(shown.tags).toEqual(['floor-3', 'pilot']);
    const all = { target: names('*-pc-*', 'kiosk-?'), add: ['shared'], remove: ['pilot'] };
    expect(await server.call('changeTags', { body: all })).toEqual({ agents: 2, changed: 2 });
    expect(await server.call('changeTags', { body: all })).toEqual({ agents: 2, changed: 0 });
    expect(await server.call('tags', {})).toEqual([
      { tag: 'floor-3', agents: 1 },
      { tag: 'shared', agents: 2 },
    ]);
    const audit = await server.call('audit', { query: {} });
    expect(audit.slice(0, 2)).toMatchObject([
      { action: 'change-tags', after: { add: ['shared'], remove: ['pilot'], agents: 2 } },
      { action: 'set-agent-tags', subject: 'Lab-PC-1', before: { tags: [] }, after: { tags: ['floor-3', 'pilot'] } },
    ]);
    await place.restartServer();
    const agents = await place.server.call('agents', {});
    expect(agents.map(({ name, tags }) => [name, tags])).toEqual([
      ['KIOSK-2', ['shared']],
      ['Lab-PC-1', ['floor-3', 'shared']],
    ]);
  });

  test('are refused where they are no words, too many, or contradict each other', async () => {
    const { server } = place;
    const many = Array.from({ length: 33 }, (_value, index) => `t${index}`);
    const set = (tags: string[]) => server.call('setAgentTags', { params: { agentId: kiosk.agentId }, body: { tags } });
    const change = (add: string[], remove: string[]) =>
      server.call('changeTags', { body: { target: { kind: 'all' }, add, remove } });
    for (const [call, path] of [
      [set(['Two Words']), 'tags.0'],
      [set(many), 'tags'],
      [set(['a', 'a']), 'tags'],
      [change([], []), 'add'],
      [change(['a'], ['a']), 'remove'],
      [change(many.slice(0, 32), []), 'add'],
    ] as const) {
      expect(await refusalOf(call)).toMatchObject({ status: 400, details: { fields: [{ path }] } });
    }
    const agents = await server.call('agents', {});
    expect(agents.find(({ name }) => name === 'KIOSK-2')?.tags).toEqual(['shared']);
  });

  test('decide whose policy an agent has, and the agent is told', async () => {
    const { server } = place;
    const body = { name: 'Tagged', target: tagged('urgent'), settings: { ...defaultAgentSettings, maxUpload: 77 } };
    const policy = await server.call('createPolicy', { body });
    const feed = await lab.openFeed();
    expect((await configurationOf(lab)).policy.name).toBe('Global');
    await server.call('changeTags', { body: { target: names('lab-*'), add: ['urgent'], remove: [] } });
    const told = await eventually(
      'the push',
      () => feed.received.find(({ kind }) => kind === 'configuration-changed') ?? null,
    );
    expect(told).toEqual({ kind: 'configuration-changed', spreadMs: 0 });
    expect((await configurationOf(lab)).settings.maxUpload).toBe(77);
    feed.close();
    await server.call('deletePolicy', { params: { id: policy.id } });
  });
});

test('a new agent has the policy of its name with its first configuration', async () => {
  const body = { name: 'Servers', target: names('srv-*'), settings: { ...defaultAgentSettings, maxUpload: 88 } };
  const policy = await place.server.call('createPolicy', { body });
  const agent = await place.enrol({ name: 'SRV-9' });
  expect((await configurationOf(agent)).policy.name).toBe('Servers');
  await place.server.call('deletePolicy', { params: { id: policy.id } });
});

describe('the preview of a target', () => {
  const preview = (target: Target, policyId?: string | null) =>
    place.server.call('previewTarget', { body: { target, ...(policyId === undefined ? {} : { policyId }) } });

  test('counts and names its agents', async () => {
    const [site] = await place.server.call('sites', {});
    const inNorth: Target = { kind: 'sites', siteIds: [site?.id ?? ''], withChildren: true };
    expect(await preview(inNorth)).toEqual({
      agents: 1,
      members: [
        { agentId: lab.agentId, name: 'Lab-PC-1', address: '127.1.0.1', siteName: 'North', policyName: 'Global' },
      ],
      changes: [],
    });
    const rows: Target = {
      kind: 'rows',
      first: inNorth,
      next: [
        { operation: 'union', filter: { kind: 'names', patterns: ['kiosk-*'] } },
        { operation: 'except', filter: { kind: 'tags', tags: ['floor-3'] } },
      ],
    };
    expect((await preview(rows)).members.map(({ name }) => name)).toEqual(['KIOSK-2']);
  });

  test('lists the members after those that were seen', async () => {
    const all = await preview({ kind: 'all' });
    const rest = await place.server.call('previewTarget', { body: { target: { kind: 'all' }, skip: 1 } });
    expect(rest.agents).toBe(all.agents);
    expect(rest.members).toEqual(all.members.slice(1));
  });

  test('says whose policy would change, by policy', async () => {
    const { server } = place;
    const make = (name: string, target: Target) =>
      server.call('createPolicy', { body: { name, target, settings: defaultAgentSettings } });
    const [first, second] = [await make('First', names('lab-*')), await make('Second', names('kiosk-*', 'lab-*'))];
    const changes = async (target: Target, policyId: string | null) =>
      (await preview(target, policyId)).changes.map((change) => [
        change.fromPolicyName,
        change.toPolicyName,
        change.agents,
      ]);
    expect(await changes(names('nobody'), first.id)).toEqual([['First', 'Second', 1]]);
    expect(await changes(names('kiosk-*'), first.id)).toEqual([
      ['First', 'Second', 1],
      ['Second', 'First', 1],
    ]);
    expect(await changes({ kind: 'all' }, second.id)).toEqual([['Global', 'Second', 1]]);
    expect(await changes({ kind: 'all' }, null)).toEqual([['Global', 'the new policy', 1]]);
    for (const { id } of [first, second]) await server.call('deletePolicy', { params: { id } });
  });

  test('is refused for Global and for a policy that is not there', async () => {
    const global = (await place.server.call('policies', {})).at(-1);
    for (const policyId of [global?.id ?? '', 'nobody']) {
      const refusal = await refusalOf(preview({ kind: 'all' }, policyId));
      expect(refusal).toMatchObject({ status: 400, details: { fields: [{ path: 'policyId' }] } });
    }
  });

  test.each([
    [{ kind: 'everybody' }, 'target.kind'],
    [{ kind: 'rows', first: { kind: 'all' } }, 'target.next'],
    [{ kind: 'names', patterns: 'x' }, 'target.patterns'],
    [{ kind: 'names', patterns: Array.from({ length: 1001 }, () => '*') }, 'target.patterns'],
    [{ kind: 'tags', tags: ['__proto__'] }, 'target.tags.0'],
    [
      {
        kind: 'rows',
        first: { kind: 'all' },
        next: Array.from({ length: maximumTargetRows }, () => ({ operation: 'union', filter: { kind: 'all' } })),
      },
      'target.next',
    ],
  ])('of %j is refused at its field', async (target, path) => {
    const refusal = await refusalOf(preview(target as Target));
    expect(refusal).toMatchObject({ status: 400, details: { code: 'invalid-request', fields: [{ path }] } });
  });
});
