import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations/migration-list.ts';
import type { Schema } from './schema.ts';

/** Brings a database of either kind to this version; throws, with nothing half-migrated, where that fails. */
export async function migrateToLatest(database: Kysely<Schema>, name: string): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: async () => ({ ...migrations }) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new Error(`The database ${name} could not be brought to this version.`, { cause: error });
}
