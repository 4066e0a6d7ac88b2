import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Longer than any certificate that an earlier version issued was valid from the moment its agent was last seen. */
const unknownValidityMs = 31 * 24 * 60 * 60 * 1000;

/** Frozen: what a released server created must stay what it was. A change is the next migration. */
const statements = [
  `CREATE TABLE certificates (
    serial TEXT PRIMARY KEY,
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    not_after_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX certificates_by_agent ON certificates (agent_id)`,
  `INSERT INTO certificates (serial, agent_id, not_after_ms)
    SELECT certificate_serial, agent_id, ${unknownValidityMs} +
      CASE WHEN last_seen_ms > enrolled_at_ms THEN last_seen_ms ELSE enrolled_at_ms END FROM agents`,
  `ALTER TABLE group_keys ADD COLUMN created_at_ms INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE group_keys ADD COLUMN accept_until_ms INTEGER`,
  `CREATE TABLE alerts (
    kind TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    reported_by TEXT NOT NULL,
    first_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 1),
    detail TEXT NOT NULL,
    PRIMARY KEY (kind, agent_id, reported_by)
  ) STRICT, WITHOUT ROWID`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
