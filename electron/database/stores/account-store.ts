import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Role } from '../../../shared/contracts/people-api.ts';
import { roleSchema } from '../../../shared/contracts/people-api.ts';
import type { AccountsTable } from '../schema.ts';
import type { Executor } from './executor.ts';

/** A hash with what it was made by, so that later versions may make stronger ones beside it. */
const storedPasswordSchema = z.object({
  kind: z.literal('scrypt'),
  /** A power of 2. */
  cost: z.number().int().min(2).max(1_048_576),
  blockSize: z.number().int().min(1).max(32),
  parallelization: z.number().int().min(1).max(16),
  saltBase64: z.string().min(16),
  hashBase64: z.string().min(16),
});
export type StoredPassword = z.infer<typeof storedPasswordSchema>;

export interface StoredAccount {
  readonly id: string;
  readonly name: string;
  /** No two accounts have the same. */
  readonly nameKey: string;
  readonly role: Role;
  readonly isDisabled: boolean;
  readonly password: StoredPassword;
  readonly passwordChangedAtMs: number;
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** Null = never. */
  readonly lastSignInMs: number | null;
}

/** In the order of their names. */
export async function loadAccounts(executor: Executor): Promise<StoredAccount[]> {
  const rows = await executor.selectFrom('accounts').selectAll().orderBy('name_key').execute();
  return rows.map(accountOf);
}

/** Adds the account, or writes it over the one with its id. */
export async function saveAccount(executor: Executor, account: StoredAccount): Promise<void> {
  const { account_id, ...values } = rowOf(account);
  await executor
    .insertInto('accounts')
    .values({ account_id, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .executeTakeFirst();
}

/** A password that was only hashed anew keeps the time of its last change. */
export async function saveSignIn(
  executor: Executor,
  { id, password, lastSignInMs }: Pick<StoredAccount, 'id' | 'password' | 'lastSignInMs'>,
): Promise<void> {
  await executor
    .updateTable('accounts')
    .set({ last_sign_in_ms: lastSignInMs, password: JSON.stringify(password) })
    .where('account_id', '=', id)
    .executeTakeFirst();
}

/** With its API tokens. */
export async function deleteAccount(executor: Executor, id: string): Promise<void> {
  await executor.deleteFrom('accounts').where('account_id', '=', id).executeTakeFirst();
}

function rowOf(account: StoredAccount): AccountsTable {
  return {
    account_id: account.id,
    name: account.name,
    name_key: account.nameKey,
    role: account.role,
    is_disabled: account.isDisabled ? 1 : 0,
    password: JSON.stringify(account.password),
    password_changed_at_ms: account.passwordChangedAtMs,
    created_at_ms: account.createdAtMs,
    created_by: account.createdBy,
    last_sign_in_ms: account.lastSignInMs,
  };
}

function accountOf(row: Selectable<AccountsTable>): StoredAccount {
  return {
    id: row.account_id,
    name: row.name,
    nameKey: row.name_key,
    role: roleSchema.parse(row.role),
    isDisabled: row.is_disabled === 1,
    password: storedPasswordSchema.parse(JSON.parse(row.password)),
    passwordChangedAtMs: row.password_changed_at_ms,
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
    lastSignInMs: row.last_sign_in_ms,
  };
}
