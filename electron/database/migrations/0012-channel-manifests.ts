import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** How the last import of a manifest into a channel went. */
const statements = [
  `CREATE TABLE channel_manifests (
    channel_id TEXT PRIMARY KEY REFERENCES channels (channel_id) ON DELETE CASCADE,
    status TEXT NOT NULL
  ) STRICT`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
