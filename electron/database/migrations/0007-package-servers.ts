import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Package Servers, which packages they keep, and what they served. */
const statements = [
  `CREATE TABLE package_servers (
    agent_id TEXT PRIMARY KEY REFERENCES agents (agent_id) ON DELETE CASCADE,
    site_id TEXT REFERENCES sites (site_id) ON DELETE SET NULL,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    updated_at_ms INTEGER NOT NULL,
    updated_by TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE package_assignments (
    package_key TEXT PRIMARY KEY REFERENCES packages (package_key) ON DELETE CASCADE,
    assignment TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE package_server_traffic (
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    package_key TEXT NOT NULL,
    site_id TEXT NOT NULL,
    requests INTEGER NOT NULL CHECK (requests >= 0),
    hits INTEGER NOT NULL CHECK (hits >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (agent_id, package_key, site_id)
  ) STRICT, WITHOUT ROWID`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
