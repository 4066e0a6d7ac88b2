import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { LoopbackPlace, onLoopback } from '../loopback/support/agents-on-loopback.ts';
import { settledWanBytesInto, setUpFleetPolicy } from '../loopback/support/fleet-of-one-subnet.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';

const isPossible = process.platform === 'linux' && process.getuid?.() === 0;
const mebibyte = 1024 * 1024;
const diskBytes = 64 * mebibyte;
const port = 28_000 + (process.pid % 1000);

let place: LoopbackPlace;
let disk: string;

beforeEach(async () => {
  place = await LoopbackPlace.start();
  disk = place.agentFolder('a');
  if (!isPossible) return;
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk]);
  place.onStop(() => execFileSync('umount', [disk]));
});

afterEach(() => place.stop());

const start = (name: string, address: string): Promise<RunningAgent> =>
  place.startAgent(name, { interface: onLoopback(address), port });
const setUp = async (address: string, settings: Partial<AgentSettings>, wanKilobitsPerSecond = 0): Promise<string> =>
  setUpFleetPolicy(place.server, address, port, wanKilobitsPerSecond, { minFreeDisk: 0, ...settings });

it.runIf(isPossible)(
  'hands on the download of a disk that fills up in the middle, and goes on with what it had when there is room',
  async () => {
    const [first, second] = [freshLoopbackAddress(71), freshLoopbackAddress(71)];
    const subnet = await setUp(first, { maxCache: 90 }, 24_000);
    await start('a', first);
    const content = randomBytes(30 * mebibyte + 77);
    const delivered = await place.deliver(content);
    const journal = path.join(disk, 'packages', delivered.key, 'blocks.journal');
    const heldBlocks = async (): Promise<number> => (await readFile(journal).catch(() => Buffer.alloc(0))).length / 12;
    await eventually('a has some blocks', async () => (await heldBlocks()) >= 3 || null, 20_000);
    const filler = path.join(disk, 'filler');
    const { bavail, bsize } = await statfs(disk);
    // The agent goes on writing: where it was faster, there is less room than was read, and the file takes all of it.
    await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - 100 * 1024))).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    });
    // Not with its journal, for which there is no room either: by what it tells the server.
    await eventually(
      'a says that its disk is full',
      async () => {
        const [agent] = await place.server.call('agents', {});
        if (agent === undefined) return null;
        const { packages } = await place.server.call('agent', { params: { agentId: agent.agentId } });
        return packages.some(({ state, detail }) => state === 'failed' && /room|full/.test(detail)) || null;
      },
      20_000,
    );
    await start('b', second);
    // Far less than the time after which a lane no longer waits for a follower that takes nothing.
    await eventually('b has the package', () => delivered.readyOn('b'), 25_000);
    expect(await delivered.readyOn('a')).toBeNull();
    await rm(filler);
    await eventually('a has it too', () => delivered.readyOn('a'), 30_000);
    const got = await readFile(path.join(disk, 'packages', delivered.key, 'files', delivered.fileName));
    expect(got.equals(content)).toBe(true);
    // What was under way when the disk filled up crosses again, nothing else.
    expect(await settledWanBytesInto(place.server, subnet)).toBeLessThanOrEqual(content.length + 4 * 2 * mebibyte);
  },
  120_000,
);

it.runIf(isPossible)(
  'deletes the package that was unused for longest where maxCache leaves no room for both',
  async () => {
    const address = freshLoopbackAddress(72);
    const subnet = await setUp(address, { maxCache: 20 });
    await start('a', address);
    const bytes = 7 * mebibyte;
    const first = await place.deliver(randomBytes(bytes));
    await eventually('a has the first package', () => first.readyOn('a'), 20_000);
    const second = await place.deliver(randomBytes(bytes));
    await eventually('a has the second package', () => second.readyOn('a'), 20_000);
    expect(await first.readyOn('a')).toBeNull();
    await eventually(
      'it says so',
      async () => (await place.journalOf('a')).some(({ sentence }) => sentence.includes('to make room')) || null,
    );
    await place.changeOnlyPolicy({ maxCache: 60 });
    const third = await place.deliver(randomBytes(bytes));
    await eventually('a has the third package', () => third.readyOn('a'), 20_000);
    expect(await second.readyOn('a')).toBe(true);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(3 * bytes);
  },
  120_000,
);
