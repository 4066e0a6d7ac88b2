import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DemoReport } from '../../shared/contracts/demo-report.ts';
import { demoReportSchema } from '../../shared/contracts/demo-report.ts';
import { childProcessIds, fanout, isProcessAlive, runFanout } from '../cli/fanout-process.ts';

const nodeModules = path.resolve(import.meta.dirname, '../../node_modules');
const blockBytes = 2 * 1024 * 1024;

/** A real program of about 10 or 20 MB: the native part of a dependency, whatever the platform. */
function nativeFile(scope: string): string {
  const found = readdirSync(path.join(nodeModules, scope), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.node'))
    .map((name) => path.join(nodeModules, scope, name));
  const [file] = found.sort((a, b) => statSync(b).size - statSync(a).size);
  if (file === undefined) throw new Error(`${scope} has no native part for this platform`);
  return file;
}

function reportOf(stdout: string): DemoReport {
  // Exactly one line of JSON: nothing else may be on standard output.
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return demoReportSchema.parse(JSON.parse(stdout));
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-test-'));
});
afterEach(() => {
  // Nothing of a run is left in the folder that it was given.
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

it('delivers a real file to 6 agents in 2 subnets with one copy over each WAN link', { timeout: 90_000 }, async () => {
  const file = nativeFile('@libsql');
  const run = await runFanout(['demo', '--agents', '6', '--subnets', '2', '--file', file, '--data', folder, '--json']);
  expect(run.stderr).not.toContain('Error');
  const report = reportOf(run.stdout);
  const packageBytes = statSync(file).size;
  expect(report).toMatchObject({ agents: 6, ready: 6, packageBytes, verified: true, killed: [], failures: [] });
  expect(report.wanCopiesPerSubnet).toEqual([1, 1]);
  expect(report.directBytes).toBe(2 * packageBytes);
  expect(report.peerBytes).toBe(4 * packageBytes);
  expect(report.seconds).toBeGreaterThan(0);
  expect(run.exitCode).toBe(0);
});

it('survives the death of the first downloader of every subnet', { timeout: 120_000 }, async () => {
  const file = nativeFile('@rolldown');
  const run = await runFanout([
    ...['demo', '--agents', '6', '--subnets', '2', '--file', file, '--data', folder, '--json'],
    ...['--wan-kbps', '40000', '--kill-first-downloader-at', '50'],
  ]);
  const report = reportOf(run.stdout);
  expect(report).toMatchObject({ agents: 6, ready: 6, verified: true, failures: [] });
  expect(report.killed.map((kill) => kill.subnet).sort()).toEqual(['127.77.1.0/24', '127.77.2.0/24']);
  // The package is small: what one lane has in flight, at most two blocks, is what a death may cost.
  const bound = 1 + (2 * blockBytes) / report.packageBytes;
  for (const copies of report.wanCopiesPerSubnet) expect(copies).toBeLessThanOrEqual(bound);
  for (const kill of report.killed) expect(kill.blocksHeld).toBeGreaterThan(2);
  // Nobody fetches again what it held: beyond one whole copy for each agent that is no first downloader, at most what two
  // connections of each killed agent had under way.
  const needed = 4 * report.packageBytes;
  expect(report.peerBytes).toBeLessThanOrEqual(needed + report.killed.length * 2 * blockBytes);
  expect(run.exitCode).toBe(0);
});

it('leaves no process and no file behind when it is interrupted', { timeout: 60_000 }, async () => {
  const file = nativeFile('@libsql');
  const run = fanout([
    'demo',
    '--agents',
    '4',
    '--subnets',
    '2',
    '--file',
    file,
    '--data',
    folder,
    '--wan-kbps',
    '1000',
  ]);
  const pid = run.child.pid ?? 0;
  await vi.waitFor(() => expect(run.stderr()).toContain('Console: '), { timeout: 20_000 });
  await vi.waitFor(async () => expect((await childProcessIds(pid)).length).toBe(2), { timeout: 20_000 });
  const workers = await childProcessIds(pid);
  run.child.kill('SIGINT');
  expect(await run.ended).toBe(130);
  expect(workers.filter(isProcessAlive)).toEqual([]);
});

it('ends with its workers when it is killed', { timeout: 60_000 }, async () => {
  const file = nativeFile('@libsql');
  const inner = mkdtempSync(path.join(tmpdir(), 'fanout-test-killed-'));
  const run = fanout([
    'demo',
    '--agents',
    '4',
    '--subnets',
    '2',
    '--file',
    file,
    '--data',
    inner,
    '--wan-kbps',
    '1000',
  ]);
  const pid = run.child.pid ?? 0;
  await vi.waitFor(async () => expect((await childProcessIds(pid)).length).toBe(2), { timeout: 20_000 });
  const workers = await childProcessIds(pid);
  run.child.kill('SIGKILL');
  await run.ended;
  await vi.waitFor(() => expect(workers.filter(isProcessAlive)).toEqual([]), { timeout: 15_000 });
  rmSync(inner, { recursive: true, force: true });
});

it('gives up at its deadline with a sentence and exit code 1', { timeout: 60_000 }, async () => {
  const file = nativeFile('@libsql');
  const run = await runFanout([
    ...['demo', '--agents', '2', '--subnets', '1', '--file', file, '--data', folder, '--json'],
    ...['--wan-kbps', '1000', '--timeout', '3'],
  ]);
  const report = reportOf(run.stdout);
  expect(report.verified).toBe(false);
  expect(report.failures[0]).toContain('Not finished after 3 s');
  expect(run.exitCode).toBe(1);
});
