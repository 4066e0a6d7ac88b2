import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type {
  NotificationServerOptions,
  RunningNotificationServer,
} from '../../../electron/notification-server/notification-server.ts';
import { startNotificationServer } from '../../../electron/notification-server/notification-server.ts';
import type { ImportJob } from '../../../shared/contracts/console-api.ts';
import type { ConsoleCall } from '../../../shared/contracts/console-request.ts';
import { consoleRequest, parseConsoleAnswer } from '../../../shared/contracts/console-request.ts';
import type { ConsoleRouteName, RouteAnswer } from '../../../shared/contracts/console-routes.ts';

/** Bundled: a thread that has to read the sources first takes ten times as long to start. */
const hashWorkerPath = path.resolve(import.meta.dirname, '../../../dist/hash-worker/hash-worker.mjs');
const simWorkerPath = path.resolve(import.meta.dirname, '../../../dist/sim-worker/sim-worker.mjs');

export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fanout-test-'));
  return { path: folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) };
}

export function testServerOptions(
  dataFolder: string,
  more: Partial<NotificationServerOptions> = {},
): NotificationServerOptions {
  return {
    dataFolder,
    agentListen: { address: '127.0.0.1', port: 0 },
    consoleListen: { address: '127.0.0.1', port: 0 },
    hashWorkerPath,
    simWorkerPath,
    rendererFolder: null,
    productVersion: '0.0.0-test',
    logger: pino({ level: 'silent' }),
    ...more,
  };
}

export interface TestServer extends RunningNotificationServer {
  readonly dataFolder: string;
  call<Name extends ConsoleRouteName>(name: Name, call: ConsoleCall<Name>): Promise<RouteAnswer<Name>>;
}

/** A real server in a folder of its own, and its console interface as the command line uses it. */
export async function startTestServer(
  dataFolder: string,
  more: Partial<NotificationServerOptions> = {},
): Promise<TestServer> {
  const server = await startNotificationServer(testServerOptions(dataFolder, more));
  return {
    ...server,
    dataFolder,
    call: async (name, call) => {
      const { method, path: url, body } = consoleRequest(name, call);
      const response = await fetch(`${server.consoleUrl}${url}`, {
        method,
        headers: {
          authorization: `Bearer ${server.apiToken}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body }),
      });
      const text = await response.text();
      return parseConsoleAnswer(name, response.status, text === '' ? undefined : JSON.parse(text));
    },
  };
}

/** Waits until `read` gives a value that is not null; fails after `deadlineMs` with what was waited for. */
export async function eventually<Value>(
  what: string,
  read: () => Value | null | Promise<Value | null>,
  deadlineMs = 30_000,
): Promise<Value> {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (value !== null) return value;
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Imports a path and waits until the package is there. */
export async function importPackage(
  server: TestServer,
  packagePath: string,
  version?: string,
): Promise<NonNullable<ImportJob['package']>> {
  const job = await server.call('startImport', { body: { path: packagePath, ...(version ? { version } : {}) } });
  const finished = async (): Promise<ImportJob['package']> => {
    const now = (await server.call('imports', {})).find((candidate) => candidate.id === job.id);
    if (now?.state === 'failed') throw new Error(now.message);
    return now?.package ?? null;
  };
  return eventually('the import', finished, 20_000);
}
