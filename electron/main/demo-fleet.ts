import { ConsoleClient } from '../fleet/console-client.ts';
import { DemoFleetControl } from '../fleet/demo-fleet-control.ts';
import { EmbeddedFleet } from '../fleet/embedded-fleet.ts';
import { workerEntry } from '../fleet/worker-entry.ts';
import type { StartOfApplication } from './demo-fleet-rule.ts';
import { startsWithDemoFleet } from './demo-fleet-rule.ts';
import type { OrderedShutdown } from './ordered-shutdown.ts';
import { utilityProcessLauncher } from './utility-process-launcher.ts';

/** The supervisors' own limits (stop, SIGTERM, SIGKILL) end before this: 8 s. */
const stopDeadlineMs = 10_000;

/** How the demo fleet is started and stopped: now and from the console, which shows what goes wrong as well. */
export function setupDemoFleet(
  server: { readonly consoleUrl: string; readonly apiToken: string },
  fleetFolder: string,
  shutdown: OrderedShutdown,
): { readonly fleet: EmbeddedFleet; readonly demoFleet: DemoFleetControl } {
  const fleet = new EmbeddedFleet({
    launcher: utilityProcessLauncher(),
    workerEntry: workerEntry(),
    onOutput: (line) => console.error(line),
  });
  const demoFleet = new DemoFleetControl({
    console: new ConsoleClient(server.consoleUrl, server.apiToken),
    fleet,
    fleetFolder,
    onProgress: (sentence) => console.error(sentence),
  });
  shutdown.register('fleet', { deadlineMs: stopDeadlineMs, stop: () => demoFleet.stop() });
  return { fleet, demoFleet };
}

/** Begins to start it where the command line, the choice at the first run or the way of starting says so. */
export async function startWantedDemoFleet(
  server: { readonly consoleUrl: string; readonly apiToken: string; readonly demoFleet: DemoFleetControl },
  start: Omit<StartOfApplication, 'choice'>,
): Promise<void> {
  const { choice } = await new ConsoleClient(server.consoleUrl, server.apiToken).call('firstRun', {});
  if (startsWithDemoFleet({ ...start, choice })) server.demoFleet.start();
}
