import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backupJobSchema } from '../../shared/contracts/operation-api.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { runFanout } from '../cli/fanout-process.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { importPackage, startTestServer } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let packageKey = '';
beforeAll(async () => {
  place = await ServerPlace.start();
  const file = path.join(place.folder, 'setup.bin');
  await writeFile(file, 'the bytes of a package');
  packageKey = (await importPackage(place.server, file, '1.0')).key;
});
afterAll(() => place.stop());

const inPlace = (name: string): string => path.join(place.folder, name);
const backup = (...args: string[]) => runFanoutHere(['backup', ...args, '--data', place.server.dataFolder]);
const restore = (from: string, to: string) => runFanoutHere(['restore', inPlace(from), '--data', inPlace(to)]);

it('saves a running server, and what is restored is that server', async () => {
  // As processes of their own: standard output has nothing but the answer.
  const saved = await runFanout([
    'backup',
    inPlace('whole'),
    '--packages',
    '--json',
    '--data',
    place.server.dataFolder,
  ]);
  expect([saved.exitCode, saved.stderr]).toEqual([0, '']);
  const job = backupJobSchema.parse(JSON.parse(saved.stdout));
  expect(job).toMatchObject({ folder: inPlace('whole'), state: 'done', database: 'embedded' });

  const restored = await runFanout(['restore', inPlace('whole'), '--data', inPlace('anew'), '--json']);
  expect([restored.exitCode, restored.stderr]).toEqual([0, '']);
  expect(JSON.parse(restored.stdout)).toMatchObject({ dataFolder: inPlace('anew'), database: 'embedded', missing: [] });
  expect((await stat(inPlace('anew'))).mode & 0o077).toBe(0);
  const again = await startTestServer(inPlace('anew'));
  try {
    expect(again.serverId).toBe(place.server.serverId);
    expect((await again.call('packages', {})).map(({ key }) => key)).toEqual([packageKey]);
  } finally {
    await again.stop();
  }
}, 60_000);

it('says what is not in a backup', async () => {
  const saved = await backup(inPlace('lean'));
  expect([saved.exitCode, saved.stdout]).toEqual([0, expect.stringMatching(/^Saved .* in .*lean\.\n$/)]);
  expect(saved.stderr).toMatch(/files of the packages are not in it/);
  const restored = await restore('lean', 'without');
  expect([restored.exitCode, restored.stdout]).toEqual([0, expect.stringMatching(/^Restored the backup of .*without/)]);
  expect(restored.stderr).toContain(`Not in the backup: packages/${packageKey} (setup.bin 1.0).`);
}, 60_000);

it('refuses in a sentence, with an exit code that is not 0, and leaves what is there', async () => {
  const refusals: [() => ReturnType<typeof runFanoutHere>, RegExp][] = [
    [() => backup(), /missing required argument/],
    [() => backup(place.server.dataFolder), /inside of the data folder/],
    [() => backup(inPlace('whole')), /not empty/],
    [() => runFanoutHere(['backup', inPlace('x'), '--data', inPlace('nobody')]), /No Notification Server runs/],
    [() => runFanoutHere(['restore', inPlace('nothing'), '--data', inPlace('x')]), /no whole backup/],
    [() => runFanoutHere(['restore', inPlace('whole'), '--data', place.server.dataFolder]), /A server runs in/],
    [() => restore('whole', 'anew'), /not empty/],
  ];
  for (const [refused, sentence] of refusals) {
    const { exitCode, stdout, stderr } = await refused();
    expect([exitCode === 0, stdout, stderr]).toEqual([false, '', expect.stringMatching(sentence)]);
  }
  await expect(stat(inPlace('x'))).rejects.toThrow(/ENOENT/);
}, 60_000);

it('does not restore a backup that was damaged', async () => {
  expect((await backup(inPlace('damaged'))).exitCode).toBe(0);
  const database = path.join(inPlace('damaged'), 'fanout.db');
  const bytes = await readFile(database);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await rm(database);
  await writeFile(database, bytes);
  const { exitCode, stderr } = await restore('damaged', 'not-made');
  expect([exitCode === 0, stderr]).toEqual([false, expect.stringMatching(/The backup is damaged: fanout\.db/)]);
}, 60_000);
