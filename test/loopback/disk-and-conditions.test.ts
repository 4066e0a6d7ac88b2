import { randomBytes } from 'node:crypto';
import { access, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { Policy } from '../../shared/contracts/console-api.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger } from '../support/agent-fixtures.ts';
import { deliver, settledWanBytesInto, setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const port = 27_000 + (process.pid % 1000);
const mebibyte = 1024 * 1024;
const packageBytes = 5 * mebibyte + 11;
const dayMs = 86_400_000;
/** More than any disk that tests run on has free. */
const beyondAnyDisk = 1000;

describe('settings of disk and conditions, over real sockets', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: TestServer;
  let joinToken: string;
  let subnet: string;
  let third: number;
  const running = new Map<string, RunningAgent>();

  beforeEach(async () => {
    folder = await temporaryFolder();
    server = await startTestServer(path.join(folder.path, 'server'));
    joinToken = await server.makeJoinToken();
    third = 60 + (Number(freshLoopbackAddress(60).split('.')[3]) % 100);
    subnet = await setUpFleetPolicy(server, freshLoopbackAddress(third), port);
  });

  afterEach(async () => {
    await Promise.all([...running.values()].map((agent) => agent.stop()));
    running.clear();
    await server.stop();
    await folder.remove();
  });

  const start = async (name: string, conditions: Partial<ComputerConditions> = {}): Promise<RunningAgent> => {
    const agent = await startAgent({
      name,
      dataFolder: path.join(folder.path, name),
      interface: { name: 'lo', address: freshLoopbackAddress(third), prefixLength: 24 },
      port,
      hearingPort: port,
      serverUrl: server.agentUrl,
      conditions: { ...normalConditions, ...conditions },
      joinToken,
      productVersion: '0.0.0-test',
      logger: silentLogger,
    });
    running.set(name, agent);
    return agent;
  };

  const stop = async (name: string): Promise<void> => {
    await running.get(name)?.stop();
    running.delete(name);
  };

  const saveSettings = async (changes: Partial<AgentSettings>): Promise<void> => {
    const policy = (await server.call('policies', {})).find(({ isGlobal }) => !isGlobal) as Policy;
    const { name, target, settings, version } = policy;
    const body = { name, target, version, settings: { ...settings, ...changes } };
    await server.call('updatePolicy', { params: { id: policy.id }, body });
  };

  const journalOf = async (name: string): Promise<JournalEntry[]> => {
    const text = await readFile(path.join(folder.path, name, 'decision-journal.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JournalEntry);
  };

  const entry = (name: string, reason: JournalEntry['reason']): Promise<JournalEntry> =>
    eventually(
      `${name} notes ${reason}`,
      async () => (await journalOf(name)).find((candidate) => candidate.reason === reason) ?? null,
      15_000,
    );

  const exists = (file: string): Promise<boolean> =>
    access(file).then(
      () => true,
      () => false,
    );

  const publish = async () => deliver(server, folder.path, randomBytes(packageBytes));

  it('waits while less is free than minFreeDisk keeps, and starts when the policy keeps less', async () => {
    await saveSettings({ minFreeDisk: beyondAnyDisk });
    await start('a');
    const delivered = await publish();
    expect((await entry('a', 'disk-full')).sentence).toMatch(/GB more have to become free.*1000\.0 GB being kept free/);
    await saveSettings({ minFreeDisk: 0 });
    await eventually('a has the package', () => delivered.readyOn('a'), 15_000);
  });

  it('deletes what was unused for the set time, keeps it deleted, and what is used stays', async () => {
    await start('a');
    const delivered = await publish();
    await eventually('a has the package', () => delivered.readyOn('a'), 15_000);
    const stored = path.join(folder.path, 'a', 'packages', delivered.key);
    const lastUsed = path.join(stored, 'last-used');
    await eventually('its use is noted', async () => (await exists(lastUsed)) || null);
    await stop('a');
    await writeFile(lastUsed, String(Date.now() - 2 * dayMs));
    await start('a');
    // Two days are less than the week of a new server: the configuration has come when the agent is online, and nothing goes.
    await eventually('a is online', async () => (await server.call('agents', {})).some(({ online }) => online) || null);
    expect(await exists(stored)).toBe(true);
    await server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 24 } });
    await eventually('the package is deleted', async () => !(await exists(stored)) || null, 15_000);
    expect((await entry('a', 'deleted')).sentence).toMatch(/unused/);
    const sentBytes = await settledWanBytesInto(server, subnet);
    await stop('a');
    await start('a');
    const next = await publish();
    await eventually('a has the next package', () => next.readyOn('a'), 15_000);
    expect(await exists(stored)).toBe(false);
    expect(await settledWanBytesInto(server, subnet)).toBe(sentBytes + packageBytes);
  });

  it('does without peers where exceptWhen names the condition, and with them where it does not', async () => {
    await saveSettings({ exceptWhen: ['metered'] });
    await Promise.all([start('a'), start('b', { metered: true })]);
    const first = await publish();
    for (const name of ['a', 'b']) await eventually(`${name} has it`, () => first.readyOn(name), 20_000);
    expect((await entry('b', 'excepted')).sentence).toMatch(/metered/);
    expect(await settledWanBytesInto(server, subnet)).toBe(2 * packageBytes);
    await saveSettings({ exceptWhen: [] });
    const second = await publish();
    for (const name of ['a', 'b']) await eventually(`${name} has it`, () => second.readyOn(name), 20_000);
    expect(await settledWanBytesInto(server, subnet)).toBe(3 * packageBytes);
  });

  it.each([
    ['serveOnBattery', { onBattery: true }, { serveOnBattery: false }, { serveOnBattery: true }],
    ['cpuLimit', { cpuLoadPercent: 85 }, { cpuLimit: 80 }, { cpuLimit: 95 }],
  ] as const)('serves a peer or not as %s says', async (_, conditions, refusing, allowing) => {
    await saveSettings({ ...refusing, exceptWhen: [] });
    const agent = await start('a');
    const first = await publish();
    await eventually('a has it', () => first.readyOn('a'), 15_000);
    agent.setConditions({ ...normalConditions, ...conditions });
    await start('b');
    await eventually('b has it', () => first.readyOn('b'), 20_000);
    expect(await settledWanBytesInto(server, subnet)).toBe(2 * packageBytes);
    await stop('b');
    await saveSettings(allowing);
    await start('c');
    await eventually('c has it', () => first.readyOn('c'), 20_000);
    expect(await settledWanBytesInto(server, subnet)).toBe(2 * packageBytes);
  });
});
