import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { broadcastPlaces } from '../../electron/cli/doctor/broadcast-checks.ts';
import { checkLines, ok, problem } from '../../electron/cli/doctor/check.ts';
import { isFanout, shownCommand } from '../../electron/cli/doctor/port-checks.ts';
import { checkDataFolder, checkDisk, checkNode } from '../../electron/cli/doctor/program-checks.ts';
import { checkClock } from '../../electron/cli/doctor/server-checks.ts';
import { portsOption } from '../../electron/cli/doctor-command.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fanout-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says what to do below a problem, and nothing more of what is well', () => {
  expect(checkLines([ok('Disk space', 'plenty'), problem('Clock', '90 s behind', 'Set it.')])).toEqual([
    'ok       Disk space: plenty',
    'problem  Clock: 90 s behind',
    '         → Set it.',
  ]);
});

it('wants Node.js 20 or later', () => {
  expect(['20.0.0', '24.21.0', '100.1.0'].map((version) => checkNode(version).status)).toEqual(['ok', 'ok', 'ok']);
  expect(checkNode('18.20.1')).toMatchObject({ status: 'problem', advice: 'Install Node.js 20 or later.' });
});

it('wants the disk space that agents keep free', async () => {
  const withFree = (bytes: number | null) => checkDisk(folder, () => Promise.resolve(bytes));
  expect((await withFree(2_000_000_000)).status).toBe('ok');
  expect(await withFree(1_999_999_999)).toMatchObject({
    status: 'problem',
    advice: expect.stringContaining('minFreeDisk'),
  });
  expect((await withFree(null)).status).toBe('skipped');
  expect((await checkDisk(path.join(folder, 'not', 'there'))).finding).toContain('free on the disk');
});

it('leaves nothing in a data folder, and makes none', async () => {
  expect(await checkDataFolder(folder)).toMatchObject({ status: 'ok', finding: 'can be written' });
  expect(await checkDataFolder(path.join(folder, 'new', 'data'))).toMatchObject({ status: 'ok' });
  expect(readdirSync(folder)).toEqual([]);
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  expect(await checkDataFolder(file)).toMatchObject({ status: 'problem', finding: 'cannot be written (ENOTDIR)' });
});

it('compares clocks by the middle of the question and its answer', () => {
  expect(checkClock(null, 0, 0).status).toBe('skipped');
  expect(checkClock(60_000, 0, 0).status).toBe('ok');
  expect(checkClock(60_001, 0, 0)).toMatchObject({ status: 'problem', finding: "60 s behind the server's" });
  expect(checkClock(10_000, 100_000, 120_000).finding).toBe("100 s ahead of the server's");
});

it('looks at loopback once, at each card, and at no link without a broadcast', () => {
  const card = { name: 'eth0', address: '10.1.2.3', prefixLength: 23, isInternal: false };
  const tunnel = { name: 'tun0', address: '10.8.0.2', prefixLength: 32, isInternal: false };
  const loopback = { name: 'lo', address: '127.0.0.1', prefixLength: 8, isInternal: true };
  expect(broadcastPlaces([loopback, card, tunnel])).toEqual([
    { name: 'loopback', address: '127.0.0.1', broadcast: '127.255.255.255', isLoopback: true },
    { name: 'eth0 10.1.2.3/23', address: '10.1.2.3', broadcast: '10.1.3.255', isLoopback: false },
    { name: 'tun0 10.8.0.2/32' },
  ]);
});

it('knows Fanout by its command line, and nothing that only lies in a folder of that name', () => {
  for (const command of [
    'node /srv/app/dist/cli/main.mjs serve',
    'node.exe C:\\app\\dist\\agent-worker\\worker-main.mjs',
    '/opt/Fanout/fanout',
    'npx fanout agent --data x',
  ]) {
    expect(isFanout(command), command).toBe(true);
  }
  for (const command of ['', 'nginx: master process', 'python /home/fanout/server.py', 'cat fanout.log']) {
    expect(isFanout(command), command).toBe(false);
  }
});

it('shows of another command line only what comes before its options: a join token is nobody else’s business', () => {
  const words = ['node', 'dist/cli/main.mjs', 'agent', '--server', 'https://a', '--join-token', 'fanout1.secret', ''];
  expect(shownCommand(words)).toBe('node dist/cli/main.mjs agent');
  expect(shownCommand(['nginx: master process', ''])).toBe('nginx: master process');
  expect(shownCommand(['-bash'])).toBe('-bash');
  expect(shownCommand([''])).toBe('');
});

it('takes three ports', () => {
  expect(portsOption('1,2,65535')).toEqual({ server: 1, peers: 2, console: 65_535 });
  for (const text of ['', '1,2', '1,2,3,4', '0,1,2', '1,2,65536', '1,x,3']) {
    expect(() => portsOption(text)).toThrow('Give three ports');
  }
});
