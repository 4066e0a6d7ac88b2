import type { Migration } from 'kysely/migration';
import { up as firstTables } from './0001-first-tables.ts';

/** Every migration by its name; Kysely runs those that a database has not seen, in this order. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first-tables': { up: firstTables },
};
