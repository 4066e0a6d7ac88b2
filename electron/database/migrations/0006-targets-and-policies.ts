import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Frozen: what a released server created must stay what it was. A change is the next migration. */
const statements = [
  `CREATE TABLE agent_tags (
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (agent_id, tag)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE site_settings (
    rule_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    priority INTEGER NOT NULL CHECK (priority >= 1),
    target TEXT NOT NULL,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    updated_at_ms INTEGER NOT NULL,
    updated_by TEXT NOT NULL
  ) STRICT`,
  `ALTER TABLE audit ADD COLUMN reverts INTEGER`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
