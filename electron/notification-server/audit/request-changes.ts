import { AsyncLocalStorage } from 'node:async_hooks';

/** An entry of the audit trail that a request has written. */
export interface WrittenChange {
  readonly id: number;
  readonly action: string;
}

/**
 * Handlers write changes in many places below them, and whoever asked wants to know what to take back. The request's own
 * list goes with its calls, so that none of them has to hand it on.
 */
const running = new AsyncLocalStorage<WrittenChange[]>();

/** Runs a request and gives the changes that it wrote, the oldest first. */
export async function collectingChanges<Answer>(
  run: () => Answer | Promise<Answer>,
): Promise<{ readonly answer: Answer; readonly changes: readonly WrittenChange[] }> {
  const changes: WrittenChange[] = [];
  const answer = await running.run(changes, run);
  return { answer, changes };
}

/** Call it after the commit: what was rolled back is no change. Outside of requests nothing happens. */
export function noteChange(change: WrittenChange): void {
  running.getStore()?.push(change);
}
