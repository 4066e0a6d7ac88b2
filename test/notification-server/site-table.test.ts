import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredSite } from '../../electron/database/stores/site-store.ts';
import { planImport, sitesAsTable } from '../../electron/notification-server/sites/site-table.ts';
import { plainSite } from '../support/plain-site.ts';

const saver = { who: 'somebody', atMs: 9 };

const site = (id: string, more: Partial<StoredSite> = {}) => plainSite(id, { version: 3, ...more });

const plan = (csv: string, sites: readonly StoredSite[] = []) => planImport(csv, sites, saver);
const problemsOf = (csv: string, sites: readonly StoredSite[] = []) =>
  plan(csv, sites).problems.map(({ line, column, message }) => [line, column, message]);

describe('an import of sites', () => {
  test('adds sites with their defaults, parents first wherever they stand in the table', () => {
    const csv = 'name,parent,subnets,timeZone\nBerlin,Europe,10.1.0.0/16 10.2.0.0/16,Europe/Berlin\nEurope,,,\n';
    const { saved, created, updated, unchanged, problems } = plan(csv);
    expect([problems, created, updated, unchanged]).toEqual([[], ['Berlin', 'Europe'], [], []]);
    const [europe, berlin] = saved;
    expect(europe).toMatchObject({ name: 'Europe', parentId: null, subnets: [], timeZone: 'UTC', version: 1 });
    expect(berlin).toMatchObject({
      parentId: europe?.id,
      subnets: ['10.1.0.0/16', '10.2.0.0/16'],
      timeZone: 'Europe/Berlin',
      sharesLan: true,
      updatedBy: 'somebody',
    });
  });

  test('changes what the table says, keeps the rest, and counts what is as it was', () => {
    const known = [
      site('a', { subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 5, acquisitionSchedule: 'sat closed' }),
      site('b', { parentId: 'a', timeZone: 'Europe/Berlin' }),
      site('c', { parentId: 'a', wanOutKilobitsPerSecond: 7, sharesLan: true }),
    ];
    const csv =
      'name,wanKilobitsPerSecond,timeZone,sharesLan,parent,acquisitionSchedule\na,8,,YES,,\nb,,,no,a,\nc,,,,,Sat closed\n';
    const { saved, before, created, updated, unchanged } = plan(csv, known);
    expect([created, updated, unchanged]).toEqual([[], ['a', 'c'], ['b']]);
    const marks = { version: 4, updatedAtMs: 9, updatedBy: 'somebody' };
    const a = { ...known[0], wanKilobitsPerSecond: 8, sharesLan: true, acquisitionSchedule: '', ...marks };
    expect(saved).toEqual([a, { ...known[2], parentId: null, acquisitionSchedule: 'sat closed', ...marks }]);
    expect(before).toEqual([known[0], known[2]]);
  });

  test('moves subnets from one site to another in one step', () => {
    const known = [site('a', { subnets: ['10.1.0.0/16'] }), site('b', { subnets: ['10.2.0.0/16'] })];
    const both = plan('name,subnets\na,10.2.0.0/16\nb,10.1.0.0/16\n', known);
    expect([both.problems, both.updated]).toEqual([[], ['a', 'b']]);
    expect(problemsOf('name,subnets\na,10.2.0.0/16\n', known)).toEqual([
      [2, 'subnets', '10.2.0.0/16 overlaps 10.2.0.0/16 of the site "b".'],
    ]);
  });

  test('of an export changes nothing', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'B', '=', "'", ',', '"', '-', ' ', 'ä'),
      minLength: 1,
      maxLength: 9,
    });
    const names = fc.uniqueArray(
      name.filter((text) => text === text.trim() && text !== ''),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(names, fc.array(fc.nat({ max: 7 }), { minLength: 8, maxLength: 8 }), (chosen, parents) => {
        const sites = chosen.map((text, n) => {
          const parent = parents[n] ?? 0;
          return site(`id${n}`, {
            name: text,
            parentId: parent < n ? `id${parent}` : null,
            subnets: [`10.${n}.0.0/16`, `11.${n}.0.0/16`],
            wanKilobitsPerSecond: 1000 * n,
            acquisitionSchedule: n === 0 ? '' : 'mon-fri 08-18 25%; sat-sun closed',
            timeZone: 'Europe/Berlin',
            locationType: n % 2 === 0 ? 'wifi' : 'office',
            sharesLan: n % 3 === 0,
          });
        });
        const planned = plan(sitesAsTable(sites), sites);
        expect(planned.problems).toEqual([]);
        expect([planned.created, planned.updated, planned.saved]).toEqual([[], [], []]);
        expect(new Set(planned.unchanged)).toEqual(new Set(chosen));
      }),
    );
  });
});

describe('a table that is wrong', () => {
  test.each([
    ['', 1, 1, 'empty'],
    ['title\nx', 1, 1, '"title" is no column'],
    ['parent\nx', 1, 'name', 'has to name the column'],
    ['name,name\nx,y', 1, 'name', 'is there twice'],
    ['name;parent\nx;y', 1, 1, 'separated by commas'],
    ['name\n"x', 2, 1, 'never closed'],
    ['name,parent\nx', 2, 1, '1 cells, and the first line 2'],
    ['name,parent\n,y', 2, 'name', 'Enter a name'],
    ['name\nx\nx', 3, 'name', 'Line 2 names this site, too.'],
    ['name,parent\nx,nobody', 2, 'parent', 'There is no site "nobody".'],
    ['name,parent\nx,x', 2, 'parent', 'below itself'],
    ['name,parent\nx,y\ny,x', 2, 'parent', 'below itself'],
    ['name,subnets\nx,10.0.0.1/8', 2, 'subnets', 'host bits'],
    ['name,subnets\nx,10.0.0.0/8\ny,10.1.0.0/16', 3, 'subnets', 'overlaps 10.0.0.0/8 of the site "x"'],
    ['name,wanKilobitsPerSecond\nx,fast', 2, 'wanKilobitsPerSecond', 'whole number'],
    ['name,wanKilobitsPerSecond\nx,-1', 2, 'wanKilobitsPerSecond', 'whole number'],
    ['name,timeZone\nx,Mars/Olympus', 2, 'timeZone', 'no time zone'],
    ['name,locationType\nx,moon', 2, 'locationType', 'Invalid option'],
    ['name,sharesLan\nx,maybe', 2, 'sharesLan', 'boolean'],
    ['name,acquisitionSchedule\nx,25%', 2, 'acquisitionSchedule', 'percentage needs a link'],
    ['name,distributionSchedule\nx,often', 2, 'distributionSchedule', 'says nothing about the link'],
  ])('%j is refused at line %i, %s', (csv, line, column, words) => {
    const [problem] = problemsOf(csv);
    expect(problem?.slice(0, 2)).toEqual([line, column]);
    expect(problem?.[2]).toContain(words);
  });

  test('is told of every wrong line at once, in their order', () => {
    const csv = 'name,timeZone,subnets\nx,Mars/Olympus,10.0.0.0/8\ny,UTC,10.1.0.0/16\nz,UTC,10.2.0.0/16\n';
    expect(problemsOf(csv).map(([line, column]) => [line, column])).toEqual([
      [2, 'timeZone'],
      [3, 'subnets'],
      [4, 'subnets'],
    ]);
  });
});

test('two thousand sites are planned at once', () => {
  const rows = Array.from({ length: 2000 }, (_, n) => {
    const parent = n === 0 ? '' : `s${Math.floor((n - 1) / 50)}`;
    return `s${n},${parent},10.${n >> 8}.${n & 255}.0/24`;
  });
  const planned = plan(`name,parent,subnets\n${rows.join('\n')}`);
  expect(planned.problems).toEqual([]);
  expect(planned.created).toHaveLength(2000);
});
