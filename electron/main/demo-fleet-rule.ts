import type { FirstRunChoice } from '../../shared/contracts/fleet-api.ts';

export interface StartOfApplication {
  /** `--demo-fleet` is on the command line. */
  readonly isAskedFor: boolean;
  /** Null: nobody has chosen at a first run. */
  readonly choice: FirstRunChoice | null;
  /** Installed, and not started from a checkout (`npm start`). */
  readonly isInstalled: boolean;
}

/**
 * Whether the demo fleet starts with the application. `npm start` is there to show Fanout at once; who installs it may want a
 * server for an organisation, and is asked by the console first.
 */
export function startsWithDemoFleet({ isAskedFor, choice, isInstalled }: StartOfApplication): boolean {
  return isAskedFor || choice === 'demo-fleet' || (choice === null && !isInstalled);
}
