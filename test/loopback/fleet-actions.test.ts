import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { noImpairments } from '../../shared/contracts/impairments.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { EmbeddedFleetPlace } from './support/embedded-fleet-place.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { settledWanBytesInto } from './support/fleet-of-one-subnet.ts';

let place: EmbeddedFleetPlace;

beforeAll(async () => {
  place = await EmbeddedFleetPlace.start();
  await place.startFleet({ agents: 6, subnets: 2, secondOctet: 88 });
});

afterAll(() => place.stop());

function idOf(name: string): AgentId {
  const { agentId } = place.status(name);
  if (agentId === null) throw new Error(`${name} has no id`);
  return agentId;
}

function untilRunning(...names: string[]): Promise<void> {
  return place.until(`${names.join()} run`, () => names.every((name) => place.status(name).state === 'running'));
}

async function isReadyAndSound(name: string, { key, fileName, readyOn }: DeliveredPackage, content: Buffer) {
  if ((await readyOn(name)) === null) return false;
  const file = await readFile(path.join(place.agentFolder(name), 'packages', key, 'files', fileName));
  expect(file.equals(content)).toBe(true);
  return true;
}

function deliverTo(content: Buffer, ...names: string[]): Promise<DeliveredPackage> {
  return place.deliver(content, { target: { kind: 'agents', agentIds: names.map(idOf) } });
}

/** To the same package and version as before. */
async function deliverAsWell({ guid, version }: DeliveredPackage, ...names: string[]): Promise<void> {
  const target = { kind: 'agents' as const, agentIds: names.map(idOf) };
  await place.server.call('createDelivery', { body: { guid, version, target, priority: 'normal' } });
}

it('stops one agent until it is started, while the others of its process go on', async () => {
  const before = place.status('a-01');
  const { message, agents, fleet } = await place.act('a-01', { kind: 'stop' });
  expect([message, agents]).toEqual(['a-01 stops, until it is started again.', ['a-01']]);
  expect(fleet.agents.find(({ name }) => name === 'a-01')?.state).toBe('stopping');
  await place.untilOnline('a-01', false);
  await place.until('a-01 is stopped', () => place.status('a-01').state === 'stopped');
  expect(place.status('a-02')).toMatchObject({ state: 'running', workerPid: before.workerPid, restarts: 0 });
  await expect(place.act('a-01', { kind: 'stop' })).rejects.toThrow('a-01 is stopped already.');
  await expect(place.act('a-01', { kind: 'kill' })).rejects.toThrow('Start it first.');
  await expect(place.act('nobody', { kind: 'stop' })).rejects.toThrow('no embedded agent called nobody');

  await place.act('a-01', { kind: 'start' });
  await place.untilOnline('a-01', true);
  await untilRunning('a-01');
  expect(place.status('a-01')).toMatchObject({ agentId: before.agentId, workerPid: before.workerPid, restarts: 0 });
  const entries = await place.server.call('audit', { query: { subject: 'a-01' } });
  expect(entries.map(({ action, after }) => [action, after])).toEqual([
    ['start-embedded-agent', { agents: ['a-01'] }],
    ['stop-embedded-agent', { agents: ['a-01'] }],
  ]);
});

it('kills a process and says whose it was; all of them come back', async () => {
  await place.act('b-03', { kind: 'stop' });
  await place.until('b-03 is stopped', () => place.status('b-03').state === 'stopped');
  const { workerPid } = place.status('b-01');
  const { message, agents } = await place.act('b-01', { kind: 'kill' });
  expect(message).toBe(`Process ${workerPid} of b-01 was killed; it is restarted by itself. It hosted b-02 as well.`);
  expect(agents).toEqual(['b-01', 'b-02']);
  await place.until('it is restarted', () => place.status('b-01').restarts === 1);
  await untilRunning('b-01', 'b-02');
  expect(place.status('b-01').workerPid).not.toBe(workerPid);
  expect(place.status('b-03').state).toBe('stopped');
  await place.act('b-03', { kind: 'start' });
  await untilRunning('b-03');
  for (const name of ['b-01', 'b-02', 'b-03']) await place.untilOnline(name, true);
});

it('lets an agent hand out damaged blocks, until the others reject them, tell, ban it and do without', async () => {
  await place.act('a-01', { kind: 'corrupt' });
  expect(place.status('a-01').impairments).toEqual({ ...noImpairments, corrupts: true });
  const watched = await place.watch(idOf('a-02'));
  const isBanned = () =>
    watched.latest?.peers.some(({ name, state }) => name === 'a-01' && state === 'banned') === true;
  // One bad block ends what is fetched of a package there; the third one ends everything.
  for (let count = 0; count < 3; count++) {
    const content = randomBytes(3_000_000);
    const delivered = await deliverTo(content, 'a-01');
    await place.until('a-01 has it', () => isReadyAndSound('a-01', delivered, content));
    await deliverAsWell(delivered, 'a-02');
    await place.until('a-02 has it', () => isReadyAndSound('a-02', delivered, content));
  }
  await place.until('a-02 bans a-01', isBanned);
  const rejectedFrom = async () =>
    (await place.journalOf('a-02'))
      .filter(({ reason }) => reason === 'hash-mismatch')
      .map(({ source }) => source?.agentId);
  await place.until('a-02 has journalled it', async () => (await rejectedFrom()).length > 0);
  expect(new Set(await rejectedFrom())).toEqual(new Set([idOf('a-01')]));
  await place.until('the server is told', async () =>
    (await place.server.call('alerts', {})).some(
      ({ kind, agentId }) => kind === 'corrupt-blocks' && agentId === idOf('a-01'),
    ),
  );

  await place.act('a-01', { kind: 'stop-corrupting' });
  expect(place.status('a-01').impairments).toEqual(noImpairments);
  const content = randomBytes(3_000_000);
  const delivered = await deliverTo(content, 'a-01');
  await place.until('a-01 has it', () => isReadyAndSound('a-01', delivered, content));
  const wanBytes = await settledWanBytesInto(place.server, '127.88.1.0/24');
  await deliverAsWell(delivered, 'a-03');
  await place.until('a-03 has it', () => isReadyAndSound('a-03', delivered, content));
  expect(await settledWanBytesInto(place.server, '127.88.1.0/24')).toBe(wanBytes);
});

it('unplugs an agent, and plugs it in again', async () => {
  await place.act('b-01', { kind: 'unplug' });
  await place.untilOnline('b-01', false);
  const watched = await place.watch(idOf('b-02'));
  await watched.when('b-02 misses b-01', () => !watched.isPeer(idOf('b-01')) && watched.isPeer(idOf('b-03')));
  expect(place.status('b-01').state).toBe('running');
  const content = randomBytes(5_000_000);
  const delivered = await deliverTo(content, 'b-01', 'b-02');
  await place.until('b-02 has it', () => isReadyAndSound('b-02', delivered, content));
  expect(await delivered.readyOn('b-01')).toBeNull();

  await place.act('b-01', { kind: 'plug-in' });
  await place.untilOnline('b-01', true);
  await place.until('b-01 has it', () => isReadyAndSound('b-01', delivered, content));
  await watched.when('b-02 hears b-01 again', () => watched.isPeer(idOf('b-01')));
});

it('keeps an agent unplugged over a crash of its process', async () => {
  await place.act('b-01', { kind: 'unplug' });
  await place.untilOnline('b-01', false);
  await place.act('b-01', { kind: 'kill' });
  await place.until('it is restarted', () => place.status('b-01').restarts === 2);
  await untilRunning('b-01', 'b-02', 'b-03');
  await place.untilOnline('b-02', true);
  expect((await place.summary('b-01'))?.online).toBe(false);
  await place.act('b-01', { kind: 'plug-in' });
  await place.untilOnline('b-01', true);
});

it('slows one agent down, and lets it go on as fast as the others', async () => {
  await place.act('b-03', { kind: 'slow-down', kilobytesPerSecond: 1 });
  expect(place.status('b-03').impairments.kilobytesPerSecond).toBe(1);
  const content = randomBytes(8_000_000);
  const delivered = await deliverTo(content, 'b-01');
  await place.until('b-01 has it', () => isReadyAndSound('b-01', delivered, content));
  await deliverAsWell(delivered, 'b-02', 'b-03');
  await place.until('b-02 has it', () => isReadyAndSound('b-02', delivered, content));
  // At 1 KB/s it would take two hours.
  expect(await delivered.readyOn('b-03')).toBeNull();
  await place.act('b-03', { kind: 'full-speed' });
  await place.until('b-03 has it', () => isReadyAndSound('b-03', delivered, content));
});

it('does by a command what the console does', async () => {
  const run = (...args: string[]) => runFanoutHere(['fleet', ...args, '--data', place.server.dataFolder]);
  const done = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout;
  };
  expect(await done('slow-down', 'b-02', '70')).toBe('b-02 sends and receives 70 KB/s at most.\n');
  expect(JSON.parse(await done('corrupt', 'b-02', '--json'))).toMatchObject({ agents: ['b-02'] });
  expect(place.status('b-02').impairments).toEqual({ ...noImpairments, corrupts: true, kilobytesPerSecond: 70 });
  expect(await done()).toMatch(/^b-02 .* running .* corrupting, 70 KB\/s/m);
  await done('full-speed', 'b-02');
  await done('stop-corrupting', 'b-02');
  await done('unplug', 'b-02');
  await place.untilOnline('b-02', false);
  await done('plug-in', 'b-02');
  await place.untilOnline('b-02', true);
  expect(place.status('b-02').impairments).toEqual(noImpairments);
  expect(await run('start', 'b-02')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('runs already') });
  expect(await run('stop', 'nobody')).toMatchObject({ exitCode: 7 });
  expect(await run('slow-down', 'b-02', '0')).toMatchObject({ exitCode: 2 });
  const nowhere = await run('move', 'b-02', 'anywhere');
  expect([nowhere.exitCode, nowhere.stderr]).toEqual([1, expect.stringContaining('not a subnet such as')]);
  const demo = await run('demo', 'start');
  expect([demo.exitCode, demo.stderr]).toEqual([1, expect.stringContaining('This server has no demo fleet.')]);
});

it('moves an agent to another subnet, with its identity and its packages, also for the next start', async () => {
  const subnets = ['127.88.1.0/24', '127.88.2.0/24'];
  const subnetOf = async (name: string) => (await place.summary(name))?.subnet;
  const content = randomBytes(7_000_000);
  const delivered = await deliverTo(content, 'a-03');
  await place.until('a-03 has it', () => isReadyAndSound('a-03', delivered, content));
  const before = place.status('a-03');
  const wanBytes = await settledWanBytesInto(place.server, subnets[1] ?? '');

  const { message } = await place.act('a-03', { kind: 'move', subnet: subnets[1] ?? '' });
  expect(message).toBe('a-03 moves to 127.88.2.4 in 127.88.2.0/24.');
  expect(place.status('a-03')).toMatchObject({ address: '127.88.2.4', subnet: subnets[1], agentId: before.agentId });
  await place.until('the server sees it there', async () => (await subnetOf('a-03')) === subnets[1]);
  await place.untilOnline('a-03', true);
  await deliverAsWell(delivered, 'b-01');
  await place.until('b-01 has it', () => isReadyAndSound('b-01', delivered, content));
  // Its new neighbours need no copy over the WAN.
  expect(await settledWanBytesInto(place.server, subnets[1] ?? '')).toBe(wanBytes);
  await expect(place.act('a-03', { kind: 'move', subnet: subnets[1] ?? '' })).rejects.toThrow('already');
  await expect(place.act('a-03', { kind: 'move', subnet: '10.9.9.0/24' })).rejects.toThrow('Choose one of 127.88.1.0');

  // A stopped one moves as well, and lives there when it starts.
  await place.act('a-02', { kind: 'stop' });
  await place.until('a-02 is stopped', () => place.status('a-02').state === 'stopped');
  await place.act('a-02', { kind: 'move', subnet: subnets[1] ?? '' });
  await place.act('a-02', { kind: 'start' });
  await place.until('the server sees it there', async () => (await subnetOf('a-02')) === subnets[1]);

  await place.fleet.stop();
  if (place.keptPlan === null) throw new Error('no plan was kept');
  place.startAgain(place.keptPlan);
  await untilRunning('a-01', 'a-02', 'a-03', 'b-01', 'b-02', 'b-03');
  expect(place.status('a-03')).toMatchObject({ address: '127.88.2.4', subnet: subnets[1], agentId: before.agentId });
  await place.untilOnline('a-03', true);
  expect(await subnetOf('a-03')).toBe(subnets[1]);
  expect(await delivered.readyOn('a-03')).toBe(true);
});

it('refuses what is no action', async () => {
  const slow = { kind: 'slow-down' as const };
  await expect(place.act('a-01', { ...slow, kilobytesPerSecond: 0 })).rejects.toThrow('Enter 1 KB/s or more.');
  await expect(place.act('a-01', { ...slow, kilobytesPerSecond: 1.5 })).rejects.toThrow('whole number');
  await place.fleet.stop();
  await expect(place.act('a-01', { kind: 'unplug' })).rejects.toThrow('The fleet is stopped. Start it first.');
});
