import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { siteSchema } from '../../shared/contracts/sites-api.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;
let folder: string;

beforeAll(async () => {
  place = await ServerPlace.start();
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-sites-'));
});

afterAll(async () => {
  await place.stop();
  rmSync(folder, { recursive: true, force: true });
});

function site(...args: string[]) {
  const [command = '', ...more] = args;
  const { consoleUrl, apiToken } = place.server;
  return runFanoutHere(['site', command, ...more, '--console', consoleUrl, '--token', apiToken]);
}

async function stdoutOf(...args: string[]): Promise<string> {
  const run = await site(...args);
  expect([run.exitCode, run.stderr]).toEqual([0, '']);
  return run.stdout;
}

it('fanout site keeps sites: add, list, show, set, remove', async () => {
  await stdoutOf('add', 'Europe');
  const hours = ['--in', '8000', '--acquisition', 'mon-fri 08-18 25%', '--time-zone', 'Europe/Berlin'];
  const added = await stdoutOf(
    'add',
    'Berlin',
    '--parent',
    'Europe',
    '--subnet',
    '10.1.0.0/16',
    '10.2.0.0/16',
    ...hours,
    '--json',
  );
  expect(siteSchema.parse(JSON.parse(added))).toMatchObject({ name: 'Berlin', wanKilobitsPerSecond: 8000, version: 1 });
  expect((await stdoutOf('list')).split('\n').slice(0, 3)).toEqual([
    'NAME      TYPE    IN           OUT        AGENTS  WITH BELOW  SUBNETS',
    'Europe    office  unlimited    unlimited  0       0',
    '  Berlin  office  8000 kbit/s  unlimited  0       0           10.1.0.0/16 10.2.0.0/16',
  ]);
  const shown = await stdoutOf('show', 'Berlin');
  expect(shown).toMatch(/^below +Europe$/m);
  expect(shown).toMatch(/^hours in +mon-fri 08-18 25%$/m);
  await stdoutOf('set', 'Berlin', '--out', '4000', '--type', 'wifi', '--name', 'Berlin Mitte');
  const [changed] = JSON.parse(await stdoutOf('list', '--json')) as unknown[];
  expect(changed).toMatchObject({
    name: 'Berlin Mitte',
    subnets: ['10.1.0.0/16', '10.2.0.0/16'],
    wanKilobitsPerSecond: 8000,
    wanOutKilobitsPerSecond: 4000,
    acquisitionSchedule: 'mon-fri 08-18 25%',
    locationType: 'wifi',
    version: 2,
  });
  const refused = await site('remove', 'Europe');
  expect([refused.exitCode, refused.stderr]).toEqual([1, 'Below this site are "Berlin Mitte". Say where they go.\n']);
  await stdoutOf('remove', 'Europe', '--children-to-top');
  expect(await stdoutOf('remove', 'Berlin Mitte')).toBe('Berlin Mitte is removed.\n');
  expect(await stdoutOf('list')).toBe('There are no sites. Add one with "fanout site add".\n');
  expect(await stdoutOf('unassigned')).toBe('Every agent belongs to a site.\n');
});

it('fanout site imports and exports a table', async () => {
  const [table, copy] = [path.join(folder, 'sites.csv'), path.join(folder, 'copy.csv')];
  writeFileSync(table, 'name,parent,subnets\nNorth,Country,10.7.0.0/16\nCountry,,\n');
  expect(await stdoutOf('import', table, '--dry-run')).toContain(
    '2 would be created, 0 would be updated, 0 unchanged.',
  );
  expect(await stdoutOf('import', table)).toContain('North: created\n');
  await stdoutOf('export', copy);
  expect(readFileSync(copy, 'utf8')).toContain('\r\nNorth,Country,10.7.0.0/16,');
  expect(await stdoutOf('import', copy)).toBe('0 created, 0 updated, 2 unchanged.\n');
  writeFileSync(table, 'name,subnets\nEast,10.7.1.0/24\nWest,10.7.2.0/24\n');
  const refused = await site('import', table);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/^Nothing was imported\.\nLine 2, subnets: .*\nLine 3, subnets: .*\n$/);
  expect((await site('import', path.join(folder, 'missing.csv'))).exitCode).toBe(7);
  expect((await site('show', 'Nowhere')).exitCode).toBe(7);
  expect((await site('set', 'North')).exitCode).toBe(2);
  expect((await site('add', 'X', '--shares-lan', 'maybe')).exitCode).toBe(2);
});
