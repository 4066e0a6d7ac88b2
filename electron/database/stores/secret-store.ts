import type { GroupKey } from '../../../shared/contracts/agent-api.ts';
import type { Executor } from './executor.ts';

export interface StoredGroupKey extends GroupKey {
  /** Who was revoked before does not know it. */
  readonly createdAtMs: number;
}

/** Join tokens are kept as hashes only: who reads the database cannot enrol with it. */
export async function insertJoinToken(
  executor: Executor,
  token: { readonly secretSha256: string; readonly createdAtMs: number; readonly expiresAtMs: number },
): Promise<void> {
  await executor.deleteFrom('join_tokens').where('expires_at_ms', '<=', token.createdAtMs).executeTakeFirst();
  await executor
    .insertInto('join_tokens')
    .values({ secret_sha256: token.secretSha256, created_at_ms: token.createdAtMs, expires_at_ms: token.expiresAtMs })
    .executeTakeFirst();
}

export async function isJoinTokenValid(executor: Executor, secretSha256: string, nowMs: number): Promise<boolean> {
  const row = await executor
    .selectFrom('join_tokens')
    .select('secret_sha256')
    .where('secret_sha256', '=', secretSha256)
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst();
  return row !== undefined;
}

/** In the order of activation. */
export async function loadGroupKeys(executor: Executor): Promise<StoredGroupKey[]> {
  const rows = await executor.selectFrom('group_keys').selectAll().orderBy('activate_at_ms').execute();
  return rows.map((row) => ({
    id: row.key_id,
    key: row.key,
    activateAtMs: row.activate_at_ms,
    acceptUntilMs: row.accept_until_ms,
    createdAtMs: row.created_at_ms,
  }));
}

/** Replaces all of them. To be run in a transaction. */
export async function saveGroupKeys(executor: Executor, keys: readonly StoredGroupKey[]): Promise<void> {
  await executor.deleteFrom('group_keys').execute();
  for (const { id, key, activateAtMs, acceptUntilMs, createdAtMs } of keys) {
    await executor
      .insertInto('group_keys')
      .values({
        key_id: id,
        key,
        activate_at_ms: activateAtMs,
        accept_until_ms: acceptUntilMs,
        created_at_ms: createdAtMs,
      })
      .executeTakeFirst();
  }
}
