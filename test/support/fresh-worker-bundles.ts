/** Vitest global setup for tests that start the command line and worker processes, but look at no page. */
import { buildStaleBundles } from './fresh-bundles.ts';

export function setup(): void {
  buildStaleBundles(['cli', 'agent-worker', 'hash-worker', 'sim-worker']);
}
