import { sql } from 'kysely';
import type { DatabaseAccess } from './database-access.ts';

export interface DatabaseFacts {
  /** What the database calls its own version, e.g. `3.45.1` or `17.2 (Debian …)`. */
  readonly version: string;
  /** The newest migration that was done, e.g. `0012-channel-manifests`. */
  readonly schemaVersion: string;
}

/** Rejects while the database does not answer. */
export async function readDatabaseFacts({ kind, database }: DatabaseAccess): Promise<DatabaseFacts> {
  const question =
    kind === 'embedded'
      ? sql<{ version: string }>`SELECT sqlite_version() AS version`
      : sql<{ version: string }>`SELECT current_setting('server_version') AS version`;
  const newest = sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name DESC LIMIT 1`;
  const [versions, migrations] = await Promise.all([question.execute(database), newest.execute(database)]);
  return { version: versions.rows[0]?.version ?? '', schemaVersion: migrations.rows[0]?.name ?? '' };
}
