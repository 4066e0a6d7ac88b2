import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Sets of packages that Package Servers subscribe to. How far their copies are is what agents tell of their packages. */
const statements = [
  `CREATE TABLE channels (
    channel_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    updated_at_ms INTEGER NOT NULL,
    updated_by TEXT NOT NULL
  ) STRICT`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
