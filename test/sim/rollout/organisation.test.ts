import { describe, expect, it } from 'vitest';
import { defaultGeneratedOrganisation } from '../../../shared/contracts/simulation.ts';
import { planOf } from '../../../shared/sim/rollout/rollout-plan.ts';
import { agentsOf, sitesOf } from '../../../shared/sim/rollout/rollout-sites.ts';
import { sampleOf } from '../../../shared/sim/rollout/site-sample.ts';
import { site, smallRequest } from './requests.ts';

const generated = (changes: object) => sitesOf({ ...defaultGeneratedOrganisation, ...changes });

describe('a generated organisation', () => {
  it('has its agents in all sites evenly, and the regions first', () => {
    const sites = generated({});
    expect(agentsOf(sites)).toBe(54_000);
    expect(sites.map(({ subnets }) => subnets.length)).toEqual(sites.map(() => 1));
    expect(new Set(sites.flatMap(({ subnets }) => subnets))).toEqual(new Set([192, 193]));
    expect(sites.slice(0, 17).every(({ parent, name }) => parent === null && name.startsWith('Region'))).toBe(true);
    expect(sites[17]).toMatchObject({ name: 'Branch 1', parent: 0, wanKilobitsPerSecond: 10_000, packageServers: 1 });
    expect(sites[279]).toMatchObject({ name: 'Branch 263', parent: 262 % 17 });
  });

  it('gives a large site several subnets behind one link', () => {
    const { plan } = planOf(smallRequest({ agents: 1200, sites: 2, regions: 1 }));
    expect(plan.subnets.map(({ agents }) => agents)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(plan.subnets.map(({ wanLinkOf }) => wanLinkOf)).toEqual([undefined, 0, 0, undefined, 3, 3]);
    expect(plan.subnets.map(({ packageServers }) => packageServers)).toEqual([[0], [], [], [0], [], []]);
  });

  it('has Package Servers where it is asked for', () => {
    const servers = (placement: string) => generated({ packageServers: placement }).map((one) => one.packageServers);
    expect(servers('branches').reduce((sum, one) => sum + one, 0)).toBe(280);
    expect(servers('regions').reduce((sum, one) => sum + one, 0)).toBe(17);
    expect(servers('none').reduce((sum, one) => sum + one, 0)).toBe(0);
  });

  it('has its branches in the time zone of their region, and links of 1448 bytes in 1514', () => {
    const { plan } = planOf(smallRequest({ utcOffsetsMinutes: [-300, 60] }));
    expect(plan.subnets.map(({ utcOffsetMinutes }) => utcOffsetMinutes)).toEqual([-300, 60, -300, 60, -300, 60]);
    expect(plan.subnets[2]?.wanBytesPerSecond).toBe(Math.floor((10_000_000 / 8) * (1448 / 1514)));
  });
});

describe('given sites', () => {
  it('keep their tree, their links and their kinds, and very large subnets become several', () => {
    const organisation = {
      kind: 'sites' as const,
      sites: [
        site('Branch', { parent: 'Centre', locationType: 'wifi', wanKilobitsPerSecond: 0 }),
        site('Centre', { subnets: [{ agents: 1500 }, { agents: 30 }], packageServers: 2 }),
      ],
      lanKilobitsPerSecond: 1_000_000,
      onlineHours: 'always' as const,
      laptopPercent: 0,
    };
    const { plan, agents } = planOf(smallRequest({}, { organisation }));
    expect(agents).toBe(1550);
    expect(plan.subnets.map((subnet) => [subnet.site, subnet.agents])).toEqual([
      ['Branch', 20],
      ['Centre', 750],
      ['Centre', 750],
      ['Centre', 30],
    ]);
    expect(plan.subnets[0]).toMatchObject({ parent: 1, locationType: 'wifi', wanBytesPerSecond: Infinity });
    expect(plan.subnets[1]?.packageServers).toEqual([0, 1]);
  });
});

describe('a sample', () => {
  const all = generated({});

  it('is the whole organisation where that is small enough', () => {
    expect(sampleOf(all, 54_000, 1)).toMatchObject({ sites: all, sampledFrom: null });
  });

  it('has whole sites up to the bound, with those above them', () => {
    for (const seed of [1, 2, 3]) {
      const { sites, sampledFrom, childShares } = sampleOf(all, 5000, seed);
      expect(sampledFrom).toBe(54_000);
      expect(agentsOf(sites)).toBeLessThanOrEqual(5000);
      expect(agentsOf(sites)).toBeGreaterThan(4700);
      const branches = sites.filter(({ parent }) => parent !== null);
      expect(branches.length).toBeGreaterThan(5);
      expect(branches.every(({ parent }) => sites[parent ?? -1]?.name.startsWith('Region'))).toBe(true);
      expect(Math.max(...childShares)).toBeLessThanOrEqual(1);
      // A region keeps no more of its link for a branch than it had.
      sites.forEach(({ parent }, index) => {
        if (parent !== null) return;
        const kept = sites.filter((other) => other.parent === index).length;
        expect((childShares[index] ?? 0) * 16).toBeCloseTo(kept === 0 ? 0 : kept, -1);
      });
    }
  });

  it('has small and large sites', () => {
    const sizes = Array.from({ length: 100 }, (_, index) =>
      site(`Site ${index}`, { subnets: [{ agents: index + 1 }] }),
    );
    const sites = sitesOf({
      kind: 'sites',
      sites: sizes,
      lanKilobitsPerSecond: 1000,
      onlineHours: 'always',
      laptopPercent: 0,
    });
    const drawn = sampleOf(sites, 1000, 7).sites;
    const mean = agentsOf(drawn) / drawn.length;
    expect(mean).toBeGreaterThan(35);
    expect(mean).toBeLessThan(65);
  });

  it('is a part of the smallest site where even that is too large', () => {
    const { sites, sampledFrom } = sampleOf(all, 50, 1);
    expect(agentsOf(sites)).toBe(50);
    expect(sampledFrom).toBe(54_000);
  });
});
