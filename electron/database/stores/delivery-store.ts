import type { PackageKey } from '../../../shared/base/ids.ts';
import type { DeliveryPriority } from '../../../shared/contracts/package-state.ts';
import { deliveryPrioritySchema } from '../../../shared/contracts/package-state.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { targetSchema } from '../../../shared/contracts/targets.ts';
import type { Executor } from './executor.ts';

export interface StoredDelivery {
  readonly id: string;
  readonly key: PackageKey;
  readonly target: Target;
  readonly priority: DeliveryPriority;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** Newest first. */
export async function loadDeliveries(executor: Executor): Promise<StoredDelivery[]> {
  const rows = await executor
    .selectFrom('deliveries')
    .selectAll()
    .orderBy('created_at_ms', 'desc')
    .orderBy('delivery_id')
    .execute();
  return rows.map((row) => ({
    id: row.delivery_id,
    key: row.package_key as PackageKey,
    target: targetSchema.parse(JSON.parse(row.target)),
    priority: deliveryPrioritySchema.parse(row.priority),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  }));
}

/** Throws where the package is not stored. */
export async function insertDelivery(executor: Executor, delivery: StoredDelivery): Promise<void> {
  await executor
    .insertInto('deliveries')
    .values({
      delivery_id: delivery.id,
      package_key: delivery.key,
      target: JSON.stringify(delivery.target),
      priority: delivery.priority,
      created_at_ms: delivery.createdAtMs,
      created_by: delivery.createdBy,
    })
    .executeTakeFirst();
}
