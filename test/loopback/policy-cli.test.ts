import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;

beforeAll(async () => {
  place = await ServerPlace.start();
  await place.enrol({ name: 'LAB-1' });
  await place.enrol({ name: 'PC-2' });
});

afterAll(() => place.stop());

const run = (...args: string[]) => runFanoutHere([...args, '--data', place.server.dataFolder]);

async function answerOf(...args: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await run(...args, '--json');
  expect([exitCode, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

test('tags and targets: given, listed, previewed', async () => {
  expect(await answerOf('tag', 'add', 'lab', 'floor-3', '--target', 'name:lab-*')).toEqual({ agents: 1, changed: 1 });
  expect(await answerOf('tag', 'list')).toEqual([
    { tag: 'floor-3', agents: 1 },
    { tag: 'lab', agents: 1 },
  ]);
  const words = ['all', 'except', 'tag:lab'];
  expect(await answerOf('target', 'preview', ...words, '--new-policy')).toMatchObject({
    agents: 1,
    members: [{ name: 'PC-2' }],
    changes: [{ fromPolicyName: 'Global', toPolicyId: null, agents: 1 }],
  });
  expect((await run('target', 'preview', 'tag:lab')).stdout).toContain('LAB-1');
  expect(await answerOf('tag', 'remove', 'lab', '--target', 'all')).toEqual({ agents: 2, changed: 1 });
  expect(await run('target', 'preview', 'everybody')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await run('target', 'preview', 'site:Nowhere')).toMatchObject({ exitCode: 7, stdout: '' });
});

test('policies: changed, exported, imported, taken back', async () => {
  expect(await answerOf('policy', 'set', 'Global', 'maxUpload=500', 'serveOnBattery=on')).toMatchObject({
    version: 2,
    settings: { maxUpload: 500, serveOnBattery: true },
  });
  const file = path.join(place.folder, 'policies.json');
  expect((await run('policy', 'export', '--out', file)).exitCode).toBe(0);
  expect(await answerOf('policy', 'set', 'Global', 'maxUpload=0')).toMatchObject({ version: 3 });
  const expected = { created: [], updated: [{ name: 'Global', changed: ['settings.maxUpload'] }], unchanged: [] };
  expect(await answerOf('policy', 'import', file, '--dry-run')).toEqual({ dryRun: true, ...expected });
  expect(await answerOf('policy', 'import', file)).toEqual({ dryRun: false, ...expected });
  const [entry] = (await answerOf('audit', 'list', '--action', 'import-policy')) as { id: number }[];
  expect(await answerOf('audit', 'revert', `${entry?.id}`)).toMatchObject({ reverts: entry?.id });
  expect((await run('policy', 'show', 'Global')).stdout).toContain('maxUpload = 0\n');
  expect((await run('policy', 'list')).stdout).toMatch(/Global +all +2 +5/);
  const again = await run('audit', 'revert', `${entry?.id}`);
  expect(again).toMatchObject({ exitCode: 1, stdout: '' });
  expect(again.stderr).toContain('settings.maxUpload');
});

test('what is wrong is said in a sentence with its exit code', async () => {
  expect(await run('policy', 'set', 'Global', 'port=1')).toMatchObject({ exitCode: 1 });
  expect(await run('policy', 'set', 'Global', 'speed=1')).toMatchObject({ exitCode: 2 });
  expect(await run('policy', 'show', 'Nobody')).toMatchObject({ exitCode: 7 });
  expect(await run('policy', 'import', path.join(place.folder, 'missing.json'))).toMatchObject({ exitCode: 7 });
  expect(await run('audit', 'list', '--limit', '0')).toMatchObject({ exitCode: 2 });
});
