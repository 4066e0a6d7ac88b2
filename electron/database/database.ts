import { Kysely, SqliteDialect } from 'kysely';
import Libsql from 'libsql';
import { migrateToLatest } from './migrate.ts';
import type { Schema } from './schema.ts';
import { type SqliteConnection, statementCache } from './statement-cache.ts';

export type Database = Kysely<Schema>;

/**
 * Opens the SQLite file (`:memory:` in tests), creating and migrating it as needed. WAL with synchronous FULL: what is
 * committed survives a power cut. Throws where the file cannot be opened or a migration fails; nothing is half-migrated.
 */
export async function openDatabase(file: string): Promise<Database> {
  const connection: SqliteConnection = new Libsql(file);
  // To wait comes first: whoever had the file before may still be closing it.
  for (const pragma of ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']) {
    connection.exec(`PRAGMA ${pragma}`);
  }
  const database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: statementCache(connection) }) });
  try {
    await migrateToLatest(database, file);
  } catch (error) {
    await database.destroy();
    throw error;
  }
  return database;
}
