import type { Executor } from './executor.ts';

/**
 * `server-id`: made at the first start, part of every certificate since. `authority-key`: hash of the key that signs
 * them. `agent-package`, `plug-in-policy`, `content-access`, `first-run`: JSON of its contract. `last-write`: mark of the newest transaction, over PostgreSQL.
 */
export type ServerSettingName =
  | 'server-id'
  | 'authority-key'
  | 'agent-package'
  | 'plug-in-policy'
  | 'content-access'
  | 'first-run'
  | 'last-write';

export async function readServerSetting(executor: Executor, name: ServerSettingName): Promise<string | null> {
  const row = await executor.selectFrom('server_settings').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

export async function writeServerSetting(executor: Executor, name: ServerSettingName, value: string): Promise<void> {
  await executor
    .insertInto('server_settings')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .executeTakeFirst();
}
