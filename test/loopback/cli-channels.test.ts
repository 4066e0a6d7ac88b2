import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { channelSchema } from '../../shared/contracts/channels-api.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { temporaryFolder } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let sources: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  sources = await temporaryFolder();
  const root = path.join(sources.path, 'import');
  await mkdir(root);
  await writeFile(path.join(root, 'setup.bin'), randomBytes(300));
  place = await ServerPlace.start({ importFolder: root });
  const body = { name: 'Branch', subnets: ['127.30.3.0/24'], wanKilobitsPerSecond: 0 };
  const site = await place.server.call('createSite', { body });
  const server = await place.enrol({ name: 'PS-1', localAddress: '127.30.3.2' });
  await place.server.call('addPackageServer', { body: { agentId: server.agentId, siteId: site.id } });
  await place.publish('editor');
});

afterAll(async () => {
  await place.stop();
  await sources.remove();
});

function channel(...args: string[]) {
  const [command = '', ...more] = args;
  const { consoleUrl, apiToken } = place.server;
  return runFanoutHere(['channel', command, ...more, '--console', consoleUrl, '--token', apiToken]);
}

async function stdoutOf(...args: string[]): Promise<string> {
  const run = await channel(...args);
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  return run.stdout;
}

it('fanout channel keeps channels: create, list, show, change, delete', async () => {
  const made = await stdoutOf('create', 'Kept', '--window', 'mon-fri 22:00-04:00', '--json');
  expect(channelSchema.parse(JSON.parse(made))).toMatchObject({ name: 'Kept', priority: 'background', version: 1 });
  expect(
    await stdoutOf('change', 'Kept', '--priority', 'normal', '--name', 'Patches', '--description', 'Monthly'),
  ).toMatch(/^Patches \(.*\): normal, mon,tue,wed,thu,fri 22:00-04:00, 0 Package Servers subscribe\.$/m);
  expect(await stdoutOf('change', 'Patches', '--no-windows')).toContain('normal, at any time');
  expect((await stdoutOf('list')).trimEnd().split('\n')).toEqual([
    'NAME     PRIORITY  PACKAGES  PACKAGE SERVERS  DESCRIPTION',
    'Patches  normal    0         0                Monthly',
  ]);
  expect(JSON.parse(await stdoutOf('show', 'Patches', '--json'))).toMatchObject({ description: 'Monthly', version: 3 });
  await stdoutOf('delete', 'Patches');
  expect(JSON.parse(await stdoutOf('list', '--json'))).toEqual([]);
});

it('fanout channel fills a channel and shows how far it is', async () => {
  await stdoutOf('create', 'Office');
  await stdoutOf('add-package', 'Office', 'editor', '--expires', '2099-01-31T02:30+01:00', '--priority', 'emergency');
  expect(await stdoutOf('show', 'Office')).toMatch(/^editor +newest \(1\.0\) +100 B +emergency +2099-01-31 01:30Z$/m);
  await stdoutOf('subscribe', 'Office', '--sites', 'Branch');
  expect(await stdoutOf('status', 'Office')).toMatch(
    /^Office +PS-1 +Branch +editor 1\.0 +waiting +0 % +The Package Server is offline\.$/m,
  );
  for (const [by, name] of [
    ['channel', 'Office'],
    ['package-server', 'PS-1'],
    ['package', 'editor 1\\.0'],
  ] as const) {
    expect(await stdoutOf('status', '--by', by)).toMatch(new RegExp(`^${name} +1 +0 +0 +1 +0 +0 % \\(0 B\\)$`, 'm'));
  }
  expect(await stdoutOf('status', '--server', 'PS-1', '--package', 'editor', '--csv')).toMatch(/^Office,PS-1,Branch/m);
  expect(JSON.parse(await stdoutOf('status', '--json'))).toMatchObject({ total: 1, copies: [{ state: 'waiting' }] });
  await stdoutOf('unsubscribe', 'Office', '--sites', 'Branch');
  await stdoutOf('remove-package', 'Office', 'editor');
  expect(JSON.parse(await stdoutOf('show', 'Office', '--json'))).toMatchObject({ items: [], packageServers: 0 });
});

it('fanout channel import says what it would do, does it, and says which lines are wrong', async () => {
  await stdoutOf('create', 'Imported');
  const file = path.join(sources.path, 'manifest.xml');
  const item = '<item source="setup.bin" destination="Setup" version="1.0"/>';
  await writeFile(file, `<channel-manifest channel="Imported">\n${item}\n</channel-manifest>`);
  expect((await stdoutOf('import', 'Imported', file, '--dry-run')).trimEnd().split('\n')).toEqual([
    'Setup 1.0: would be imported from setup.bin and added',
    '1 would be added, 0 changed, 0 removed, 0 unchanged.',
  ]);
  expect(JSON.parse(await stdoutOf('import', 'Imported', file, '--json'))).toMatchObject({ state: 'applied' });
  expect(await stdoutOf('import', 'Imported', file)).toBe('0 added, 0 changed, 0 removed, 1 unchanged.\n');
  await writeFile(file, '<channel-manifest>\n<item guid="x"/>\n<item source="/etc/passwd"/>\n</channel-manifest>');
  const wrong = await channel('import', 'Imported', file);
  expect(wrong.exitCode).not.toBe(0);
  expect(wrong.stderr).toMatch(/^Nothing was imported\.\nLine 2: guid has to be .*\nLine 3: source has to be /);
});

it.each([
  [['show', 'nothing'], /There is no channel "nothing"/],
  [['import', 'Office', '/nothing.xml'], /There is no readable file/],
  [['subscribe', 'Office'], /Name --all, --sites or --servers/],
  [['subscribe', 'Office', '--sites', 'nowhere'], /There is no site "nowhere"/],
  [['add-package', 'Office', 'nothing'], /no package "nothing"/],
  [['create', 'Office'], /There is a channel "Office" already/],
  [['create', 'New', '--window', 'always'], /Give days and a span/],
])('fanout channel %j fails with a sentence', async (args, expected) => {
  const run = await channel(...args);
  expect(run.exitCode).not.toBe(0);
  expect(run.stdout).toBe('');
  expect(run.stderr).toMatch(expected);
});
