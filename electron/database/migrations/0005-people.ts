import type { Kysely } from 'kysely';
import { sql } from 'kysely';

/** Frozen: what a released server created must stay what it was. A change is the next migration. */
const statements = [
  `CREATE TABLE accounts (
    account_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('administrator', 'helpdesk')),
    is_disabled INTEGER NOT NULL CHECK (is_disabled IN (0, 1)),
    password TEXT NOT NULL,
    password_changed_at_ms INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    last_sign_in_ms INTEGER
  ) STRICT`,
  `CREATE TABLE api_tokens (
    token_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'helpdesk', 'administrator')),
    secret_sha256 TEXT NOT NULL UNIQUE,
    account_id TEXT REFERENCES accounts (account_id) ON DELETE CASCADE,
    created_at_ms INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    last_used_ms INTEGER
  ) STRICT`,
];

export async function up(database: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(database);
}
