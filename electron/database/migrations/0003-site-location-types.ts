import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** What kind of place a site is. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `ALTER TABLE sites ADD COLUMN location_type TEXT NOT NULL DEFAULT 'office'
        CHECK (location_type IN ('office', 'wifi', 'vpn', 'internet'))`,
    )
    .execute(database);
}
