import { describe, expect, it } from 'vitest';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { blocksBy, expectAllReady, mebibyte, minuteMs } from '../helpers/simulated-networks.ts';

const packageBytes = 32 * mebibyte;
const branches = [2, 3];
const limitKilobytesPerSecond = 2000;

/** A region below another one, a Package Server in each, and two branches below that have none and take what they get from whom they get it. */
function regions(more: Partial<SimulationPlan> = {}): SimulationPlan {
  const region = { agents: 1, packageServers: [0], wanBytesPerSecond: 12_000_000 };
  const branch = { agents: 5, parent: 1, inboundKilobytesPerSecond: limitKilobytesPerSecond, wanBytesPerSecond: 12e6 };
  return {
    subnets: [region, { ...region, parent: 0 }, branch, branch],
    packages: [
      // Each of these is begun at another source: what a Package Server cannot send, the next one does.
      { totalSizeBytes: packageBytes, subnets: branches, deliverAtMs: 3000 },
      { totalSizeBytes: packageBytes, subnets: branches, deliverAtMs: 4000 },
      { totalSizeBytes: packageBytes, subnets: branches, deliverAtMs: 15_000, priority: 'emergency' },
    ],
    ...more,
  };
}

/** Blocks that came into the branch, by the kind of who sent them. */
function blocksInto(report: SimulationReport, subnet: number): { regions: number; server: number } {
  const agents = report.perAgent.filter((agent) => agent.subnet === subnet);
  const from = (kind: string): number =>
    agents.reduce((sum, agent) => sum + blocksBy(agent, ({ source }) => source?.kind === kind), 0);
  return { regions: from('package-server-foreign'), server: from('notification-server') };
}

describe('the limit on what enters a site', () => {
  it('holds over the Notification Server and the Package Servers of two regions together', () => {
    forSeeds(5, (seed) => {
      const kill: Fault = {
        kind: 'kill',
        agent: { subnet: 1, agent: 0 },
        when: { atMs: 12_000 },
        restartAfterMs: 20_000,
      };
      const other: Fault = {
        kind: 'kill',
        agent: { subnet: 0, agent: 0 },
        when: { atMs: 14_000 },
        restartAfterMs: 20_000,
      };
      const report = simulate({ seed, plan: regions(), faults: [kill, other], untilMs: 20 * minuteMs });
      // The rate check is part of it: at each change of a rate, all that enters a branch adds up to the limit at most.
      expectAllReady(report);
      for (const subnet of branches) {
        const { regions: fromRegions, server } = blocksInto(report, subnet);
        expect(fromRegions).toBeGreaterThan(0);
        expect(server).toBeGreaterThan(0);
      }
      // 3 × 32 MiB at 2 MB/s take 50 s; whoever sends gets most of the limit.
      expect(report.virtualSeconds).toBeGreaterThan(50);
      expect(report.virtualSeconds).toBeLessThan(200);
    });
  });

  it('is not stretched by a sender that hears nothing of the Notification Server', () => {
    forSeeds(5, (seed) => {
      // The branches still reach the region, which still believes in its share.
      const cut: Fault = { kind: 'server-down', fromMs: 10_000, untilMs: 100_000 };
      const report = simulate({ seed, plan: regions(), faults: [cut], untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(blocksInto(report, 2).regions).toBeGreaterThan(0);
    });
  });

  it('belongs to the Notification Server alone where nobody else sends', () => {
    forSeeds(3, (seed) => {
      const branch = { agents: 3, inboundKilobytesPerSecond: limitKilobytesPerSecond, wanBytesPerSecond: 12_000_000 };
      const plan = { subnets: [branch], packages: [{ totalSizeBytes: packageBytes }] };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expect(report.virtualSeconds).toBeGreaterThan(16);
      expect(report.virtualSeconds).toBeLessThan(25);
    });
  });
});

describe('the limit on what leaves a site', () => {
  it('is shared with a Package Server that comes from another site', () => {
    forSeeds(3, (seed) => {
      const plan: SimulationPlan = {
        subnets: [
          { agents: 1, outboundKilobytesPerSecond: limitKilobytesPerSecond },
          { agents: 3, parent: 0 },
          { agents: 1, packageServers: [0] },
        ],
        packages: [{ totalSizeBytes: packageBytes, subnets: [1], deliverAtMs: 30_000 }],
      };
      const agent = { subnet: 2, agent: 0 };
      const faults: Fault[] = [{ kind: 'roam', agent, when: { atMs: 5000 }, toSubnet: 0, noticedAfterMs: 1000 }];
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(blocksInto(report, 1).regions).toBeGreaterThan(0);
    });
  });
});
