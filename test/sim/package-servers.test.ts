import { describe, expect, it } from 'vitest';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  blocksBy,
  expectAllReady,
  mebibyte,
  minuteMs,
  outcomeOf,
  simulationStartMs,
} from '../helpers/simulated-networks.ts';

const packageMebibytes = 48;
const packageBytes = packageMebibytes * mebibyte;
const blocks = packageMebibytes / 2;
const branches = [2, 3, 4, 5];

/** Two regions with a Package Server each, two branches below each with one more and six agents. */
function tiers(more: Partial<SimulationPlan> = {}): SimulationPlan {
  const region = { agents: 1, packageServers: [0], wanBytesPerSecond: 12_000_000 };
  const branch = (parent: number) => ({ agents: 7, packageServers: [0], parent, wanBytesPerSecond: 3_000_000 });
  return {
    subnets: [region, region, branch(0), branch(0), branch(1), branch(1)],
    packages: [{ totalSizeBytes: packageBytes, subnets: branches, deliverAtMs: 3000 }],
    ...more,
  };
}

function branchServer(subnet: number) {
  return { subnet, agent: 0 };
}

/** Blocks that the agents of a branch got from where, by their journals. */
function blocksFrom(report: SimulationReport, subnet: number, kind: string): number {
  return report.perAgent
    .filter((agent) => agent.subnet === subnet && agent.name !== `s${subnet}-a0`)
    .reduce((sum, agent) => sum + blocksBy(agent, ({ source }) => source?.kind === kind), 0);
}

function servedBytes(report: SimulationReport, agent: string): { bytes: number; requests: number; hits: number } {
  const sums = { bytes: 0, requests: 0, hits: 0 };
  for (const entry of report.events) {
    if (entry.agent !== agent || entry.event.kind !== 'served') continue;
    for (const portion of entry.event.portions) {
      sums.bytes += portion.bytes;
      sums.requests += portion.requests;
      sums.hits += portion.hits;
    }
  }
  return sums;
}

describe('a tree of Package Servers', () => {
  it('brings exactly one copy over each link, and the Notification Server serves the regions alone', () => {
    forSeeds(10, (seed) => {
      const report = simulate({ seed, plan: tiers(), untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(report.wanBytesBySubnet).toEqual(report.wanBytesBySubnet.map(() => packageBytes));
      expect(report.wanBlocksTwice).toEqual([0, 0, 0, 0, 0, 0]);
      expect(report.serverBytesBySubnet).toEqual([packageBytes, packageBytes, 0, 0, 0, 0]);
      for (const subnet of branches) {
        // Every block of six agents came from the Package Server of the branch or from each other.
        const own = blocksFrom(report, subnet, 'package-server-own-site');
        expect(own + blocksFrom(report, subnet, 'peer')).toBe(6 * blocks);
        expect(own).toBeGreaterThanOrEqual(blocks);
        expect(blocksFrom(report, subnet, 'package-server-foreign')).toBe(0);
      }
    });
  });

  it('is asked of by claim once the Package Server of the site is gone: nobody asks another server meanwhile', () => {
    forSeeds(10, (seed) => {
      const stop: Fault = { kind: 'stop', agent: branchServer(2), when: { atMs: 12_000 }, restartAfterMs: null };
      // Whoever asked without a claim would break a rule of the run.
      const report = simulate({ seed, plan: tiers(), faults: [stop], untilMs: 20 * minuteMs });
      expectAllReady(report);
    });
  });

  it('claims nothing at the agents of a site whose Package Server is online', () => {
    forSeeds(5, (seed) => {
      const report = simulate({ seed, plan: tiers(), untilMs: 10 * minuteMs });
      const claimed = report.events.filter(({ event }) => event.kind === 'claim').map(({ agent }) => agent);
      expect(claimed.filter((agent) => !agent.endsWith('-a0'))).toEqual([]);
      expect(outcomeOf(report, 's2-a1').journal.map(({ reason }) => reason)).toContain('package-server-of-site');
    });
  });

  it('counts what it serves as its sockets send it', () => {
    forSeeds(3, (seed) => {
      // Long enough that everybody has told the rest.
      const plan = tiers({ settings: { eventInterval: 5 } });
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs, settleMs: 15_000 });
      expectAllReady(report);
      for (const region of ['s0-a0', 's1-a0']) {
        expect(servedBytes(report, region)).toMatchObject({ bytes: 2 * packageBytes, requests: 2 * blocks });
      }
      for (const subnet of branches) {
        const { bytes, requests, hits } = servedBytes(report, `s${subnet}-a0`);
        const own = blocksFrom(report, subnet, 'package-server-own-site');
        expect(requests).toBeGreaterThanOrEqual(own);
        expect(bytes).toBeGreaterThanOrEqual(own * 2 * mebibyte);
        expect(hits).toBeLessThan(requests);
      }
    });
  });

  it('loses nothing and fetches little twice when a branch Package Server dies half-way', () => {
    forSeeds(10, (seed) => {
      const faults: Fault[] = [
        { kind: 'kill', agent: branchServer(2), when: { blocksHeldPercent: 50 }, restartAfterMs: null },
      ];
      const report = simulate({ seed, plan: tiers(), faults, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(report.serverBytesBySubnet).toEqual([packageBytes, packageBytes, 0, 0, 0, 0]);
      expect(blocksFrom(report, 2, 'package-server-foreign')).toBeGreaterThan(0);
      // What only the dead one had has to come again; what the agents had taken from it has not.
      const again = (report.wanBytesBySubnet[2] ?? 0) - packageBytes;
      expect(again).toBeLessThanOrEqual(packageBytes / 4);
      for (const subnet of [3, 4, 5]) expect(report.wanBytesBySubnet[subnet]).toBe(packageBytes);
    });
  });

  it('leaves its site one first downloader when it dies, however many it was serving', () => {
    forSeeds(5, (seed) => {
      const plan: SimulationPlan = {
        subnets: [{ agents: 25, packageServers: [0], wanBytesPerSecond: 3_000_000 }],
        packages: [{ totalSizeBytes: packageBytes }],
      };
      const kill: Fault = {
        kind: 'kill',
        agent: branchServer(0),
        when: { blocksHeldPercent: 50 },
        restartAfterMs: null,
      };
      const report = simulate({ seed, plan, faults: [kill], untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(report.firstDownloaders[0]?.length).toBeLessThanOrEqual(3);
      // What was on its way to it, and what it alone had.
      expect(report.wanCopiesBySubnet[0]).toBeLessThanOrEqual(1 + 4 / blocks);
    });
  });

  it('is used again by the next download when it is back', () => {
    forSeeds(5, (seed) => {
      const plan = tiers();
      const second = { totalSizeBytes: packageBytes, subnets: branches, deliverAtMs: 180_000 };
      const faults: Fault[] = [{ kind: 'kill', agent: branchServer(2), when: { atMs: 4000 }, restartAfterMs: 100_000 }];
      const twice = { ...plan, packages: [...plan.packages, second] };
      const report = simulate({ seed, plan: twice, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const later = outcomeOf(report, 's2-a1').journal.filter(({ atMs }) => atMs > simulationStartMs + 150_000);
      expect(later.some(({ source }) => source?.kind === 'package-server-own-site')).toBe(true);
    });
  });

  it('gets what its site asks for also while it installs something, is on battery or busy', () => {
    forSeeds(2, (seed) => {
      for (const conditions of [{ installing: true }, { onBattery: true }, { cpuLoadPercent: 95 }]) {
        const agent = branchServer(2);
        const faults: Fault[] = [{ kind: 'conditions', agent, when: { atMs: 2000 }, conditions }];
        const report = simulate({ seed, plan: tiers(), faults, untilMs: 10 * minuteMs });
        expectAllReady(report);
        expect(report.wanBytesBySubnet[2]).toBe(packageBytes);
      }
    });
  });

  it('goes on when a regional Package Server dies half-way', () => {
    forSeeds(5, (seed) => {
      const faults: Fault[] = [
        { kind: 'kill', agent: { subnet: 0, agent: 0 }, when: { blocksHeldPercent: 50 }, restartAfterMs: null },
      ];
      const report = simulate({ seed, plan: tiers(), faults, untilMs: 10 * minuteMs });
      expectAllReady(report);
      // A block at a time is under way on each link, and each of the two may have begun another.
      for (const subnet of branches) {
        expect(report.wanBytesBySubnet[subnet]).toBeLessThanOrEqual(packageBytes + 4 * 2 * mebibyte);
      }
    });
  });

  it('shares one copy among several Package Servers of a site', () => {
    forSeeds(5, (seed) => {
      const subnets = [{ agents: 10, packageServers: [0, 1, 2], wanBytesPerSecond: 3_000_000 }];
      const plan = { subnets, packages: [{ totalSizeBytes: packageBytes, deliverAtMs: 3000 }] };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(report.wanBytesBySubnet).toEqual([packageBytes]);
      expect(report.firstDownloaders[0]?.every((name) => ['s0-a0', 's0-a1', 's0-a2'].includes(name))).toBe(true);
    });
  });

  it('keeps to the upload limit of a Package Server, and its site does the rest among itself', () => {
    forSeeds(3, (seed) => {
      const branch = { agents: 7, packageServers: [0], packageServerUpload: 2000, wanBytesPerSecond: 10_000_000 };
      const plan = { subnets: [branch], packages: [{ totalSizeBytes: packageBytes, deliverAtMs: 3000 }] };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(report.wanBytesBySubnet).toEqual([packageBytes]);
      expect(blocksFrom(report, 0, 'peer')).toBeGreaterThan(2 * blocks);
    });
  });

  it('keeps what leaves a site within its limit, whoever of its Package Servers sends it', () => {
    forSeeds(5, (seed) => {
      const region = {
        agents: 3,
        packageServers: [0, 1, 2],
        outboundKilobytesPerSecond: 3000,
        wanBytesPerSecond: 12e6,
      };
      const branch = { agents: 5, packageServers: [0], parent: 0, wanBytesPerSecond: 3_000_000 };
      const plan = {
        subnets: [region, branch, branch, branch],
        packages: [{ totalSizeBytes: packageBytes, subnets: [1, 2, 3], deliverAtMs: 3000 }],
      };
      const kill: Fault = {
        kind: 'kill',
        agent: { subnet: 0, agent: 1 },
        when: { atMs: 20_000 },
        restartAfterMs: 15_000,
      };
      const cut: Fault = { kind: 'server-down', fromMs: 50_000, untilMs: 55_000 };
      const report = simulate({ seed, plan, faults: [kill, cut], untilMs: 20 * minuteMs });
      // No violation of the rate check is part of it.
      expectAllReady(report);
      expect(report.serverBytesBySubnet.slice(1)).toEqual([0, 0, 0]);
      // 3 × 48 MiB at 3 MB/s take 50 s; the servers of the region share them out for most of the time.
      expect(report.virtualSeconds).toBeGreaterThan(50);
      expect(report.virtualSeconds).toBeLessThan(150);
    });
  });

  it('waits for nobody below it: additional subnets lead over two levels, and who claims there waits for its own Package Server', () => {
    const everywhere = ['10.0.0.0/22', '10.0.4.0/22', '10.0.8.0/22'];
    forSeeds(10, (seed) => {
      const plan: SimulationPlan = {
        subnets: [
          { agents: 1, packageServers: [0] },
          // On the internet there are no peers: what its Package Server does not fetch from above, it gets from nobody.
          { agents: 3, packageServers: [0], parent: 0, locationType: 'internet' },
          { agents: 4, parent: 1 },
        ],
        packages: [{ totalSizeBytes: 8 * mebibyte }],
        settings: { additionalSubnets: everywhere },
      };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(Math.max(...report.wanBytesBySubnet.slice(0, 2))).toBeLessThanOrEqual(8 * mebibyte);
    });
  });

  it('comes to the same result for the same seed', () => {
    const once = simulate({ seed: 7, plan: tiers(), untilMs: 10 * minuteMs });
    expect(simulate({ seed: 7, plan: tiers(), untilMs: 10 * minuteMs }).traceHash).toBe(once.traceHash);
  });
});
