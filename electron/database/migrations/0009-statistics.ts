import type { Kysely } from 'kysely';
import { sql } from 'kysely';

const bytes = `server_bytes INTEGER NOT NULL,
    own_site_bytes INTEGER NOT NULL,
    foreign_bytes INTEGER NOT NULL,
    peer_bytes INTEGER NOT NULL,
    fill_bytes INTEGER NOT NULL`;

function factTable(name: string): string {
  return `CREATE TABLE ${name} (
    at_ms INTEGER NOT NULL,
    site_id INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL,
    package_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    ${bytes},
    PRIMARY KEY (at_ms, site_id, subnet_id, package_id, policy_id)
  ) STRICT, WITHOUT ROWID`;
}

function totalTable(name: string): string {
  return `CREATE TABLE ${name} (
    member_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    ${bytes},
    PRIMARY KEY (member_id, at_ms)
  ) STRICT, WITHOUT ROWID`;
}

/**
 * Frozen: what a released server created must stay what it was. A change is the next migration. Facts name what they are
 * about by numbers of `statistics_members`, so that a year of them stays small; totals hold one such number.
 */
const statements = [
  `CREATE TABLE statistics_members (
    member_id INTEGER PRIMARY KEY,
    dimension TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (dimension, name)
  ) STRICT`,
  `CREATE TABLE traffic_log (
    entry_id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    agent_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    subnet TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    package_key TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT,
    is_fill INTEGER NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0)
  ) STRICT`,
  factTable('traffic_minutes'),
  factTable('traffic_hours'),
  `CREATE INDEX traffic_hours_by_site ON traffic_hours (site_id, at_ms)`,
  `CREATE INDEX traffic_hours_by_subnet ON traffic_hours (subnet_id, at_ms)`,
  `CREATE INDEX traffic_hours_by_package ON traffic_hours (package_id, at_ms)`,
  totalTable('traffic_days'),
  `CREATE INDEX traffic_days_by_time ON traffic_days (at_ms)`,
  totalTable('traffic_agent_days'),
  `CREATE INDEX traffic_agent_days_by_time ON traffic_agent_days (at_ms)`,
  totalTable('traffic_months'),
  `CREATE INDEX traffic_months_by_time ON traffic_months (at_ms)`,
  `CREATE TABLE direct_reasons (
    at_ms INTEGER NOT NULL,
    site_id INTEGER NOT NULL,
    subnet_id INTEGER NOT NULL,
    package_id INTEGER NOT NULL,
    policy_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (at_ms, site_id, subnet_id, package_id, policy_id, source, reason)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX direct_reasons_by_site ON direct_reasons (site_id, at_ms)`,
  `CREATE INDEX direct_reasons_by_subnet ON direct_reasons (subnet_id, at_ms)`,
  `CREATE INDEX direct_reasons_by_package ON direct_reasons (package_id, at_ms)`,
  `CREATE TABLE package_changes (
    package_key TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    ready INTEGER NOT NULL,
    installed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (package_key, at_ms)
  ) STRICT, WITHOUT ROWID`,
  // What agents told before begins the curves: when it became so is not known better.
  `INSERT INTO package_changes (package_key, at_ms, ready, installed, failed)
    SELECT package_key, (at_ms / 60000) * 60000,
      CAST(SUM(CASE WHEN state IN ('ready', 'installing', 'installed') THEN 1 ELSE 0 END) AS INTEGER),
      CAST(SUM(CASE WHEN state = 'installed' THEN 1 ELSE 0 END) AS INTEGER),
      CAST(SUM(CASE WHEN state = 'failed' THEN 1 ELSE 0 END) AS INTEGER)
    FROM agent_packages
    GROUP BY package_key, (at_ms / 60000) * 60000`,
  `CREATE INDEX claims_by_time ON claims (at_ms)`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
