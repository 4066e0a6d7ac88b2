import { Xoshiro128 } from '../../../shared/base/prng.ts';
import type { SimulationReport } from '../../../shared/sim/simulate.ts';
import { simulate } from '../../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan } from '../../../shared/sim/simulation-plan.ts';
import { randomFaults } from './random-fault.ts';
import { randomPlan } from './random-plan.ts';

/** Every network has come to rest long before, the slowest policy included. */
const untilMs = 4 * 60 * 60_000;

/** All that decides how a simulation goes; plain JSON. */
export interface SimulationCase {
  /** Of the network and of the agents. */
  readonly seed: number;
  readonly plan: SimulationPlan;
  readonly faults: readonly Fault[];
}

/** Something that may never happen. */
export interface Problem {
  /** Two problems of one kind are the same failure: the name of the broken rule, or which end was not reached. */
  readonly kind: string;
  readonly sentence: string;
}

/** Runs a case; what of the agents is broken on purpose, `run` says. */
export type RunCase = (subject: SimulationCase & { readonly untilMs: number }) => SimulationReport;

export function randomCase(seed: number): SimulationCase {
  const random = new Xoshiro128(seed);
  const plan = randomPlan(random);
  return { seed, plan, faults: randomFaults(random, plan) };
}

/** Safety all the time and liveness at the end: what of it does not hold, the first that went wrong first. */
export function problemsOf(subject: SimulationCase, run: RunCase = simulate): Problem[] {
  let report: SimulationReport;
  try {
    report = run({ ...subject, untilMs });
  } catch (error) {
    const sentence = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return [{ kind: `exception: ${sentence.split('\n')[0] ?? ''}`, sentence }];
  }
  return [
    ...report.violations.map((violation) => ({ kind: violation.check, sentence: JSON.stringify(violation) })),
    ...problemsOfStages(report, subject.faults),
    ...report.perAgent.flatMap(({ name, isReady, isRunning, blocksHeld }) => {
      if (!isRunning) return [{ kind: 'not-running', sentence: `${name} does not run` }];
      return isReady ? [] : [{ kind: 'not-ready', sentence: `${name} holds only ${blocksHeld} blocks` }];
    }),
  ];
}

/** Stages that began and in which agents have come to no end, although nothing holds them up. */
function problemsOfStages(report: SimulationReport, faults: readonly Fault[]): Problem[] {
  const ended = faults.flatMap((fault) =>
    fault.kind === 'cancel' || fault.kind === 'withdraw' ? [fault.package] : [],
  );
  return report.stages.flatMap((stages, index) => {
    if (ended.includes(index)) return [];
    return stages.flatMap(({ startedAtMs, members, counts }, stage) => {
      const done = counts.installed + counts['reboot-pending'] + counts.failed;
      if (startedAtMs === null || done === members) return [];
      const sentence = `stage ${stage + 1} of package ${index + 1}: only ${done} of ${members} have come to an end`;
      return [{ kind: 'stage-without-end', sentence }];
    });
  });
}
