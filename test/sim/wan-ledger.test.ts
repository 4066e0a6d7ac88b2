import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import type { Fault } from '../../shared/sim/simulation-plan.ts';
import { brokenAgents } from '../helpers/random-simulations/broken-agents.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { minuteMs, plainPlan } from '../helpers/simulated-networks.ts';

const untilMs = 20 * minuteMs;

describe('the ledger of the WAN links', () => {
  it('excuses what crosses again because the only computer that had it is gone', () => {
    forSeeds(5, (seed) => {
      const faults: Fault[] = [
        { kind: 'kill', agent: { firstDownloaderOf: 0 }, when: { blocksHeldPercent: 50 }, restartAfterMs: null },
      ];
      const report = simulate({ seed, plan: plainPlan(1, 4, 100), faults, untilMs });
      expect(report.wanCopiesBySubnet[0]).toBeGreaterThan(1);
      // What was under way to it was cut off, and counts.
      expect(report.unexcusedWanCopiesBySubnet[0]).toBeLessThan(report.wanCopiesBySubnet[0] ?? 0);
      expect(report.violations).toEqual([]);
    });
  });

  it('excuses nothing where the computer that has it could be asked', () => {
    const makeAgent = brokenAgents.find(({ check }) => check === 'one-copy')?.makeAgent;
    if (makeAgent === undefined) throw new Error('there is such an agent');
    const report = simulate({ seed: 1, plan: plainPlan(1, 4, 20), untilMs, makeAgent });
    expect(report.wanCopiesBySubnet[0]).toBeGreaterThan(2);
    expect(report.unexcusedWanCopiesBySubnet).toEqual(report.wanCopiesBySubnet);
  });

  it('excuses computers that may not ask each other', () => {
    const plan = { ...plainPlan(1, 4, 20), settings: { peerDownloading: false } };
    const report = simulate({ seed: 1, plan, untilMs });
    expect(report.wanCopiesBySubnet).toEqual([4]);
    expect(report.unexcusedWanCopiesBySubnet).toEqual([1]);
  });
});
