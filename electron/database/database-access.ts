import type { Database } from './database.ts';
import { openDatabase } from './database.ts';
import type { DatabaseRefusedError } from './database-errors.ts';
import type { DatabaseWriter } from './database-writer.ts';
import { embeddedWriter } from './database-writer.ts';
import { copyEmbeddedDatabase } from './embedded-backup.ts';
import type { PostgresAddress } from './postgres/postgres-address.ts';
import { openPostgres } from './postgres/postgres-database.ts';

/** A file of the embedded database (`:memory:` in tests), or a PostgreSQL database. */
export type DatabaseLocation = { readonly file: string } | { readonly postgres: PostgresAddress };

/** What the server has of its database, of either kind. */
export interface DatabaseAccess {
  readonly kind: 'embedded' | 'postgresql';
  /** For messages; without a password. */
  readonly name: string;
  /** For reading. */
  readonly database: Database;
  /** For changing, through a `WriteBatcher`. */
  readonly writer: DatabaseWriter;
  /** Null while it answers. */
  problem(): string | null;
  /** Copies it, as of one moment, into a file; null where the administrator's own tools do that (pg_dump). */
  readonly copyTo: ((file: string) => Promise<void>) | null;
  /** Another server has taken the database while this one could not reach it: this one has to stop. */
  onTakenOver(listener: (error: DatabaseRefusedError) => void): void;
  close(): Promise<void>;
}

/** Opens, creating and migrating as needed; throws `DatabaseRefusedError` for a PostgreSQL database that cannot be used. */
export async function openDatabaseAccess(location: DatabaseLocation): Promise<DatabaseAccess> {
  if ('postgres' in location) return openPostgres(location.postgres);
  const database = await openDatabase(location.file);
  return {
    kind: 'embedded',
    name: location.file,
    database,
    writer: embeddedWriter(database),
    problem: () => null,
    copyTo: (target) => copyEmbeddedDatabase(location.file, target),
    onTakenOver: () => undefined,
    close: () => database.destroy(),
  };
}
