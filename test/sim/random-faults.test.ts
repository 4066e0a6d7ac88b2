import { describe, expect, it } from 'vitest';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { problemsOfStages, randomFault, randomPlan } from '../helpers/random-faults.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, minuteMs } from '../helpers/simulated-networks.ts';

describe('whatever goes wrong for two minutes', () => {
  it('ends with every package on every computer, and breaks no rule on the way', () => {
    forSeeds(40, (seed) => {
      const random = new Xoshiro128(seed);
      const plan = randomPlan(random);
      const faults = Array.from({ length: 1 + random.below(6) }, () => randomFault(random, plan));
      const report = simulate({ seed, plan, faults, untilMs: 90 * minuteMs });
      expectAllReady(report);
      expect(report.ready).toBe(report.agents);
      expect(problemsOfStages(report, faults)).toEqual([]);
    });
  });
});
