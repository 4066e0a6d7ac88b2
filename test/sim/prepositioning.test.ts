import { describe, expect, it } from 'vitest';
import type { PrepositionedPackage } from '../../shared/contracts/agent-api.ts';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { PackagePlan, SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, mebibyte, outcomeOf, simulationStartMs } from '../helpers/simulated-networks.ts';

const hourMs = 3_600_000;
const packageBytes = 48 * mebibyte;
const servers = ['s0-a0', 's1-a0', 's2-a0', 's3-a0'];
/** Virtual time begins on a Monday at midnight. */
const earlyMonday: PrepositionedPackage['windows'] = [{ days: ['mon'], from: '02:00', to: '04:00' }];

/** A region above two branches and one above another, each with a Package Server; the agents of the branches come later. */
function tiers(subject: PackagePlan): SimulationPlan {
  const region = { agents: 1, packageServers: [0], wanBytesPerSecond: 12_000_000 };
  const branch = { agents: 5, packageServers: [0], parent: 0, wanBytesPerSecond: 3_000_000 };
  return { subnets: [region, branch, branch, branch], packages: [subject] };
}

/** Hours since the beginning of virtual time at which the agent took blocks from outside its site. */
function hoursOfFetches(report: SimulationReport, agent: string): number[] {
  return outcomeOf(report, agent)
    .journal.filter(({ blocks, source }) => blocks > 0 && source !== null && source.kind !== 'peer')
    .map(({ atMs }) => (atMs - simulationStartMs) / hourMs);
}

describe('a package that Package Servers keep without being asked', () => {
  it('comes in the window only, once over each link, and is there when it is delivered', () => {
    forSeeds(5, (seed) => {
      const preposition = { subnets: [0, 1, 2, 3], windows: earlyMonday, priority: 'background' as const };
      const plan = tiers({ totalSizeBytes: packageBytes, subnets: [1, 2, 3], deliverAtMs: 8 * hourMs, preposition });
      const report = simulate({ seed, plan, untilMs: 9 * hourMs });
      expectAllReady(report);
      for (const server of servers) {
        const hours = hoursOfFetches(report, server);
        expect(hours.length).toBeGreaterThan(0);
        for (const hour of hours) expect(hour >= 2 && hour <= 4, `${server} fetched at ${hour}`).toBe(true);
      }
      expect(report.wanBytesBySubnet).toEqual([packageBytes, packageBytes, packageBytes, packageBytes]);
      expect(report.serverBytesBySubnet).toEqual([packageBytes, 0, 0, 0]);
    });
  });

  it('goes on in the next window where one is too short, and not in between', () => {
    forSeeds(3, (seed) => {
      const windows: PrepositionedPackage['windows'] = [{ days: ['mon', 'tue'], from: '02:00', to: '02:05' }];
      const preposition = { subnets: [0], windows };
      const site = { agents: 2, packageServers: [0], wanBytesPerSecond: 100_000 };
      const subject = { totalSizeBytes: packageBytes, subnets: [0], deliverAtMs: 30 * hourMs, preposition };
      const report = simulate({ seed, plan: { subnets: [site], packages: [subject] }, untilMs: 31 * hourMs });
      expectAllReady(report);
      const hours = hoursOfFetches(report, 's0-a0');
      // A block takes 20 s here, and what is under way when the window closes is finished.
      const isIn = (hour: number, from: number) => hour >= from && hour <= from + 6 / 60;
      expect(hours.filter((hour) => isIn(hour, 2)).length).toBeGreaterThan(0);
      expect(hours.filter((hour) => isIn(hour, 26)).length).toBeGreaterThan(0);
      expect(hours.filter((hour) => !isIn(hour, 2) && !isIn(hour, 26))).toEqual([]);
      expect(report.wanBytesBySubnet).toEqual([packageBytes]);
    });
  });

  it('is fetched at once when somebody asks for it while the window is closed', () => {
    forSeeds(5, (seed) => {
      const preposition = { subnets: [0, 1, 2, 3], windows: earlyMonday };
      const plan = tiers({ totalSizeBytes: packageBytes, subnets: [1], deliverAtMs: hourMs / 2, preposition });
      const report = simulate({ seed, plan, untilMs: hourMs });
      expectAllReady(report);
      // The branch that was asked, and its region, which it asked.
      expect(report.wanBytesBySubnet).toEqual([packageBytes, packageBytes, 0, 0]);
    });
  });

  it('follows the clock of each Package Server, and waits for the time from which it is available', () => {
    forSeeds(3, (seed) => {
      const preposition = {
        subnets: [0, 1],
        windows: earlyMonday,
        availableFromMs: simulationStartMs + 1.5 * hourMs,
      };
      const site = { agents: 2, packageServers: [0], wanBytesPerSecond: 3_000_000 };
      const plan: SimulationPlan = {
        // Where the second site is, the window is open from the beginning on: only the moment holds it.
        subnets: [site, { ...site, utcOffsetMinutes: 120 }],
        packages: [{ totalSizeBytes: packageBytes, deliverAtMs: 5 * hourMs, preposition }],
      };
      const report = simulate({ seed, plan, untilMs: 6 * hourMs });
      expectAllReady(report);
      expect(Math.min(...hoursOfFetches(report, 's0-a0'))).toBeGreaterThanOrEqual(2);
      const [first = 0, last = 0] = [hoursOfFetches(report, 's1-a0').at(0), hoursOfFetches(report, 's1-a0').at(-1)];
      expect(first).toBeGreaterThanOrEqual(1.5);
      expect(last).toBeLessThan(1.6);
    });
  });
});
