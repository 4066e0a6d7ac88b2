import { ConsoleClient } from '../fleet/console-client.ts';
import { startDemoFleet } from '../fleet/demo-fleet.ts';
import { EmbeddedFleet } from '../fleet/embedded-fleet.ts';
import { workerEntry } from '../fleet/worker-entry.ts';
import type { OrderedShutdown } from './ordered-shutdown.ts';
import { utilityProcessLauncher } from './utility-process-launcher.ts';

/** The supervisors' own limits (stop, SIGTERM, SIGKILL) end before this: 8 s. */
const stopDeadlineMs = 10_000;

/** Made before the server, which shows it; started after the window, so that a person sees it come up. */
export function setupFleet(shutdown: OrderedShutdown): EmbeddedFleet {
  const fleet = new EmbeddedFleet({
    launcher: utilityProcessLauncher(),
    workerEntry: workerEntry(),
    onOutput: (line) => console.error(line),
  });
  shutdown.register('fleet', { deadlineMs: stopDeadlineMs, stop: () => fleet.stop() });
  return fleet;
}

/** A demo fleet that does not start is said and shown in the console's Fleet; the server is worth having without it. */
export async function startFleet(
  fleet: EmbeddedFleet,
  server: { readonly consoleUrl: string; readonly apiToken: string },
  fleetFolder: string,
  shutdown: OrderedShutdown,
): Promise<void> {
  try {
    await startDemoFleet({
      console: new ConsoleClient(server.consoleUrl, server.apiToken),
      fleet,
      fleetFolder,
      onProgress: (sentence) => console.error(sentence),
      signal: shutdown.signal,
    });
  } catch (error) {
    if (shutdown.isStopping) return; // stopped in the middle of its start, as it was told
    console.error(`The demo fleet did not start: ${error instanceof Error ? error.message : String(error)}`);
  }
}
