import type { Selectable } from 'kysely';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import { storedAgentSettingsSchema } from '../../../shared/contracts/settings.ts';
import { targetSchema } from '../../../shared/contracts/targets.ts';
import type { PoliciesTable } from '../schema.ts';
import type { Executor } from './executor.ts';

export type StoredPolicy = Omit<Policy, 'appliesToAgents' | 'warnings'>;

export async function loadPolicies(executor: Executor): Promise<StoredPolicy[]> {
  const rows = await executor.selectFrom('policies').selectAll().orderBy('is_global').orderBy('priority').execute();
  return rows.map(policyOf);
}

export async function insertPolicy(executor: Executor, policy: StoredPolicy): Promise<void> {
  await executor.insertInto('policies').values(rowOf(policy)).executeTakeFirst();
}

/** False where the stored version is not `policy.version - 1`: somebody else saved meanwhile, nothing was changed. */
export async function updatePolicy(executor: Executor, policy: StoredPolicy): Promise<boolean> {
  const { policy_id, ...values } = rowOf(policy);
  const result = await executor
    .updateTable('policies')
    .set(values)
    .where('policy_id', '=', policy_id)
    .where('version', '=', policy.version - 1)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Global is never deleted. */
export async function deletePolicy(executor: Executor, policyId: string): Promise<void> {
  await executor.deleteFrom('policies').where('policy_id', '=', policyId).where('is_global', '=', 0).executeTakeFirst();
}

export async function savePolicyPriorities(
  executor: Executor,
  priorities: readonly { readonly id: string; readonly priority: number }[],
): Promise<void> {
  for (const { id, priority } of priorities) {
    await executor.updateTable('policies').set({ priority }).where('policy_id', '=', id).executeTakeFirst();
  }
}

function rowOf(policy: StoredPolicy): PoliciesTable {
  return {
    policy_id: policy.id,
    name: policy.name,
    priority: policy.priority,
    is_global: policy.isGlobal ? 1 : 0,
    target: JSON.stringify(policy.target),
    settings: JSON.stringify(policy.settings),
    version: policy.version,
    updated_at_ms: policy.updatedAtMs,
    updated_by: policy.updatedBy,
  };
}

function policyOf(row: Selectable<PoliciesTable>): StoredPolicy {
  return {
    id: row.policy_id,
    name: row.name,
    priority: row.priority,
    isGlobal: row.is_global === 1,
    target: targetSchema.parse(JSON.parse(row.target)),
    settings: storedAgentSettingsSchema.parse(JSON.parse(row.settings)),
    version: row.version,
    updatedAtMs: row.updated_at_ms,
    updatedBy: row.updated_by,
  };
}
