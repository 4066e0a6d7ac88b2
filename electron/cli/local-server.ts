import { existsSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import type { PostgresAddress } from '../database/postgres/postgres-address.ts';
import { productVersion } from '../fleet/product-version.ts';
import type { RunningNotificationServer } from '../notification-server/notification-server.ts';
import { startNotificationServer } from '../notification-server/notification-server.ts';
import { StartError } from '../notification-server/start-error.ts';
import { firstExisting, simWorkerFile } from './built-parts.ts';
import type { ExitCode } from './exit-codes.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { ListenAddress } from './option-values.ts';

export interface LocalServerOptions {
  readonly dataFolder: string;
  /** Null: the embedded database in the data folder. */
  readonly postgres?: PostgresAddress | null;
  readonly agentListen: ListenAddress;
  /** On 127.0.0.1; 0 = any. */
  readonly consolePort: number;
  /** What manifests of channels may import from; none by default. */
  readonly importFolder?: string | null;
}

/** Starts the Notification Server in this process, with the parts that were built beside this one. */
export async function startLocalServer(options: LocalServerOptions): Promise<RunningNotificationServer> {
  const level = process.env.FANOUT_LOG_LEVEL ?? 'warn';
  try {
    return await startNotificationServer({
      dataFolder: options.dataFolder,
      postgres: options.postgres ?? null,
      agentListen: options.agentListen,
      consoleListen: { address: '127.0.0.1', port: options.consolePort },
      hashWorkerPath: firstExisting('../hash-worker/hash-worker.mjs', '../notification-server/hash-worker.ts'),
      simWorkerPath: simWorkerFile(),
      rendererFolder: rendererFolder(),
      productVersion: productVersion(),
      importFolder: options.importFolder ?? null,
      logger: pino({ level }, pino.destination({ dest: 2, sync: true })),
    });
  } catch (error) {
    if (error instanceof StartError) throw new CommandFailure(startExitCodes[error.code], error.message);
    throw error;
  }
}

const startExitCodes: Record<StartError['code'], ExitCode> = {
  'port-in-use': exitCodes.portInUse,
  'address-not-available': exitCodes.portInUse,
  'already-running': exitCodes.dataFolder,
  'console-needs-tls': exitCodes.usage,
  'database-in-use': exitCodes.database,
  'database-unreachable': exitCodes.database,
  'database-unsuitable': exitCodes.database,
  'identity-missing': exitCodes.dataFolder,
};

/** The built console; null where it was not built: the interface works without. */
function rendererFolder(): string | null {
  const folder = firstExisting('../renderer/index.html', '../../dist/renderer/index.html');
  return existsSync(folder) ? path.dirname(folder) : null;
}
