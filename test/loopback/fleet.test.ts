import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startLocalServer } from '../../electron/cli/local-server.ts';
import { childProcessLauncher } from '../../electron/fleet/child-process-launcher.ts';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import { EmbeddedFleet } from '../../electron/fleet/embedded-fleet.ts';
import { loopbackPlan } from '../../electron/fleet/fleet-plan.ts';
import { findFreePort } from '../../electron/fleet/loopback-probe.ts';
import type { RunningNotificationServer } from '../../electron/notification-server/notification-server.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { isProcessAlive } from '../cli/fanout-process.ts';

const workerEntry = path.resolve(import.meta.dirname, '../../dist/agent-worker/worker-main.mjs');

let folder = '';
let server: RunningNotificationServer;
let fleet: EmbeddedFleet;
let console: ConsoleClient;
let plan: FleetPlan;
const output: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-test-'));
  const port = await findFreePort();
  const planned = loopbackPlan({
    agents: 4,
    subnets: 2,
    agentsPerWorker: 8,
    secondOctet: 89,
    ...(port ? { port } : {}),
  });
  if (!planned.ok) throw new Error(planned.error);
  plan = planned.value;
  fleet = new EmbeddedFleet({
    launcher: childProcessLauncher(),
    workerEntry,
    onOutput: (line) => output.push(line),
  });
  server = await startLocalServer({
    dataFolder: path.join(folder, 'server'),
    agentListen: { address: '127.0.0.1', port: 0 },
    consolePort: 0,
  });
  server.setFleet(fleet);
  console = new ConsoleClient(server.consoleUrl, server.apiToken);
  const { joinToken, serverUrl } = await console.call('joinToken', {});
  fleet.start(plan, { serverUrl, joinToken, dataFolder: path.join(folder, 'agents') });
  await everybodyOnline();
});

afterAll(async () => {
  const pids = fleet.status().agents.flatMap((agent) => agent.workerPid ?? []);
  await fleet.stop();
  await server.stop();
  expect(pids.filter(isProcessAlive)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

async function everybodyOnline(): Promise<void> {
  await vi.waitFor(
    async () => {
      const agents = await console.call('agents', {});
      expect(agents.filter((agent) => agent.online)).toHaveLength(4);
    },
    { timeout: 30_000, interval: 50 },
  );
}

it('brings every planned agent online in its subnet, one process per subnet', async () => {
  const agents = await console.call('agents', {});
  expect(agents.map((agent) => `${agent.address} ${agent.subnet}`).sort()).toEqual([
    '127.89.1.1 127.89.1.0/24',
    '127.89.1.2 127.89.1.0/24',
    '127.89.2.1 127.89.2.0/24',
    '127.89.2.2 127.89.2.0/24',
  ]);
  const status = await console.call('fleet', {});
  expect(new Set(status.agents.map((agent) => agent.workerPid)).size).toBe(2);
  expect(status.agents.every((agent) => agent.state === 'running')).toBe(true);
});

it('puts an agent into other conditions by a command, of which those stay that are not named', async () => {
  const { name = '' } = fleet.status().agents[0] ?? {};
  const run = (...more: string[]) =>
    runFanoutHere(['fleet', 'conditions', name, ...more, '--data', path.join(folder, 'server')]);
  const conditionsAfter = async (...more: string[]) => {
    const { exitCode, stdout, stderr } = await run(...more, '--json');
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(fleet.status().agents[0]).toMatchObject(JSON.parse(stdout));
    return fleet.status().agents.map(({ conditions }) => conditions);
  };
  const others = [normalConditions, normalConditions, normalConditions];
  const busy = { ...normalConditions, cpuLoadPercent: 90 };
  expect(await conditionsAfter('--battery', 'yes', '--cpu-load', '90')).toEqual([
    { ...busy, onBattery: true },
    ...others,
  ]);
  expect(await conditionsAfter('--battery', 'no', '--vpn', 'yes')).toEqual([{ ...busy, vpn: true }, ...others]);
  expect((await run()).stdout).toMatch(/^on battery +no\nVPN +yes\n(.*\n)*CPU load +90 %\n$/);
  expect(await conditionsAfter('--normal')).toEqual([normalConditions, ...others]);
  const [entry] = await console.call('audit', { query: { action: 'set-embedded-agent-conditions' } });
  expect(entry).toMatchObject({ subject: name, before: { ...busy, vpn: true }, after: normalConditions });
  expect(await run('--vpn', 'maybe')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await run('--cpu-load', '101')).toMatchObject({ exitCode: 2, stdout: '' });
  const stranger = await runFanoutHere(['fleet', 'conditions', 'nobody', '--data', path.join(folder, 'server')]);
  expect(stranger).toMatchObject({ exitCode: 7, stdout: '' });
});

it('restarts a killed worker, whose agents come back with the identities that they had', async () => {
  const before = fleet.status().agents;
  const pid = fleet.killWorkerOf('a-01');
  expect(pid).toBe(before[0]?.workerPid);
  await vi.waitFor(() => expect(fleet.status().agents[0]?.restarts).toBe(1), { timeout: 10_000 });
  await vi.waitFor(() => expect(fleet.status().agents.every((agent) => agent.state === 'running')).toBe(true), {
    timeout: 20_000,
  });
  await everybodyOnline();
  const after = fleet.status().agents;
  expect(after.map((agent) => agent.agentId)).toEqual(before.map((agent) => agent.agentId));
  expect(after.map((agent) => agent.restarts)).toEqual([1, 1, 0, 0]);
  expect(await console.call('agents', {})).toHaveLength(4);
});

it('picks up its identities when the whole fleet is started again', async () => {
  const before = fleet.status().agents.map((agent) => agent.agentId);
  await fleet.stop();
  fleet.start(plan, { serverUrl: server.agentUrl, joinToken: null, dataFolder: path.join(folder, 'agents') });
  await everybodyOnline();
  expect(fleet.status().agents.map((agent) => agent.agentId)).toEqual(before);
});

it('brings what the person at an embedded computer wants to its agent, and its notices back', async () => {
  const name = plan.subnets[0]?.agents[0]?.name ?? '';
  const ask = (agent: string) =>
    console.call('fleetUserAction', { params: { name: agent }, body: { action: 'pause' } });
  expect(await ask(name)).toMatchObject({ accepted: false });
  const [global] = (await console.call('policies', {})).filter(({ isGlobal }) => isGlobal);
  if (global === undefined) throw new Error('no Global');
  const settings = { ...global.settings, allowUserPause: true, showNotifications: true };
  const { id, target, version } = global;
  await console.call('updatePolicy', { params: { id }, body: { name: 'Global', target, settings, version } });
  await vi.waitFor(async () => expect(await ask(name)).toMatchObject({ accepted: true }), 20_000);
  await vi.waitFor(() => expect(output.join()).toContain(`${name}: Downloads are paused.`));
  await expect(ask('nobody')).rejects.toThrow('no embedded agent called nobody');
});
