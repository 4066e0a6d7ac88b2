import path from 'node:path';
import { pino } from 'pino';
import type { DemoFleetControl } from '../fleet/demo-fleet-control.ts';
import { productVersion } from '../fleet/product-version.ts';
import { startNotificationServer } from '../notification-server/notification-server.ts';
import type { DesktopOptions } from './command-line.ts';
import type { DataFolders } from './data-folders.ts';
import { setupDemoFleet } from './demo-fleet.ts';
import type { OrderedShutdown } from './ordered-shutdown.ts';

/** What is waiting to be written is written, connections are closed. */
const stopDeadlineMs = 6_000;
/** This code is dist/main/main.mjs; the other bundles lie beside it. */
const bundles = path.resolve(import.meta.dirname, '..');

export interface RunningServer {
  /** Origin of the console. */
  readonly consoleUrl: string;
  readonly signInLink: string;
  readonly apiToken: string;
  readonly productVersion: string;
  /** Not started yet. */
  readonly demoFleet: DemoFleetControl;
}

/** Runs the Notification Server in this process. Rejects with a sentence that names what is in the way. */
export async function setupNotificationServer(
  options: DesktopOptions,
  folders: DataFolders,
  shutdown: OrderedShutdown,
): Promise<RunningServer> {
  const starting = startNotificationServer({
    dataFolder: folders.data,
    agentListen: options.agentListen,
    consoleListen: { address: '127.0.0.1', port: options.consolePort },
    hashWorkerPath: path.join(bundles, 'hash-worker/hash-worker.mjs'),
    simWorkerPath: path.join(bundles, 'sim-worker/sim-worker.mjs'),
    rendererFolder: path.join(bundles, 'renderer'),
    productVersion: productVersion(),
    importFolder: folders.imports,
    logger: pino({ level: process.env.FANOUT_LOG_LEVEL ?? 'warn' }, pino.destination({ dest: 2, sync: true })),
  });
  // Registered before it runs: a quit in the middle of the start waits for it, and then stops it.
  const stop = async () => {
    const started = await starting.catch(() => null); // one that did not start is reported below
    await started?.stop();
  };
  shutdown.register('server', { deadlineMs: stopDeadlineMs, stop });
  const server = await starting;
  const { consoleUrl, apiToken } = server;
  const { fleet, demoFleet } = setupDemoFleet(server, folders.fleet, shutdown);
  server.setFleet(fleet, demoFleet);
  const signInLink = server.makeSignInLink();
  return { consoleUrl, apiToken, signInLink, productVersion: productVersion(), demoFleet };
}
