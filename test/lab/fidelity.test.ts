import { expect, it } from 'vitest';
import { runUndisturbed } from '../../build/bench/undisturbed.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';
import type { Comparison } from './fidelity/comparison.ts';
import { compare, lineOf, medianOf } from './fidelity/comparison.ts';
import { labProblem, runInLab } from './fidelity/lab-run.ts';
import type { FidelityScenario } from './fidelity/scenarios.ts';
import { fidelityScenarios } from './fidelity/scenarios.ts';
import { runSimulated } from './fidelity/simulated-run.ts';

/*
 * The same delivery in the network-namespace lab and in the simulator: what the simulator says of an organisation is only
 * worth what it says of a network that can be measured. FANOUT_LAB_FIDELITY names the scenarios, `all` is every one.
 */
const problem = namespaceProblem();
const asked = process.env.FANOUT_LAB_FIDELITY ?? 'office,branch';
const usualTimesWithin = 0.1;
const copiesWithin = 0.01;
const seeds = [1, 2, 3, 4, 5];
/** What is late because the computer had other things to do says nothing of the simulator. */
const attempts = 2;

const scenarios = Object.entries(fidelityScenarios).filter(
  ([name]) => asked === 'all' || asked.split(',').includes(name),
);

if (problem === null) runUndisturbed();

async function comparisonOf(name: string, scenario: FidelityScenario): Promise<Comparison> {
  const simulated = medianOf(seeds.map((seed) => runSimulated(scenario, seed)));
  const lab = await runInLab(scenario);
  const comparison = compare(lab, simulated);
  console.log(lineOf(name, lab, simulated, comparison));
  return comparison;
}

it.for(scenarios)('%s: the simulator is as close to the lab as it has to be', async ([name, scenario], context) => {
  const missing = problem ?? labProblem(scenario);
  if (missing !== null) return context.skip(missing);
  const { timesWithin = usualTimesWithin } = scenario;
  let comparison = await comparisonOf(name, scenario);
  for (let more = 1; more < attempts && comparison.largestTimeShare > timesWithin; more++) {
    comparison = await comparisonOf(name, scenario);
  }
  expect(comparison.largestTimeShare, JSON.stringify(comparison.timeShares)).toBeLessThanOrEqual(timesWithin);
  expect(comparison.largestCopiesDifference).toBeLessThanOrEqual(copiesWithin);
});
