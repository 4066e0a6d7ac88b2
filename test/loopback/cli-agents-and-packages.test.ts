import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually, importPackage } from '../notification-server/support/test-server.ts';
import { fanoutOf } from './support/fanout-of-place.ts';

let place: ServerPlace;
let lab: TestAgent;
const { run, textOf, answerOf } = fanoutOf(() => place);

beforeAll(async () => {
  place = await ServerPlace.start();
  const body = { name: 'North', subnets: ['127.5.0.0/16'], wanKilobitsPerSecond: 0 };
  await place.server.call('createSite', { body });
  lab = await place.enrol({ name: 'LAB-1', localAddress: '127.5.0.1' });
  await place.enrol({ name: 'PC-2' });
  await lab.openFeed();
  await eventually('LAB-1 is online', async () => {
    const agents = await place.server.call('agents', {});
    return agents.some(({ online }) => online) ? true : null;
  });
});

afterAll(() => place.stop());

it('lists agents by site, name and who is connected, and shows one by name or id', async () => {
  expect(await textOf('agents', 'list')).toMatch(/^NAME .*\nLAB-1 +online +North .*\nPC-2 +offline +– /);
  const namesOf = async (...filter: string[]) =>
    ((await answerOf('agents', 'list', ...filter)) as { name: string }[]).map(({ name }) => name);
  expect(await namesOf('--name', 'lab-?')).toEqual(['LAB-1']);
  expect(await namesOf('--site', 'North')).toEqual(['LAB-1']);
  expect(await namesOf('--offline')).toEqual(['PC-2']);
  expect(await run('agents', 'list', '--name', 'nobody')).toMatchObject({ exitCode: 0, stdout: '' });
  expect(await run('agents', 'list', '--site', 'Nowhere')).toMatchObject({ exitCode: 7, stdout: '' });
  expect(await run('agents', 'list', '--online', '--offline')).toMatchObject({ exitCode: 2 });
  expect(await answerOf('agents', 'show', lab.agentId)).toMatchObject({ name: 'LAB-1', siteName: 'North' });
  expect(await textOf('agents', 'show', 'PC-2')).toContain('No package is assigned to it.');
});

it('tells where every value of an agent comes from, and sets its tags', async () => {
  expect(await textOf('tag', 'set', 'LAB-1', 'lab', 'floor-3')).toBe('LAB-1 has the tags floor-3, lab.\n');
  await answerOf('policy', 'create', 'Labs', 'maxUpload=500', '--target', 'tag:lab');
  const lines = (await textOf('agents', 'settings', 'LAB-1')).split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  expect(lines).toContain(' maxUpload 500 policy "Labs"');
  expect(lines).toContain(' maxDownload 0 default, in "Labs"');
  expect(await answerOf('agents', 'settings', 'LAB-1', '--changed')).toEqual([
    expect.objectContaining({ key: 'maxUpload', value: 500, from: expect.objectContaining({ kind: 'policy' }) }),
  ]);
  expect((await run('agents', 'settings', 'PC-2', '--changed')).stderr).toContain('has the defaults in everything');
  expect(await textOf('tag', 'set', 'LAB-1')).toBe('LAB-1 has no tags.\n');
  expect(await run('tag', 'set', 'LAB-1', 'Two Words')).toMatchObject({ exitCode: 1, stdout: '' });
});

it('lists, shows and withdraws package versions', async () => {
  const folder = path.join(place.folder, 'Office');
  await mkdir(folder);
  await writeFile(path.join(folder, 'setup.sh'), 'echo ready');
  const { guid, version } = await importPackage(place.server, folder, '2.1');
  expect(await textOf('package', 'list')).toMatch(/\nOffice +2\.1 +active +10 B .* 0\/0 +0 /);
  expect(await answerOf('package', 'show', 'Office')).toMatchObject({
    package: { guid, version, withdrawn: false },
    packageServers: { mode: 'on-demand' },
    places: [],
  });
  const shown = await textOf('package', 'show', guid, '--package-version', '2.1');
  expect(shown).toContain('kept by   Package Servers that are asked for it');
  expect(await textOf('package', 'withdraw', 'Office')).toBe('Office 2.1 is withdrawn; agents delete their copies.\n');
  expect(await textOf('package', 'withdraw', 'Office')).toBe('Office 2.1 was withdrawn before.\n');
  expect(await answerOf('package', 'list')).toEqual([]);
  expect(await textOf('package', 'list', '--withdrawn')).toMatch(/Office +2\.1 +withdrawn/);
  expect(await run('package', 'show', 'Nothing')).toMatchObject({ exitCode: 7, stdout: '' });
  expect((await run('package', 'withdraw', 'Office', '--package-version', '9')).stderr).toContain('2.1 (withdrawn)');
});

it('sends a file to a server on another computer, and says what it cannot send', async () => {
  const { consoleUrl, apiToken } = place.server;
  const there = (...more: string[]) =>
    runFanoutHere(['publish', ...more, '--console', consoleUrl, '--token', apiToken]);
  const file = path.join(place.folder, 'sent over.bin');
  const bytes = randomBytes(3_000_000);
  await writeFile(file, bytes);
  const sent = await there(file, '--version', '7', '--json');
  expect([sent.exitCode, sent.stderr]).toEqual([0, '']);
  const published = JSON.parse(sent.stdout) as { guid: string; key: string };
  expect(published).toMatchObject({ name: 'sent over.bin', version: '7', bytes: 3_000_000 });
  const kept = path.join(place.server.dataFolder, 'packages', published.key, 'content');
  const sha256 = (of: Buffer) => createHash('sha256').update(of).digest('hex');
  expect(sha256(await readFile(kept))).toBe(sha256(bytes));
  const job = (await place.server.call('imports', {})).find(({ name }) => name === 'sent over.bin');
  expect(job?.path).toBe('sent over.bin');
  const folder = path.join(place.folder, 'Tools');
  await mkdir(folder);
  await writeFile(path.join(folder, 'tool.sh'), 'echo tool');
  const refused = await there(folder);
  expect([refused.exitCode, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('only a file can be sent to another server');
  expect((await there(folder, '--on-server', '--json')).exitCode).toBe(0);
  expect((await there(path.join(place.folder, 'nothing'))).exitCode).toBe(7);
  const stranger = await runFanoutHere(['publish', file, '--console', consoleUrl, '--token', 'wrong']);
  expect(stranger.exitCode).toBe(4);
});

it('makes what computers join with', async () => {
  expect(await answerOf('join-token')).toMatchObject({ serverUrl: place.server.agentUrl });
  const { exitCode, stdout, stderr } = await run('join-token');
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/^Run this on each computer that shall join, until \d/);
  const [, joinToken = ''] = /^fanout agent --server \S+ --join-token (\S+) --data FOLDER\n$/.exec(stdout) ?? [];
  const joined = await TestAgent.enrol(place.server.agentUrl, joinToken, { name: 'JOINED' });
  expect((await place.server.call('agents', {})).map(({ agentId }) => agentId)).toContain(joined.agentId);
  joined.close();
});
