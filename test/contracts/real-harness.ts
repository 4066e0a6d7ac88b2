import { eventually } from '../support/agent-fixtures.ts';
import type { PortHarness } from './collected-inputs.ts';

/** Turns of the event loop with some real time in between: what is under way on loopback has arrived by then. */
const settleMs = 40;

/** Real time goes on by itself; harnesses over real ports add only what they have to close. */
export function realTime(dispose: () => Promise<void> | void): PortHarness {
  return {
    until: (what, condition) => eventually(what, condition),
    settle: () => new Promise((resolve) => setTimeout(resolve, settleMs)),
    dispose: async () => dispose(),
  };
}
