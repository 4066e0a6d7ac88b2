import { shrunk } from './shrink.ts';
import type { RunCase, SimulationCase } from './simulation-case.ts';
import { problemsOf } from './simulation-case.ts';

/** A case that failed, made small. */
export interface SimulationFailure {
  readonly seed: number;
  /** What went wrong first, in a sentence. */
  readonly problem: string;
  /** The smallest case that fails in the same way. */
  readonly shrunk: SimulationCase;
  /** The one command that runs the small case again. */
  readonly replay: string;
}

/** Null where all is well. The smallest case is looked for: that takes some hundred runs. */
export function failureOf(subject: SimulationCase, run?: RunCase): SimulationFailure | null {
  const [first, ...others] = problemsOf(subject, run);
  if (first === undefined) return null;
  const small = shrunk(subject, (candidate) => problemsOf(candidate, run)[0]?.kind === first.kind);
  const problem = `${first.kind}: ${problemsOf(small, run)[0]?.sentence ?? first.sentence} (at first with ${others.length} more)`;
  return { seed: subject.seed, problem, shrunk: small, replay: replayOf(small) };
}

/** No sentence or name in a case has a quotation mark of the shell in it. */
function replayOf(subject: SimulationCase): string {
  return `npm run soak -- sim --case '${JSON.stringify(subject)}'`;
}
