import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Frozen: what a released server created must stay what it was. A change is the next migration. */
const statements = [
  `CREATE TABLE server_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`,
  `CREATE TABLE agents (
    agent_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    public_key_sha256 TEXT NOT NULL,
    certificate_serial TEXT NOT NULL,
    installation_epoch INTEGER NOT NULL CHECK (installation_epoch >= 1),
    enrolled_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER,
    address TEXT NOT NULL,
    last_seen_ms INTEGER NOT NULL,
    product_version TEXT NOT NULL,
    platform TEXT NOT NULL,
    cpu_cores INTEGER,
    interfaces TEXT NOT NULL,
    boot_id INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE event_positions (
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    installation_epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (agent_id, installation_epoch)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE agent_packages (
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    package_key TEXT NOT NULL,
    state TEXT NOT NULL,
    blocks INTEGER NOT NULL,
    block_count INTEGER NOT NULL,
    detail TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (agent_id, package_key)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE transfers (
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    package_key TEXT NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    blocks INTEGER NOT NULL CHECK (blocks >= 0),
    PRIMARY KEY (agent_id, package_key, source, reason)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE claims (
    claim_id INTEGER PRIMARY KEY,
    package_key TEXT NOT NULL,
    subnet TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (agent_id) ON DELETE CASCADE,
    change TEXT NOT NULL,
    at_ms INTEGER NOT NULL
  ) STRICT`,
  `CREATE INDEX claims_by_package ON claims (package_key, subnet, epoch)`,
  `CREATE TABLE sent_bytes (
    package_key TEXT NOT NULL,
    agent_id TEXT NOT NULL,
    subnet TEXT NOT NULL,
    site_id TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    PRIMARY KEY (package_key, agent_id, subnet, site_id)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE policies (
    policy_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    priority INTEGER NOT NULL CHECK (priority >= 1),
    is_global INTEGER NOT NULL CHECK (is_global IN (0, 1)),
    target TEXT NOT NULL,
    settings TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    updated_at_ms INTEGER NOT NULL,
    updated_by TEXT NOT NULL
  ) STRICT`,
  `CREATE UNIQUE INDEX policies_one_global ON policies (is_global) WHERE is_global = 1`,
  `CREATE TABLE sites (
    site_id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    wan_kilobits_per_second INTEGER NOT NULL CHECK (wan_kilobits_per_second >= 0)
  ) STRICT`,
  `CREATE TABLE site_subnets (
    subnet TEXT PRIMARY KEY,
    site_id TEXT NOT NULL REFERENCES sites (site_id) ON DELETE CASCADE,
    position INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE packages (
    package_key TEXT PRIMARY KEY,
    guid TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    file_count INTEGER NOT NULL CHECK (file_count >= 1),
    total_size_bytes INTEGER NOT NULL CHECK (total_size_bytes >= 0),
    block_count INTEGER NOT NULL CHECK (block_count >= 0),
    created_at_ms INTEGER NOT NULL,
    withdrawn_at_ms INTEGER,
    UNIQUE (guid, version)
  ) STRICT`,
  `CREATE TABLE deliveries (
    delivery_id TEXT PRIMARY KEY,
    package_key TEXT NOT NULL REFERENCES packages (package_key),
    target TEXT NOT NULL,
    priority TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE join_tokens (
    secret_sha256 TEXT PRIMARY KEY,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE group_keys (
    key_id INTEGER PRIMARY KEY CHECK (key_id >= 1),
    key TEXT NOT NULL,
    activate_at_ms INTEGER NOT NULL
  ) STRICT`,
  `CREATE TABLE audit (
    audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL
  ) STRICT`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
