import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/**
 * Sites get a place in a tree, a link in each direction, hours, and versions. Sites that were there before keep what they did:
 * no schedule, and no LAN across their subnets.
 */
const statements = [
  `ALTER TABLE sites ADD COLUMN parent_site_id TEXT REFERENCES sites (site_id)`,
  `ALTER TABLE sites ADD COLUMN wan_out_kilobits_per_second INTEGER NOT NULL DEFAULT 0
    CHECK (wan_out_kilobits_per_second >= 0)`,
  `ALTER TABLE sites ADD COLUMN acquisition_schedule TEXT NOT NULL DEFAULT ''`,
  `ALTER TABLE sites ADD COLUMN distribution_schedule TEXT NOT NULL DEFAULT ''`,
  `ALTER TABLE sites ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC'`,
  `ALTER TABLE sites ADD COLUMN shares_lan INTEGER NOT NULL DEFAULT 0 CHECK (shares_lan IN (0, 1))`,
  `ALTER TABLE sites ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1)`,
  `ALTER TABLE sites ADD COLUMN updated_at_ms INTEGER NOT NULL DEFAULT 0`,
  `ALTER TABLE sites ADD COLUMN updated_by TEXT NOT NULL DEFAULT ''`,
  `CREATE INDEX sites_by_parent ON sites (parent_site_id)`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
