import type { PartOutcome } from './part-outcome.ts';

/** In which order the parts of an organisation are simulated. What comes of each of them is the same in any. */
export interface RolloutCourse {
  readonly isDone: boolean;
  readonly ready: number;
  readonly events: number;
  /** Of the part that is furthest. */
  readonly virtualMs: number;
  /** Goes on for at most so many events. */
  run(events: number): void;
  /** What has come of them so far, those that were not begun left out. The run ends with it. */
  outcomes(): readonly PartOutcome[];
}
