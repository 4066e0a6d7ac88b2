import type { ApiToken } from '../../../shared/contracts/people-api.ts';
import { scopeSchema } from '../../../shared/contracts/people-api.ts';
import type { Executor } from './executor.ts';

export interface StoredApiToken extends ApiToken {
  /** No two tokens have the same. */
  readonly nameKey: string;
  /** Hexadecimal; the token itself is kept nowhere. */
  readonly secretSha256: string;
  /** Whose token it is; null = the local administrator's. */
  readonly accountId: string | null;
}

/** The newest first. */
export async function loadApiTokens(executor: Executor): Promise<StoredApiToken[]> {
  const rows = await executor
    .selectFrom('api_tokens')
    .selectAll()
    .orderBy('created_at_ms', 'desc')
    .orderBy('token_id')
    .execute();
  return rows.map((row) => ({
    id: row.token_id,
    name: row.name,
    nameKey: row.name_key,
    scope: scopeSchema.parse(row.scope),
    secretSha256: row.secret_sha256,
    accountId: row.account_id,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    expiresAtMs: row.expires_at_ms,
    lastUsedMs: row.last_used_ms,
  }));
}

/** Those that are over give up their names. */
export async function insertApiToken(executor: Executor, token: StoredApiToken): Promise<void> {
  await executor.deleteFrom('api_tokens').where('expires_at_ms', '<=', token.createdAtMs).executeTakeFirst();
  await executor
    .insertInto('api_tokens')
    .values({
      token_id: token.id,
      name: token.name,
      name_key: token.nameKey,
      scope: token.scope,
      secret_sha256: token.secretSha256,
      account_id: token.accountId,
      created_at_ms: token.createdAtMs,
      created_by: token.createdBy,
      expires_at_ms: token.expiresAtMs,
      last_used_ms: token.lastUsedMs,
    })
    .executeTakeFirst();
}

export async function saveApiTokenUse(executor: Executor, id: string, atMs: number): Promise<void> {
  await executor.updateTable('api_tokens').set({ last_used_ms: atMs }).where('token_id', '=', id).executeTakeFirst();
}

export async function deleteApiToken(executor: Executor, id: string): Promise<void> {
  await executor.deleteFrom('api_tokens').where('token_id', '=', id).executeTakeFirst();
}
