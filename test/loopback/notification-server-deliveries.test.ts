import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportJob } from '../../shared/contracts/console-api.ts';
import type { RouteBodyInput } from '../../shared/contracts/console-routes.ts';
import type { DeliveryReport } from '../../shared/contracts/deliveries.ts';
import type { Delivery } from '../../shared/contracts/deliveries-api.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import type { PackageState } from '../../shared/contracts/package-state.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually, importPackage } from '../notification-server/support/test-server.ts';

type Draft = RouteBodyInput<'createDelivery'>;
type Action = 'pauseDelivery' | 'resumeDelivery' | 'startNextStage' | 'cancelDelivery' | 'retryDelivery';

let place: ServerPlace;
let imported: NonNullable<ImportJob['package']>;

beforeAll(async () => {
  place = await ServerPlace.start();
  const folder = path.join(place.folder, 'tool');
  await mkdir(folder);
  await writeFile(path.join(folder, 'install.mjs'), 'console.log("hello")');
  imported = await importPackage(place.server, folder);
});

afterAll(() => place.stop());

const installation = { command: { file: 'install.mjs', arguments: ['--quiet'] } };
const soon = { kind: 'after-previous', installedPercent: 50, failedPercent: 0, hours: 0 } as const;

function listOf(...agents: readonly TestAgent[]): Draft['target'] {
  return { kind: 'agents', agentIds: agents.map(({ agentId }) => agentId) };
}

async function create(draft: Partial<Draft> & Pick<Draft, 'target'>): Promise<Delivery> {
  const { guid, version } = imported;
  return place.server.call('createDelivery', { body: { guid, version, priority: 'normal', installation, ...draft } });
}

function read(id: string): Promise<Delivery> {
  return place.server.call('delivery', { params: { id } });
}

function act(name: Action, id: string): Promise<Delivery> {
  return place.server.call(name, { params: { id } });
}

const sequences = new Map<string, number>();

async function report(
  agent: TestAgent,
  { id, round }: Pick<Delivery, 'id' | 'round'>,
  state: PackageState,
  more: Partial<DeliveryReport> = {},
): Promise<number> {
  const sequence = (sequences.get(agent.agentId) ?? 0) + 1;
  sequences.set(agent.agentId, sequence);
  const delivery: DeliveryReport = {
    deliveryId: id,
    round,
    failure: null,
    exitCode: null,
    isRebootPending: false,
    ...more,
  };
  const counts = { key: imported.key, blocks: 1, blockCount: 1, detail: '' };
  const event = { kind: 'package-state', sequence, atMs: Date.now(), state, ...counts, delivery };
  const answer = await agent.request('/events', { method: 'POST', body: { installationEpoch: 1, events: [event] } });
  return answer.status;
}

/** The deliveries that the agent is told of. */
async function offeredTo(agent: TestAgent): Promise<string[]> {
  return (await configurationOf(agent)).deliveries.map(({ deliveryId }) => deliveryId);
}

/** What a program would send, typed as nothing: whatever it is, the server has to answer in words. */
async function send(method: string, route: string, body?: unknown) {
  const answer = await fetch(`${place.server.consoleUrl}/api/v1${route}`, {
    method,
    headers: {
      authorization: `Bearer ${place.server.apiToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const { error } = apiErrorSchema.parse(await answer.json());
  return { status: answer.status, code: error.code, fields: (error.fields ?? []).map((field) => field.path) };
}

describe('a delivery in stages', () => {
  test('offers each stage when the one before has done its part, and none whose predecessors failed', async () => {
    const [pilot, careless, rest] = [await place.enrol(), await place.enrol(), await place.enrol()];
    const made = await create({
      target: listOf(pilot, careless),
      laterStages: [{ target: { kind: 'all' }, start: soon }],
    });
    expect(made).toMatchObject({ status: 'running', agents: 2 });
    expect(made.stages.map(({ agents }) => agents)).toEqual([2, expect.any(Number)]);
    expect([await offeredTo(pilot), await offeredTo(rest)]).toEqual([[made.id], []]);

    await report(careless, made, 'failed', { failure: 'exit-code', exitCode: 3 });
    await report(pilot, made, 'installed', { isRebootPending: true });
    const held = await read(made.id);
    expect(held.stages[0]).toMatchObject({
      states: { 'reboot-pending': 1, failed: 1, offered: 0 },
      failures: [{ reason: 'exit-code', agents: 1 }],
    });
    expect(held.stages[1]?.startedAtMs).toBeNull();
    expect(await offeredTo(rest)).toEqual([]);

    const retried = await act('retryDelivery', made.id);
    expect(retried).toMatchObject({ round: 1 });
    expect(retried.stages[1]?.startedAtMs).not.toBeNull();
    expect(await offeredTo(rest)).toEqual([made.id]);
    expect((await configurationOf(careless)).deliveries[0]?.plan?.round).toBe(1);
    // The word of the round before comes late: it failed then, not now.
    await report(careless, { id: made.id, round: 0 }, 'failed', { failure: 'timeout' });
    expect((await read(made.id)).stages[0]?.states).toMatchObject({ offered: 1, failed: 0 });

    const failures = await place.server.call('deliveryAgents', { params: { id: made.id }, query: {} });
    expect(failures.map(({ agentId, state }) => [agentId, state]).sort()).toEqual(
      [
        [pilot.agentId, 'reboot-pending'],
        [careless.agentId, 'offered'],
      ].sort(),
    );
    const trail = await place.server.call('audit', {});
    const actions = trail.filter(({ after }) => JSON.stringify(after).includes(made.id)).map(({ action }) => action);
    expect(actions.sort()).toEqual(['create-delivery', 'retry-delivery', 'start-delivery-stage']);
    await act('cancelDelivery', made.id);
  });

  test('keeps where everybody stands when the server is started again, and the curve of it', async () => {
    const [one, two] = [await place.enrol(), await place.enrol()];
    const made = await create({
      target: listOf(one, two),
      laterStages: [{ target: { kind: 'all' }, start: { kind: 'by-hand' } }],
    });
    await report(one, made, 'ready');
    await report(two, made, 'failed', { failure: 'disk-full' });
    const before = await read(made.id);
    await place.restartServer();
    expect(await read(made.id)).toEqual(before);
    await report(one, made, 'installed');
    const after = await read(made.id);
    expect(after.stages[0]?.states).toMatchObject({ ready: 0, installed: 1, failed: 1 });
    expect(after.stages[1]?.startedAtMs).toBeNull();
    expect((await act('startNextStage', made.id)).stages[1]).toMatchObject({ isByHand: true, dueAtMs: null });
    const curve = await place.server.call('deliveryPenetration', { params: { id: made.id } });
    expect(curve.at(-1)).toMatchObject({
      ready: 1,
      installed: 1,
      failed: 1,
      failures: [{ reason: 'disk-full', agents: 1 }],
    });
    await act('cancelDelivery', made.id);
  });

  test('waits while it is paused, and goes on where it was', async () => {
    const agent = await place.enrol();
    const made = await create({ target: listOf(agent), laterStages: [{ target: { kind: 'all' }, start: soon }] });
    const paused = await act('pauseDelivery', made.id);
    expect(paused.status).toBe('paused');
    expect((await configurationOf(agent)).deliveries[0]?.plan?.isPaused).toBe(true);
    await report(agent, made, 'installed');
    expect((await read(made.id)).stages[1]?.startedAtMs).toBeNull();
    expect((await act('resumeDelivery', made.id)).stages[1]?.startedAtMs).not.toBeNull();
    await act('cancelDelivery', made.id);
  });

  test('is taken from all agents when it is cancelled, and an installation that was under way still tells its end', async () => {
    const [busy, waiting] = [await place.enrol(), await place.enrol()];
    const made = await create({ target: listOf(busy, waiting) });
    await report(busy, made, 'installing');
    const cancelled = await act('cancelDelivery', made.id);
    expect(cancelled.stages[0]?.states).toMatchObject({ cancelled: 2, installing: 0, offered: 0 });
    expect([await offeredTo(busy), await offeredTo(waiting)]).toEqual([[], []]);
    await report(busy, made, 'installed');
    expect((await read(made.id)).stages[0]?.states).toMatchObject({ cancelled: 1, installed: 1 });
  });

  test('can be changed until it begins', async () => {
    const [one, other] = [await place.enrol(), await place.enrol()];
    const availableFromMs = Date.now() + 3_600_000;
    const made = await create({ target: listOf(one), availableFromMs });
    expect(made).toMatchObject({ status: 'scheduled', stages: [{ startedAtMs: null, dueAtMs: availableFromMs }] });
    expect((await configurationOf(one)).deliveries[0]?.plan?.availableFromMs).toBe(availableFromMs);
    const { guid, version } = imported;
    const body: Draft = {
      guid,
      version,
      priority: 'emergency',
      target: listOf(other),
      availableFromMs,
      ignoresSiteLimits: true,
    };
    const changed = await place.server.call('updateDelivery', { params: { id: made.id }, body });
    expect(changed).toMatchObject({ priority: 'emergency', agents: 1, installation: null, ignoresSiteLimits: true });
    expect([await offeredTo(one), await offeredTo(other)]).toEqual([[], [made.id]]);
    const audited = (await place.server.call('audit', {})).find(({ action }) => action === 'update-delivery');
    expect(audited).toMatchObject({ before: { priority: 'normal' }, after: { spec: { ignoresSiteLimits: true } } });
    await act('startNextStage', made.id);
    expect((await configurationOf(other)).deliveries[0]?.plan).toBeUndefined();
    expect(await send('PUT', `/deliveries/${made.id}`, body)).toMatchObject({ status: 409, code: 'conflict' });
    await act('cancelDelivery', made.id);
  });

  test('begins by the clock', async () => {
    const agent = await place.enrol();
    const made = await create({ target: listOf(agent), availableFromMs: Date.now() + 1000 });
    expect(made.status).toBe('scheduled');
    const begun = await eventually('the delivery begins', async () => {
      const now = await read(made.id);
      return now.status === 'running' ? now : null;
    });
    expect(begun.stages[0]?.startedAtMs).toBe(made.availableFromMs);
    await act('cancelDelivery', made.id);
  });

  test('counts agents that come later', async () => {
    const made = await create({ target: { kind: 'all' } });
    await place.enrol();
    await eventually('the newcomer is counted', async () =>
      (await read(made.id)).stages[0]?.agents === made.agents + 1 ? true : null,
    );
    await act('cancelDelivery', made.id);
  });

  test('believes nobody who reports for a delivery or a package of others', async () => {
    const [meant, stranger] = [await place.enrol(), await place.enrol()];
    const made = await create({ target: listOf(meant) });
    expect(await report(stranger, made, 'installed')).toBe(200);
    expect(await report(stranger, { id: 'no-such', round: 0 }, 'installed')).toBe(200);
    expect(await report(meant, { id: made.id, round: -1 }, 'installed')).toBe(400);
    expect((await read(made.id)).stages[0]?.states).toMatchObject({ offered: 1, installed: 0 });
    await act('cancelDelivery', made.id);
  });
});

describe('what cannot be', () => {
  const refused: readonly [string, Record<string, unknown>, string][] = [
    ['no target', { target: undefined }, 'target'],
    ['a target of nobody', { target: { kind: 'agents', agentIds: [] } }, 'target.agentIds'],
    ['a priority that there is not', { priority: 'urgent' }, 'priority'],
    ['more than five stages', { laterStages: Array(5).fill({ target: { kind: 'all' }, start: soon }) }, 'laterStages'],
    ['a stage without a beginning', { laterStages: [{ target: { kind: 'all' } }] }, 'laterStages.0.start'],
    [
      '110 %',
      { laterStages: [{ target: { kind: 'all' }, start: { ...soon, installedPercent: 110 } }] },
      'laterStages.0.start.installedPercent',
    ],
    [
      'not a number',
      { laterStages: [{ target: { kind: 'all' }, start: { ...soon, hours: 'NaN' } }] },
      'laterStages.0.start.hours',
    ],
    ['a deadline before the beginning', { availableFromMs: 9, deadlineMs: 8 }, 'deadlineMs'],
    ['a window of no day', { downloadWindows: [{ days: [], from: '01:00', to: '02:00' }] }, 'downloadWindows.0.days'],
    [
      'a day that there is not',
      { installation: { schedule: { kind: 'at', localTime: '2027-02-30T01:00' } } },
      'installation.schedule.localTime',
    ],
    ['four tries', { installation: { tries: 4 } }, 'installation.tries'],
    [
      'a command outside of the package',
      { installation: { command: { file: '../../bin/sh', arguments: [] } } },
      'installation.command.file',
    ],
    [
      'a command that the package has not',
      { installation: { command: { file: 'setup.exe', arguments: [] } } },
      'installation.command.file',
    ],
    [
      'a NUL in an argument',
      { installation: { command: { file: 'install.mjs', arguments: ['a\0b'] } } },
      'installation.command.arguments.0',
    ],
    [
      'a million arguments',
      { installation: { command: { file: 'install.mjs', arguments: Array(100_000).fill('x') } } },
      'installation.command.arguments',
    ],
    ['site limits ignored by no emergency', { ignoresSiteLimits: true }, 'ignoresSiteLimits'],
    ['total blockouts ignored by no emergency', { ignoresTotalBlockouts: true }, 'ignoresTotalBlockouts'],
  ];

  test.each(refused)('%s is refused with the name of its field', async (_, wrong, field) => {
    const before = (await place.server.call('deliveries', {})).length;
    const { guid, version } = imported;
    const body = { guid, version, target: { kind: 'all' }, priority: 'normal', ...wrong };
    expect(await send('POST', '/deliveries', body)).toEqual({ status: 400, code: 'invalid-request', fields: [field] });
    expect(await place.server.call('deliveries', {})).toHaveLength(before);
  });

  test('a delivery that there is not is not found, whatever is asked of it', async () => {
    const { guid, version } = imported;
    const body = { guid, version, target: { kind: 'all' }, priority: 'normal' };
    const asked = await Promise.all([
      send('GET', '/deliveries/no-such'),
      send('GET', '/deliveries/no-such/agents'),
      send('GET', '/deliveries/no-such/penetration'),
      send('PUT', '/deliveries/no-such', body),
      ...['pause', 'resume', 'cancel', 'retry', 'next-stage'].map((action) =>
        send('POST', `/deliveries/no-such/${action}`),
      ),
    ]);
    expect(asked.map(({ status, code }) => [status, code])).toEqual(asked.map(() => [404, 'not-found']));
    expect(await send('GET', `/deliveries/${'x'.repeat(65)}`)).toMatchObject({ status: 400, fields: ['id'] });
  });

  test('an action that makes no sense now is refused in words, and changes nothing', async () => {
    const made = await create({ target: { kind: 'all' } });
    const audited = (await place.server.call('audit', {})).length;
    const actions = ['resume', 'retry', 'next-stage'];
    for (const action of actions) {
      expect(await send('POST', `/deliveries/${made.id}/${action}`)).toMatchObject({ status: 409, code: 'conflict' });
    }
    expect(await send('GET', `/deliveries/${made.id}/agents?state=asleep`)).toMatchObject({
      status: 400,
      fields: ['state'],
    });
    expect(await place.server.call('audit', {})).toHaveLength(audited);
    await act('cancelDelivery', made.id);
    for (const action of ['cancel', 'pause', ...actions]) {
      expect(await send('POST', `/deliveries/${made.id}/${action}`)).toMatchObject({ status: 409 });
    }
  });
});
