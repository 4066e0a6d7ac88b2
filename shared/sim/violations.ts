/** What a run may never do, whatever its faults. */
export type CheckName =
  | 'serves-only-what-it-holds'
  | 'isolation'
  | 'rate-limit'
  | 'blockout'
  | 'completes-once'
  | 'answers-once'
  | 'package-open'
  | 'event-sequence'
  | 'no-corrupt-block'
  | 'intent-first'
  | 'no-command-twice'
  | 'no-stage-early'
  | 'executes-verified'
  | 'claim-first'
  | 'lane-window'
  | 'one-copy'
  | 'source-back-off'
  | 'withdrawn'
  | 'concurrent-packages'
  | 'peer-downloading-off'
  | 'serving-slots'
  | 'installs-alone'
  | 'deletes-at-rest'
  | 'peers-per-attempt'
  | 'speaks-little';

export interface Violation {
  readonly check: CheckName;
  readonly atMs: number;
  readonly agent: string;
  readonly detail: string;
}

/** One broken rule tends to break again with every block: the first ones tell the story. */
export const maxViolations = 50;

export class Violations {
  readonly #nowMs: () => number;
  readonly list: Violation[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** States a rule of the simulation; a broken one ends up in the report and fails the test, not the run. */
  check(holds: boolean, check: CheckName, agent: string, detail: () => string): void {
    if (holds || this.list.length >= maxViolations) return;
    this.list.push({ check, atMs: this.#nowMs(), agent, detail: detail() });
  }
}
