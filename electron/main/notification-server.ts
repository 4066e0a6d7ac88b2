import { app } from 'electron';
import type { EmbeddedFleet } from '../fleet/embedded-fleet.ts';
import { type NotificationServer, startNotificationServer } from '../notification-server/notification-server.ts';
import type { DesktopOptions } from './command-line.ts';
import type { DataFolders } from './data-folders.ts';
import type { OrderedShutdown } from './ordered-shutdown.ts';

/** What is waiting to be written is written, connections are closed. */
const stopDeadlineMs = 6_000;

export interface RunningServer {
  /** Origin of the console. */
  readonly consoleUrl: string;
  readonly signInLink: string;
  readonly apiToken: string;
  readonly productVersion: string;
}

/** Runs the Notification Server in this process. Rejects with a sentence that names what is in the way. */
export async function setupNotificationServer(
  options: DesktopOptions,
  folders: DataFolders,
  fleet: EmbeddedFleet,
  shutdown: OrderedShutdown,
): Promise<RunningServer> {
  const starting: Promise<NotificationServer> = startNotificationServer({
    dataFolder: folders.data,
    agentListen: options.agentListen,
    consolePort: options.consolePort,
    fleet,
  });
  // Registered before it runs: a quit in the middle of the start waits for it, and then stops it.
  shutdown.register('server', { deadlineMs: stopDeadlineMs, stop: () => stopStarted(starting) });
  const server = await starting;
  const { consoleUrl, apiToken } = server;
  return { consoleUrl, apiToken, signInLink: server.signInLink(), productVersion: app.getVersion() };
}

async function stopStarted(starting: Promise<NotificationServer>): Promise<void> {
  const server = await starting.catch(() => null); // a server that did not start was reported by whoever started it
  await server?.stop();
}
