import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/**
 * Frozen: what a released server created must stay what it was. A change is the next migration. Deliveries of earlier
 * versions go on as deliveries of one stage that install nothing: their specification is empty.
 */
const statements = [
  `ALTER TABLE deliveries ADD COLUMN specification TEXT NOT NULL DEFAULT '{}'`,
  `CREATE TABLE delivery_states (
    delivery_id TEXT PRIMARY KEY REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
    state TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE delivery_agents (
    delivery_id TEXT NOT NULL REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    stage INTEGER NOT NULL,
    state TEXT NOT NULL,
    failure TEXT,
    exit_code INTEGER,
    detail TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (delivery_id, agent_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX delivery_agents_by_state ON delivery_agents (delivery_id, state, at_ms)`,
  `CREATE TABLE delivery_points (
    delivery_id TEXT NOT NULL REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    agents INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    installed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    failures TEXT NOT NULL,
    PRIMARY KEY (delivery_id, at_ms)
  ) STRICT, WITHOUT ROWID`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
