import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RuledSite } from '../../shared/server/site-rules.ts';
import { canShareLan, siteProblems as problemsAmong, sitesInTreeOrder } from '../../shared/server/site-rules.ts';
import { unassignedSubnets } from '../../shared/server/unassigned-subnets.ts';
import { plainSite as site } from '../support/plain-site.ts';

const siteProblems = (changed: RuledSite, others: readonly RuledSite[]) =>
  problemsAmong([...others, changed], new Set([changed.id])).get(changed.id) ?? [];

describe('a site', () => {
  test('is not below itself, directly or through others', () => {
    const others = [site('b', { parentId: 'c' }), site('c', { parentId: 'a' })];
    expect(siteProblems(site('a', { parentId: 'a' }), others)).toEqual([
      { path: 'parentId', message: 'A site cannot be below itself: a is below a.' },
    ]);
    expect(siteProblems(site('a', { parentId: 'b' }), others)).toEqual([
      { path: 'parentId', message: 'A site cannot be below itself: a is below b is below c is below a.' },
    ]);
    expect(siteProblems(site('a'), others)).toEqual([]);
  });

  test('is below a site that exists, and not too deep, with what is below it', () => {
    expect(siteProblems(site('a', { parentId: 'gone' }), [])).toEqual([
      { path: 'parentId', message: 'There is no such site.' },
    ]);
    const chain = (name: string, length: number) =>
      Array.from({ length }, (_, n) => site(`${name}${n}`, { parentId: n === 0 ? null : `${name}${n - 1}` }));
    const deep = chain('d', 15);
    expect(siteProblems(site('a', { parentId: 'd14' }), deep)).toEqual([]);
    expect(siteProblems(site('a', { parentId: 'd14' }), [...deep, site('x', { parentId: 'a' })])).toMatchObject([
      { path: 'parentId' },
    ]);
    expect(siteProblems(site('a', { parentId: 'd15' }), chain('d', 16))).toMatchObject([{ path: 'parentId' }]);
  });

  test('has a name of its own and subnets of its own', () => {
    const others = [site('n', { name: 'North', subnets: ['10.1.0.0/16'] })];
    const wrong = site('s', { name: 'North', subnets: ['10.2.0.0/16', '10.1.2.0/24', '10.1.0.0/16', '10.0.0.0/8'] });
    expect(siteProblems(wrong, others).map(({ path }) => path)).toEqual([
      'name',
      'subnets.1',
      'subnets.2',
      'subnets.3',
    ]);
  });

  test('shares a LAN over subnets that are few and small enough', () => {
    const many = Array.from({ length: 65 }, (_, n) => `10.1.${n}.0/24`);
    expect([canShareLan([]), canShareLan(many.slice(1)), canShareLan(many), canShareLan(['10.0.0.0/15'])]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(siteProblems(site('a', { subnets: ['10.0.0.0/8'], sharesLan: true }), [])).toMatchObject([
      { path: 'sharesLan' },
    ]);
  });

  test('has percentages of a link with a speed only', () => {
    const schedules = { acquisitionSchedule: '08-18 25%', distributionSchedule: 'sat 10%' };
    expect(siteProblems(site('a', schedules), []).map(({ path }) => path)).toEqual([
      'acquisitionSchedule',
      'distributionSchedule',
    ]);
    const links = { wanKilobitsPerSecond: 1000, wanOutKilobitsPerSecond: 1000 };
    expect(siteProblems(site('a', { ...schedules, ...links }), [])).toEqual([]);
    expect(siteProblems(site('a', { acquisitionSchedule: 'sat closed; sun 500kbit/s' }), [])).toEqual([]);
  });
});

test('of several changed sites each is told what is wrong with it', () => {
  const sites = [
    site('a', { name: 'Same', parentId: 'b', subnets: ['10.1.0.0/16'] }),
    site('b', { parentId: 'a' }),
    site('c', { name: 'Same', subnets: ['10.1.2.0/24'] }),
    site('old', { subnets: ['10.2.0.0/16'] }),
  ];
  const found = problemsAmong(sites, new Set(['a', 'b', 'c']));
  expect([...found].map(([id, problems]) => [id, problems.map(({ path }) => path)])).toEqual([
    ['c', ['name', 'subnets.0']],
    ['a', ['parentId']],
    ['b', ['parentId']],
  ]);
});

describe('the tree of sites', () => {
  test('lists each site after its parent, siblings in order', () => {
    const sites = [site('b', { parentId: 'z' }), site('c', { parentId: 'b' }), site('a', { parentId: 'z' }), site('z')];
    expect(sitesInTreeOrder(sites).map(({ site: { id }, depth }) => [id, depth])).toEqual([
      ['z', 0],
      ['b', 1],
      ['c', 2],
      ['a', 1],
    ]);
  });

  test('has every site once, whose parent is missing at the top', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat({ max: 20 })), { maxLength: 15 }), (parents) => {
        // Parents come before their children, so that there is no circle; numbers beyond are missing sites.
        const sites = parents.map((parent, n) =>
          site(`${n}`, { parentId: parent === null || (parent >= n && parent < 16) ? null : `${parent}` }),
        );
        const ordered = sitesInTreeOrder(sites);
        expect(new Set(ordered.map(({ site: { id } }) => id)).size).toBe(sites.length);
        for (const [index, { site: placed, depth }] of ordered.entries()) {
          const above = ordered.slice(0, index).find(({ site: { id } }) => id === placed.parentId);
          expect(depth).toBe(above === undefined ? 0 : above.depth + 1);
        }
      }),
    );
  });
});

test('unassigned subnets come with the sites whose numbers are closest, those with most agents first', () => {
  const sites = [
    site('north', { name: 'North', subnets: ['10.1.2.0/24', '10.1.9.0/24'] }),
    site('south', { name: 'South', subnets: ['10.1.64.0/24'] }),
    site('far', { name: 'Far', subnets: ['10.200.0.0/16'] }),
  ];
  const agents = new Map([
    ['192.168.7.0/24', 2],
    ['10.1.3.0/24', 5],
  ]);
  expect(unassignedSubnets(agents, sites)).toEqual([
    {
      subnet: '10.1.3.0/24',
      agents: 5,
      suggestions: [
        { siteId: 'north', siteName: 'North', nearSubnet: '10.1.2.0/24' },
        { siteId: 'south', siteName: 'South', nearSubnet: '10.1.64.0/24' },
      ],
    },
    { subnet: '192.168.7.0/24', agents: 2, suggestions: [] },
  ]);
});
