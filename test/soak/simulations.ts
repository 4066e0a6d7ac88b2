import { failureOf } from '../helpers/random-simulations/failure-text.ts';
import type { SimulationCase } from '../helpers/random-simulations/simulation-case.ts';
import { problemsOf, randomCase } from '../helpers/random-simulations/simulation-case.ts';
import type { Campaign } from './support/campaign.ts';
import { Failures } from './support/campaign.ts';

/** Random networks, deliveries, policies and faults in virtual time: all is well once the faults have ended. */
export const simulationCampaign: Campaign = {
  name: 'sim',
  what: 'random simulated networks with random faults: all converge, no rule is broken',
  fullCount: 10_000,
  shareCount: 200,
  run: async ({ count, seed, progress }) => {
    const failures = new Failures();
    for (let index = 0; index < count; index++) {
      const failure = failureOf(randomCase((seed + index) >>> 0));
      if (failure !== null) failures.add(`seed ${failure.seed}: ${failure.problem}; replay with: ${failure.replay}`);
      progress(index + 1, failures.count === 0 ? '' : `(${failures.count} failed)`);
    }
    return { failures: failures.texts, figures: { failedSeeds: failures.count } };
  },
  replay: async (text) => {
    const problems = problemsOf(JSON.parse(text) as SimulationCase);
    return { failures: problems.map(({ sentence }) => sentence), figures: {} };
  },
};
