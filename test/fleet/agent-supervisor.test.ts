import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { AgentSupervisor, defaultSupervisorLimits } from '../../electron/fleet/agent-supervisor.ts';
import { childProcessLauncher } from '../../electron/fleet/child-process-launcher.ts';
import type { WorkerLauncher } from '../../electron/fleet/launcher.ts';
import type { SupervisorClock } from '../../electron/fleet/supervisor-clock.ts';
import { systemSupervisorClock } from '../../electron/fleet/supervisor-clock.ts';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import { ManualClock } from './manual-clock.ts';

const entry = path.join(import.meta.dirname, 'fixtures/scripted-worker.ts');
const started: { supervisor: AgentSupervisor; pids: Set<number> }[] = [];

function supervise(names: readonly string[], clock: SupervisorClock = systemSupervisorClock) {
  const pids = new Set<number>();
  const signals: string[] = [];
  const launcher: WorkerLauncher = {
    launch(...args) {
      const handle = childProcessLauncher().launch(...args);
      if (handle.pid !== null) pids.add(handle.pid);
      return handle;
    },
  };
  const output: string[] = [];
  const supervisor = new AgentSupervisor({
    launcher,
    entry,
    workerName: 'worker',
    agents: names.map((name, index) => ({
      subnet: '127.9.1.0/24',
      agent: {
        name,
        dataFolder: '/nowhere',
        interface: { name: 'Loopback', address: `127.9.1.${index + 1}`, prefixLength: 24 },
        port: 4000,
        hearingPort: 4000,
        serverUrl: 'https://127.0.0.1:1',
        joinToken: null,
      },
    })),
    onChange: () => undefined,
    onOutput: (line) => output.push(line),
    clock,
    limits: { ...defaultSupervisorLimits, readyWithinMs: 20_000 },
    sendSignal(pid, signal) {
      signals.push(signal);
      process.kill(pid, signal);
    },
  });
  started.push({ supervisor, pids });
  supervisor.start();
  return { supervisor, pids, signals, output };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(condition()).toBe(true), { timeout: 8000, interval: 10 });
}

function states(supervisor: AgentSupervisor): FleetAgentStatus['state'][] {
  return supervisor.status().map((status) => status.state);
}

afterEach(async () => {
  for (const { supervisor, pids } of started.splice(0)) {
    for (const pid of pids) if (exists(pid)) process.kill(pid, 'SIGKILL');
    await supervisor.stop();
    for (const pid of pids) expect(exists(pid)).toBe(false);
  }
});

it('hosts several agents in one process and tells their identities', async () => {
  const { supervisor, pids } = supervise(['a-01', 'a-02']);
  await until(() => states(supervisor).every((state) => state === 'running'));
  const [first, second] = supervisor.status();
  expect(pids.size).toBe(1);
  expect(first?.workerPid).toBe([...pids][0]);
  expect(second?.workerPid).toBe(first?.workerPid);
  expect(first?.agentId).not.toBe(second?.agentId);
  expect(second).toMatchObject({ address: '127.9.1.2', port: 4000, subnet: '127.9.1.0/24', restarts: 0, detail: '' });
});

it('restarts a crashing process with pauses that double up to the longest one', async () => {
  const clock = new ManualClock();
  const { supervisor, pids } = supervise(['crashes-at-start'], clock);
  for (const [restart, pauseSeconds] of [0.5, 1, 2, 4].entries()) {
    await until(() => states(supervisor)[0] === 'waiting-to-restart');
    expect(supervisor.status()[0]?.detail).toBe(
      `Its worker process ended: it ended with code 7. Starting again in ${pauseSeconds} s.`,
    );
    expect(supervisor.status()[0]?.restarts).toBe(restart);
    expect(supervisor.status()[0]?.workerPid).toBeNull();
    clock.advance(pauseSeconds * 1000 - 1);
    expect(pids.size).toBe(restart + 1);
    clock.advance(1);
    expect(pids.size).toBe(restart + 2);
  }
});

it('begins with the first pause again after a healthy time', async () => {
  const clock = new ManualClock();
  const { supervisor } = supervise(['a-01'], clock);
  for (const pauseSeconds of [0.5, 1]) {
    await until(() => states(supervisor)[0] === 'running');
    supervisor.kill();
    await until(() => states(supervisor)[0] === 'waiting-to-restart');
    expect(supervisor.status()[0]?.detail).toContain(`killed by SIGKILL. Starting again in ${pauseSeconds} s.`);
    clock.advance(pauseSeconds * 1000);
  }
  await until(() => states(supervisor)[0] === 'running');
  clock.advance(defaultSupervisorLimits.healthyAfterMs);
  supervisor.kill();
  await until(() => states(supervisor)[0] === 'waiting-to-restart');
  expect(supervisor.status()[0]?.detail).toContain('Starting again in 0.5 s.');
});

it('starts an agent again that failed in a living process, without touching the others', async () => {
  const clock = new ManualClock();
  const { supervisor, pids } = supervise(['late-01', 'a-02'], clock);
  await until(() => states(supervisor)[0] === 'waiting-to-restart' && states(supervisor)[1] === 'running');
  expect(supervisor.status()[0]?.detail).toBe('Nobody answers. Trying again in 0.5 s.');
  clock.advance(500);
  await until(() => states(supervisor)[0] === 'running');
  expect(supervisor.status().map((status) => status.restarts)).toEqual([1, 0]);
  expect(pids.size).toBe(1);
});

it('does not try again what cannot succeed, also after a crash of the process', async () => {
  const clock = new ManualClock();
  const { supervisor } = supervise(['refused-01', 'a-02'], clock);
  await until(() => states(supervisor)[0] === 'failed' && states(supervisor)[1] === 'running');
  supervisor.kill();
  await until(() => states(supervisor)[1] === 'waiting-to-restart');
  clock.advance(500);
  await until(() => states(supervisor)[1] === 'running');
  expect(supervisor.status()[0]).toMatchObject({ state: 'failed', detail: 'The join token is wrong.', restarts: 0 });
});

it('ends a process in which every agent failed for good', async () => {
  const { supervisor, pids } = supervise(['refused-01', 'refused-02']);
  await until(() => [...pids].every((pid) => !exists(pid)));
  expect(states(supervisor)).toEqual(['failed', 'failed']);
});

it('stops an obedient process without a signal', async () => {
  const { supervisor, pids, signals } = supervise(['a-01', 'a-02']);
  await until(() => states(supervisor).every((state) => state === 'running'));
  await supervisor.stop();
  expect([...pids].some(exists)).toBe(false);
  expect(signals).toEqual([]);
  expect(states(supervisor)).toEqual(['stopped', 'stopped']);
});

it('kills a process that hears neither the stop nor SIGTERM', async () => {
  const clock = new ManualClock();
  const { supervisor, pids, signals } = supervise(['deaf-01'], clock);
  await until(() => states(supervisor)[0] === 'running');
  const stopped = supervisor.stop();
  clock.advance(defaultSupervisorLimits.stopWithinMs);
  expect(signals).toEqual(['SIGTERM']);
  clock.advance(defaultSupervisorLimits.terminateWithinMs);
  expect(signals).toEqual(['SIGTERM', 'SIGKILL']);
  await stopped;
  expect([...pids].some(exists)).toBe(false);
  expect(states(supervisor)).toEqual(['stopped']);
});

it('starts nothing any more when it is stopped while it waits to restart', async () => {
  const clock = new ManualClock();
  const { supervisor, pids } = supervise(['crashes-at-start'], clock);
  await until(() => states(supervisor)[0] === 'waiting-to-restart');
  await supervisor.stop();
  clock.advance(3_600_000);
  expect(pids.size).toBe(1);
  expect(states(supervisor)).toEqual(['stopped']);
});

it('reports a message that is not in the protocol, and what the process prints', async () => {
  const { supervisor, output } = supervise(['garbles-01']);
  await until(() => states(supervisor)[0] === 'running');
  await until(() => output.includes('worker: scripted worker is up'));
  expect(output.some((line) => line.startsWith('worker: sent a message that is not in the worker protocol'))).toBe(
    true,
  );
});

it('says so when the process cannot be started at all', async () => {
  const supervisor = new AgentSupervisor({
    launcher: childProcessLauncher({ executable: path.join(import.meta.dirname, 'no-such-executable') }),
    entry,
    workerName: 'worker',
    agents: [
      {
        subnet: '127.9.1.0/24',
        agent: {
          name: 'a-01',
          dataFolder: '/nowhere',
          interface: { name: 'Loopback', address: '127.9.1.1', prefixLength: 24 },
          port: 4000,
          hearingPort: null,
          serverUrl: 'https://127.0.0.1:1',
          joinToken: null,
        },
      },
    ],
    onChange: () => undefined,
    onOutput: () => undefined,
    clock: new ManualClock(),
  });
  supervisor.start();
  await until(() => states(supervisor)[0] === 'waiting-to-restart');
  expect(supervisor.status()[0]?.detail).toContain('it could not be started');
  await supervisor.stop();
});

it('stops one agent until it is started, while its neighbour goes on', async () => {
  const { supervisor, pids } = supervise(['a-01', 'a-02']);
  await until(() => states(supervisor).every((state) => state === 'running'));
  expect(supervisor.stopAgent('a-01')).toEqual({ ok: true, value: undefined });
  expect(states(supervisor)).toEqual(['stopping', 'running']);
  await until(() => states(supervisor)[0] === 'stopped');
  expect(supervisor.status().map(({ workerPid }) => workerPid)).toEqual([null, [...pids][0]]);
  expect(supervisor.stopAgent('a-01')).toMatchObject({ ok: false, error: 'a-01 is stopped already.' });
  expect(supervisor.startAgent('a-01').ok).toBe(true);
  await until(() => states(supervisor)[0] === 'running');
  expect(supervisor.startAgent('a-01')).toMatchObject({ ok: false, error: 'a-01 runs already.' });
  expect([pids.size, supervisor.status().map(({ restarts }) => restarts)]).toEqual([1, [0, 0]]);
});

it('leaves a stopped agent alone when its process is restarted', async () => {
  const clock = new ManualClock();
  const { supervisor } = supervise(['a-01', 'a-02'], clock);
  await until(() => states(supervisor).every((state) => state === 'running'));
  supervisor.stopAgent('a-01');
  await until(() => states(supervisor)[0] === 'stopped');
  expect(supervisor.kill()?.agents).toEqual(['a-02']);
  await until(() => states(supervisor)[1] === 'waiting-to-restart');
  clock.advance(500);
  await until(() => states(supervisor)[1] === 'running');
  expect(supervisor.status().map(({ state, restarts }) => [state, restarts])).toEqual([
    ['stopped', 0],
    ['running', 1],
  ]);
});

it('ends a process that nobody runs in, and starts one when somebody is to run again', async () => {
  const { supervisor, pids } = supervise(['a-01', 'a-02']);
  await until(() => states(supervisor).every((state) => state === 'running'));
  supervisor.stopAgent('a-01');
  supervisor.stopAgent('a-02');
  await until(() => [...pids].every((pid) => !exists(pid)));
  await until(() => states(supervisor).every((state) => state === 'stopped'));
  expect(supervisor.kill()).toBeNull();
  supervisor.startAgent('a-02');
  await until(() => states(supervisor)[1] === 'running');
  expect([states(supervisor)[0], pids.size]).toEqual(['stopped', 2]);
});

it('starts an agent that is still on its way out as soon as it is gone', async () => {
  const { supervisor, pids } = supervise(['a-01', 'a-02']);
  await until(() => states(supervisor).every((state) => state === 'running'));
  supervisor.stopAgent('a-01');
  expect(supervisor.startAgent('a-01').ok).toBe(true);
  await until(() => states(supervisor)[0] === 'running');
  // The last one of a process, which ends meanwhile.
  supervisor.stopAgent('a-02');
  supervisor.stopAgent('a-01');
  await until(() => states(supervisor).every((state) => state === 'stopped'));
  supervisor.startAgent('a-01');
  await until(() => states(supervisor)[0] === 'running');
  expect([states(supervisor), pids.size]).toEqual([['running', 'stopped'], 2]);
});

it('starts one process, whatever is stopped and started while a restart is waited for', async () => {
  const clock = new ManualClock();
  const { supervisor, pids } = supervise(['a-01'], clock);
  await until(() => states(supervisor)[0] === 'running');
  supervisor.kill();
  await until(() => states(supervisor)[0] === 'waiting-to-restart');
  expect(supervisor.startAgent('a-01').ok).toBe(false);
  expect(supervisor.stopAgent('a-01').ok).toBe(true);
  expect(supervisor.startAgent('a-01').ok).toBe(true);
  clock.advance(500); // when it would have been restarted
  await until(() => states(supervisor)[0] === 'running');
  expect(pids.size).toBe(2);
});

it('starts an agent again that had failed for good when somebody asks for it', async () => {
  const { supervisor } = supervise(['refused-01', 'a-02']);
  await until(() => states(supervisor)[0] === 'failed' && states(supervisor)[1] === 'running');
  expect(supervisor.startAgent('refused-01').ok).toBe(true);
  expect(states(supervisor)[0]).toBe('starting');
  await until(() => states(supervisor)[0] === 'failed');
});

it('tells a process what is done to an agent, and its successor too', async () => {
  const clock = new ManualClock();
  const { supervisor, output } = supervise(['a-01'], clock);
  const told = (text: string) => until(() => output.includes(`worker: a-01 ${text}`));
  await until(() => states(supervisor)[0] === 'running');
  supervisor.impair('a-01', { corrupts: true });
  supervisor.impair('a-01', { kilobytesPerSecond: 50 });
  const impairments = { kilobytesPerSecond: 50, corrupts: true, isUnplugged: false };
  expect(supervisor.status()[0]?.impairments).toEqual(impairments);
  await told(`now ${JSON.stringify(impairments)}`);
  supervisor.kill();
  await until(() => states(supervisor)[0] === 'waiting-to-restart');
  clock.advance(500);
  await told(`starts ${JSON.stringify(impairments)}`);
});
