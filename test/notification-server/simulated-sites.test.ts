import { expect, it } from 'vitest';
import type { StoredSite } from '../../electron/database/stores/site-store.ts';
import { modelledSites, PlaceCount } from '../../electron/notification-server/simulations/simulated-sites.ts';

function site(id: string, more: Partial<StoredSite> = {}): StoredSite {
  return {
    ...{ id, name: `Site ${id}`, parentId: null, subnets: [], wanKilobitsPerSecond: 8000, wanOutKilobitsPerSecond: 0 },
    ...{ acquisitionSchedule: '', distributionSchedule: '', timeZone: 'UTC', locationType: 'office' },
    ...{ sharesLan: false, version: 1, updatedAtMs: 0, updatedBy: 'test' },
    ...more,
  } as StoredSite;
}

function place(agents: Record<string, number>, packageServers = 0): PlaceCount {
  const count = new PlaceCount();
  let servers = packageServers;
  for (const [subnet, number] of Object.entries(agents)) {
    for (let index = 0; index < number; index++) count.add(subnet, servers-- > 0);
  }
  return count;
}

it('a site without agents is left out, and those below it are below the next one above', () => {
  const sites = [site('top'), site('empty', { parentId: 'top' }), site('low', { parentId: 'empty', timeZone: 'X' })];
  const places = new Map([
    ['top', place({ a: 1 }, 1)],
    ['low', place({ b: 2, c: 1 })],
  ]);
  const { sites: modelled, notes } = modelledSites(sites, places, (zone) => (zone === 'X' ? 60 : 0));
  expect(modelled).toMatchObject([
    { name: 'Site top', parent: null, subnets: [{ agents: 1 }], packageServers: 1, utcOffsetMinutes: 0 },
    { name: 'Site low', parent: 'Site top', subnets: [{ agents: 2 }, { agents: 1 }], utcOffsetMinutes: 60 },
  ]);
  expect(notes).toEqual(['One site without agents is left out.']);
});

it('the subnets of a site that is one LAN are one', () => {
  const { sites } = modelledSites([site('a', { sharesLan: true })], new Map([['a', place({ x: 2, y: 3 })]]), () => 0);
  expect(sites[0]?.subnets).toEqual([{ agents: 5 }]);
});

it('agents in no site have a place of their own, by a name that no site has', () => {
  const sites = [site('a', { name: 'In no site' })];
  const places = new Map([
    ['a', place({ x: 1 })],
    [null, place({ y: 2 })],
  ]);
  const modelled = modelledSites(sites, places, () => 0);
  expect(modelled.sites[1]).toMatchObject({ name: 'In no site *', wanKilobitsPerSecond: 0, subnets: [{ agents: 2 }] });
  expect(modelled.notes).toHaveLength(1);
});

it('more subnets than the model has room for are in the last one', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`10.0.${index}.0/24`, 1]));
  const { sites } = modelledSites([site('a')], new Map([['a', place(many)]]), () => 0);
  expect(sites[0]?.subnets).toHaveLength(256);
  expect(sites[0]?.subnets.reduce((sum, { agents }) => sum + agents, 0)).toBe(300);
});
