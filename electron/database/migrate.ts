import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { DatabaseRefusedError } from './database-errors.ts';
import { migrations } from './migrations/migration-list.ts';
import type { Schema } from './schema.ts';

/**
 * Brings a database of either kind to this version; throws, with nothing half-migrated, where that fails. A database of a
 * later version is refused. Migrations that were written side by side may have been done in another order: none needs one that
 * has a larger number.
 */
export async function migrateToLatest(database: Kysely<Schema>, name: string): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    allowUnorderedMigrations: true,
  });
  const unknown = (await doneMigrations(database)).filter((done) => !(done in migrations));
  if (unknown.length > 0) {
    const sentence = `The database ${name} was written by a later version of Fanout (${unknown.join(', ')}).`;
    throw new DatabaseRefusedError('unsuitable', `${sentence} Start that version, or restore a backup of this one.`);
  }
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new Error(`The database ${name} could not be brought to this version.`, { cause: error });
}

/** By their names; none where the database is new. */
async function doneMigrations(database: Kysely<Schema>): Promise<string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration ORDER BY name`.execute(database);
  return rows.map(({ name }) => name);
}
