import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import { readHealth } from '../operation/health.ts';
import { readServerStatus } from '../operation/server-status.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

type OperationRoutes = 'health' | 'serverStatus' | 'startBackup' | 'backup';

/** How the server does, and backups. */
export function operationHandlers(parts: HandlerParts): Pick<ConsoleHandlers, OperationRoutes> {
  return {
    health: async ({ reply }) => {
      const health = await readHealth({
        ...parts,
        certificatePem: () => parts.identity.tlsCredentials.cert,
        isListening: () => parts.isListening(),
      });
      if (health.status !== 'ok') void reply.code(503);
      return health;
    },
    serverStatus: () => readServerStatus(parts),
    startBackup: async ({ body: { folder, packages }, signedIn }) => {
      const job = await parts.backups.start(folder, packages);
      await parts.writes.write((transaction) =>
        insertAuditEntry(transaction, {
          atMs: parts.now(),
          who: signedIn.name,
          action: 'start-backup',
          subject: folder,
          before: null,
          after: { packages },
        }),
      );
      return job;
    },
    backup: () => {
      const job = parts.backups.newest;
      if (job === null) throw new Refusal('not-found', 'No backup was made since the server started.');
      return job;
    },
  };
}
