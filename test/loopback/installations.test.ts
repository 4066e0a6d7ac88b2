import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { ImportJob } from '../../shared/contracts/console-api.ts';
import type { RouteBodyInput } from '../../shared/contracts/console-routes.ts';
import type { Delivery, StageProgress } from '../../shared/contracts/deliveries-api.ts';
import { eventually, importPackage } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';

const port = 25_000 + (process.pid % 1000);
const subnetNumber = 57;

/**
 * The package's folder lies three below the data folder of its agent. There the script finds what to do: with `fail` it
 * ends with that exit code, with `hold` it waits until that is gone.
 */
const script = `#!/usr/bin/env node
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
const data = path.resolve('../../..');
appendFileSync(path.join(data, 'runs.txt'), process.argv.slice(2).join(' ') + ' ' + process.env.FANOUT_PACKAGE_KEY + '\\n');
const until = Date.now() + 20000;
while (existsSync(path.join(data, 'hold')) && Date.now() < until) await new Promise((go) => setTimeout(go, 20));
const fail = path.join(data, 'fail');
console.log('a word from the script');
process.exit(existsSync(fail) ? Number(readFileSync(fail, 'utf8')) : 0);
`;

type Draft = RouteBodyInput<'createDelivery'>;

describe.skipIf(process.platform === 'win32')('installations', () => {
  let place: LoopbackPlace;
  let imported: NonNullable<ImportJob['package']>;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
    const folder = path.join(place.folder, 'tool');
    await mkdir(folder);
    await writeFile(path.join(folder, 'install.mjs'), script);
    imported = await importPackage(place.server, folder);
    await place.createPolicy(
      'all',
      { kind: 'all' },
      { port, eventInterval: 5, announcementInterval: 5, minPeerPackage: 0 },
    );
  });

  afterEach(() => place.stop());

  function start(name: string, allowsExecution = true): Promise<RunningAgent> {
    return place.startAgent(name, { interface: onLoopback(freshLoopbackAddress(subnetNumber)), port, allowsExecution });
  }

  const inData = (name: string, file: string): string => path.join(place.agentFolder(name), file);

  async function runsOf(name: string): Promise<string[]> {
    const text = await readFile(inData(name, 'runs.txt'), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '');
  }

  function create(draft: Partial<Draft>): Promise<Delivery> {
    const { guid, version } = imported;
    const command = { file: 'install.mjs', arguments: ['--mode', 'quiet $HOME'] };
    const installation = { schedule: { kind: 'as-soon-as-possible' as const }, command, tries: 1 };
    const body = {
      guid,
      version,
      target: { kind: 'all' as const },
      priority: 'normal' as const,
      installation,
      ...draft,
    };
    return place.server.call('createDelivery', { body });
  }

  const read = (id: string): Promise<Delivery> => place.server.call('delivery', { params: { id } });

  function whenStage(id: string, stage: number, states: Partial<StageProgress['states']>): Promise<Delivery> {
    return eventually(
      `stage ${stage + 1} has ${JSON.stringify(states)}`,
      async () => {
        const delivery = await read(id);
        const now: Partial<StageProgress['states']> = delivery.stages[stage]?.states ?? {};
        const isThere = Object.entries(states).every(([state, count]) => now[state as keyof typeof now] === count);
        return isThere ? delivery : null;
      },
      30_000,
    );
  }

  it('run stage by stage: a failure holds the next stage back until it is mended', { timeout: 90_000 }, async () => {
    const [a, b] = [await start('a'), await start('b')];
    await start('c');
    await writeFile(inData('b', 'fail'), '3');
    const made = await create({
      target: { kind: 'agents', agentIds: [a.agentId, b.agentId] },
      laterStages: [
        {
          target: { kind: 'all' },
          start: { kind: 'after-previous', installedPercent: 60, failedPercent: 0, hours: 0 },
        },
      ],
    });
    const held = await whenStage(made.id, 0, { installed: 1, failed: 1 });
    expect(held.stages[0]?.failures).toEqual([{ reason: 'exit-code', agents: 1 }]);
    expect(held.stages[1]).toMatchObject({ startedAtMs: null, states: { 'not-offered': 1 } });
    const [failed] = await place.server.call('deliveryAgents', { params: { id: made.id }, query: { state: 'failed' } });
    expect(failed).toMatchObject({ agentId: b.agentId, exitCode: 3, failure: 'exit-code' });
    expect(failed?.detail).toContain('a word from the script');
    expect(await runsOf('a')).toEqual([`--mode quiet $HOME ${imported.key}`]);

    await rm(inData('b', 'fail'));
    await place.server.call('retryDelivery', { params: { id: made.id } });
    await whenStage(made.id, 0, { installed: 2 });
    await whenStage(made.id, 1, { installed: 1 });
    expect([(await runsOf('a')).length, (await runsOf('b')).length, (await runsOf('c')).length]).toEqual([1, 2, 1]);
    expect((await read(made.id)).status).toBe('finished');
  });

  it('that failed on one computer are tried again there when its helpdesk says so', { timeout: 60_000 }, async () => {
    const [a] = [await start('a'), await start('b')];
    await writeFile(inData('a', 'fail'), '3');
    await writeFile(inData('b', 'fail'), '3');
    const made = await create({});
    await whenStage(made.id, 0, { failed: 2 });
    await rm(inData('a', 'fail'));
    await place.server.call('retryNow', { params: { agentId: a.agentId } });
    await whenStage(made.id, 0, { installed: 1, failed: 1 });
    expect([(await runsOf('a')).length, (await runsOf('b')).length]).toEqual([2, 1]);
    const [entry] = await place.server.call('audit', { query: {} });
    expect(entry).toMatchObject({ action: 'retry-agent', subject: 'a' });
  });

  it('need the word of whoever started the agent, and without a command only their time', {
    timeout: 60_000,
  }, async () => {
    await start('a', false);
    const made = await create({});
    const refused = await whenStage(made.id, 0, { failed: 1 });
    expect(refused.stages[0]?.failures).toEqual([{ reason: 'execution-not-allowed', agents: 1 }]);
    const [failed] = await place.server.call('deliveryAgents', { params: { id: made.id }, query: {} });
    expect(failed?.detail).toContain('--allow-execute');
    expect(await runsOf('a')).toEqual([]);
    const without = await create({ installation: { schedule: { kind: 'as-soon-as-possible' }, durationSeconds: 1 } });
    await whenStage(without.id, 0, { installed: 1 });
  });

  it('that end with 3010 are done, and wait for a restart of the computer', { timeout: 60_000 }, async () => {
    const agent = await start('a');
    await writeFile(inData('a', 'fail'), '3010');
    const made = await create({});
    await whenStage(made.id, 0, { 'reboot-pending': 1 });
    await agent.stop();
    await start('a');
    await eventually('it is online', async () => ((await place.isOnline(agent.agentId)) ? true : null));
    expect((await read(made.id)).stages[0]?.states).toMatchObject({ 'reboot-pending': 1 });
    expect(await runsOf('a')).toHaveLength(1);
  });

  it('in whose middle the agent is killed are not run again by themselves', { timeout: 90_000 }, async () => {
    const plan = place.plan('a', {
      interface: onLoopback(freshLoopbackAddress(subnetNumber)),
      port,
      allowsExecution: true,
    });
    const first = await place.startWorker();
    await first.startAgent(plan);
    await writeFile(inData('a', 'hold'), '');
    const made = await create({});
    await whenStage(made.id, 0, { installing: 1 });
    await eventually('the script runs', async () => ((await runsOf('a')).length === 1 ? true : null));
    await first.kill();
    const second = await place.startWorker();
    await second.startAgent(plan);
    const found = await whenStage(made.id, 0, { failed: 1 });
    expect(found.stages[0]?.failures).toEqual([{ reason: 'interrupted', agents: 1 }]);
    await rm(inData('a', 'hold'));
    expect(await runsOf('a')).toHaveLength(1);
    await place.server.call('retryDelivery', { params: { id: made.id } });
    await whenStage(made.id, 0, { installed: 1 });
    expect(await runsOf('a')).toHaveLength(2);
  });

  it('wait while the delivery is paused and for its time, and not in an emergency', { timeout: 60_000 }, async () => {
    await start('a');
    const command = { file: 'install.mjs', arguments: [] };
    const schedule = { kind: 'at' as const, localTime: '2199-01-01T00:00' };
    const late = await create({ installation: { schedule, command } });
    await whenStage(late.id, 0, { ready: 1 });
    const urgent = await create({ installation: { schedule, command }, priority: 'emergency' });
    await whenStage(urgent.id, 0, { installed: 1 });
    expect(await runsOf('a')).toHaveLength(1);

    const paused = await create({ availableFromMs: Date.now() + 600_000 });
    expect((await place.server.call('pauseDelivery', { params: { id: paused.id } })).status).toBe('paused');
    await place.server.call('startNextStage', { params: { id: paused.id } });
    // What is here is told at once; what is paused is not begun.
    await whenStage(paused.id, 0, { ready: 1 });
    expect(await runsOf('a')).toHaveLength(1);
    await place.server.call('resumeDelivery', { params: { id: paused.id } });
    await whenStage(paused.id, 0, { installed: 1 });
    expect(await runsOf('a')).toHaveLength(2);
  });

  it('that are cancelled before their time never run', { timeout: 60_000 }, async () => {
    await start('a');
    const command = { file: 'install.mjs', arguments: [] };
    const late = await create({ installation: { schedule: { kind: 'at', localTime: '2199-01-01T00:00' }, command } });
    await whenStage(late.id, 0, { ready: 1 });
    await place.server.call('cancelDelivery', { params: { id: late.id } });
    const next = await create({ installation: { schedule: { kind: 'as-soon-as-possible' } } });
    await whenStage(next.id, 0, { installed: 1 });
    expect(await runsOf('a')).toEqual([]);
  });
});
