import { Xoshiro128 } from '../../shared/base/prng.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { problemsOfStages, randomFault, randomPlan } from '../helpers/random-faults.ts';
import type { Campaign } from './support/campaign.ts';
import { Failures } from './support/campaign.ts';

/** Every network has come to rest long before. */
const untilMs = 90 * 60_000;

/** What is wrong with the end of one simulated network, in plain sentences. */
function problemsOfRandomNetwork(seed: number): string[] {
  const random = new Xoshiro128(seed);
  const plan = randomPlan(random);
  const faults = Array.from({ length: 1 + random.below(6) }, () => randomFault(random, plan));
  const report = simulate({ seed, plan, faults, untilMs });
  const missing = report.perAgent.filter(({ isReady }) => !isReady);
  return [
    ...report.violations.map((violation) => `violation: ${JSON.stringify(violation)}`),
    ...problemsOfStages(report, faults),
    ...missing.map(({ name, blocksHeld, isRunning }) =>
      isRunning ? `${name} holds only ${blocksHeld} blocks` : `${name} does not run`,
    ),
  ];
}

/** Random networks, deliveries, policies and faults in virtual time: all is well once the faults have ended. */
export const simulationCampaign: Campaign = {
  name: 'sim',
  what: 'random simulated networks with random faults: all converge, no rule is broken',
  fullCount: 2000,
  shareCount: 40,
  run: async ({ count, seed, progress }) => {
    const failures = new Failures();
    for (let index = 0; index < count; index++) {
      const ownSeed = (seed + index) >>> 0;
      try {
        const [first, ...others] = problemsOfRandomNetwork(ownSeed);
        if (first !== undefined) failures.add(failureText(ownSeed, `${first} (and ${others.length} more)`));
      } catch (error) {
        failures.add(failureText(ownSeed, error instanceof Error ? (error.stack ?? error.message) : String(error)));
      }
      progress(index + 1);
    }
    return { failures: failures.texts, figures: { failedSeeds: failures.count } };
  },
};

function failureText(seed: number, problem: string): string {
  return `seed ${seed}: ${problem}; replay with: npm run soak -- sim --seed ${seed} --count 1`;
}
