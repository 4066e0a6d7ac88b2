import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { Policy } from '../../shared/contracts/console-api.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { deliver, settledWanBytesInto, setUpFleetPolicy } from '../loopback/support/fleet-of-one-subnet.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger } from '../support/agent-fixtures.ts';

const isPossible = process.platform === 'linux' && process.getuid?.() === 0;
const mebibyte = 1024 * 1024;
const diskBytes = 64 * mebibyte;
const port = 28_000 + (process.pid % 1000);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let disk: string;
let server: TestServer;
let subnet: string;
const running: RunningAgent[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  disk = path.join(folder.path, 'a');
  await mkdir(disk);
  if (isPossible) execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk]);
  server = await startTestServer(path.join(folder.path, 'server'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((agent) => agent.stop()));
  await server.stop();
  if (isPossible) execFileSync('umount', [disk]);
  await folder.remove();
});

async function start(name: string, address: string): Promise<void> {
  const agent = await startAgent({
    name,
    dataFolder: path.join(folder.path, name),
    interface: { name: 'lo', address, prefixLength: 24 },
    port,
    hearingPort: port,
    serverUrl: server.agentUrl,
    joinToken: await server.makeJoinToken(),
    productVersion: '0.0.0-test',
    logger: silentLogger,
  });
  running.push(agent);
}

async function saveSettings(changes: Partial<AgentSettings>): Promise<void> {
  const policy = (await server.call('policies', {})).find(({ isGlobal }) => !isGlobal) as Policy;
  const { name, target, settings, version } = policy;
  const body = { name, target, version, settings: { ...settings, ...changes } };
  await server.call('updatePolicy', { params: { id: policy.id }, body });
}

const journalText = (name: string): Promise<string> =>
  readFile(path.join(folder.path, name, 'decision-journal.jsonl'), 'utf8').catch(() => '');

it.runIf(isPossible)(
  'deletes the package that was unused for longest where maxCache leaves no room for both',
  async () => {
    const address = freshLoopbackAddress(72);
    subnet = await setUpFleetPolicy(server, address, port);
    await saveSettings({ minFreeDisk: 0, maxCache: 20 });
    await start('a', address);
    const bytes = 7 * mebibyte;
    const first = await deliver(server, folder.path, randomBytes(bytes));
    await eventually('a has the first package', () => first.readyOn('a'), 20_000);
    const second = await deliver(server, folder.path, randomBytes(bytes));
    await eventually('a has the second package', () => second.readyOn('a'), 20_000);
    expect(await first.readyOn('a')).toBeNull();
    await eventually('it says so', async () => (await journalText('a')).includes('to make room') || null);
    await saveSettings({ maxCache: 60 });
    const third = await deliver(server, folder.path, randomBytes(bytes));
    await eventually('a has the third package', () => third.readyOn('a'), 20_000);
    expect(await second.readyOn('a')).toBe(true);
    expect(await settledWanBytesInto(server, subnet)).toBe(3 * bytes);
  },
  120_000,
);
