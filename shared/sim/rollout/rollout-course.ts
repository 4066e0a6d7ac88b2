import type { SimulationProgress } from '../../contracts/simulation.ts';
import type { PartOutcome } from '../../contracts/simulation-parts.ts';

/** In which order the parts of an organisation are simulated. What comes of each of them is the same in any. */
export interface RolloutCourse {
  readonly isDone: boolean;
  /** Of all parts together; the time is that of the part that is furthest. */
  readonly progress: SimulationProgress;
  /** Goes on for at most so many events. */
  runFor(events: number): void;
  /** What has come of them so far, those that were not begun left out. The run ends with it. */
  outcomes(): readonly PartOutcome[];
}
