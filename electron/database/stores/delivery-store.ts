import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { DeliveryAgentState, DeliveryFailure } from '../../../shared/contracts/deliveries.ts';
import { deliveryFailures } from '../../../shared/contracts/deliveries.ts';
import type { DeliverySpec, PenetrationPoint } from '../../../shared/contracts/deliveries-api.ts';
import { deliverySpecSchema, penetrationPointSchema } from '../../../shared/contracts/deliveries-api.ts';
import type { DeliveryState, ReportedState } from '../../../shared/contracts/delivery-state.ts';
import { deliveryStateSchema, reportedStateSchema } from '../../../shared/contracts/delivery-state.ts';
import type { DeliveryPriority } from '../../../shared/contracts/package-state.ts';
import { deliveryPrioritySchema } from '../../../shared/contracts/package-state.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { targetSchema } from '../../../shared/contracts/targets.ts';
import type { Executor } from './executor.ts';

export interface StoredDelivery {
  readonly id: string;
  readonly key: PackageKey;
  /** Of the first stage. */
  readonly target: Target;
  readonly priority: DeliveryPriority;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly spec: DeliverySpec;
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
    spec: deliverySpecSchema.parse(JSON.parse(row.specification)),
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
      specification: JSON.stringify(delivery.spec),
    })
    .executeTakeFirst();
}

/** What may change of a delivery that has not begun. */
export async function updateDelivery(
  executor: Executor,
  { id, target, priority, spec }: StoredDelivery,
): Promise<void> {
  await executor
    .updateTable('deliveries')
    .set({ target: JSON.stringify(target), priority, specification: JSON.stringify(spec) })
    .where('delivery_id', '=', id)
    .executeTakeFirst();
}

/** By delivery; one of which nothing has happened yet is missing. */
export async function loadDeliveryStates(executor: Executor): Promise<Map<string, DeliveryState>> {
  const rows = await executor.selectFrom('delivery_states').selectAll().execute();
  return new Map(rows.map((row) => [row.delivery_id, deliveryStateSchema.parse(JSON.parse(row.state))]));
}

export async function readDeliveryState(executor: Executor, deliveryId: string): Promise<DeliveryState | null> {
  const row = await executor
    .selectFrom('delivery_states')
    .select('state')
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst();
  return row === undefined ? null : deliveryStateSchema.parse(JSON.parse(row.state));
}

export async function saveDeliveryState(executor: Executor, deliveryId: string, state: DeliveryState): Promise<void> {
  const text = JSON.stringify(state);
  await executor
    .insertInto('delivery_states')
    .values({ delivery_id: deliveryId, state: text })
    .onConflict((conflict) => conflict.column('delivery_id').doUpdateSet({ state: text }))
    .executeTakeFirst();
}

export interface StoredStanding {
  readonly state: ReportedState;
  readonly failure: DeliveryFailure | null;
  readonly stage: number;
}

export async function readStanding(
  executor: Executor,
  deliveryId: string,
  agentId: AgentId,
): Promise<StoredStanding | null> {
  const row = await executor
    .selectFrom('delivery_agents')
    .select(['stage', 'state', 'failure'])
    .where('delivery_id', '=', deliveryId)
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return { stage: row.stage, state: reportedStateSchema.parse(row.state), failure: failureOf(row.failure) };
}

export interface StandingUpdate extends StoredStanding {
  readonly exitCode: number | null;
  readonly detail: string;
  readonly atMs: number;
}

export async function saveStanding(
  executor: Executor,
  deliveryId: string,
  agentId: AgentId,
  standing: StandingUpdate,
): Promise<void> {
  const values = {
    stage: standing.stage,
    state: standing.state,
    failure: standing.failure,
    exit_code: standing.exitCode,
    detail: standing.detail,
    at_ms: standing.atMs,
  };
  await executor
    .insertInto('delivery_agents')
    .values({ delivery_id: deliveryId, agent_id: agentId, ...values })
    .onConflict((conflict) => conflict.columns(['delivery_id', 'agent_id']).doUpdateSet(values))
    .executeTakeFirst();
}

/** Every agent of the delivery that stands in one of the states stands in another from now on. */
export async function moveStandings(
  executor: Executor,
  deliveryId: string,
  from: readonly ReportedState[],
  to: ReportedState,
): Promise<void> {
  await executor
    .updateTable('delivery_agents')
    .set({ state: to, failure: null, exit_code: null, detail: '' })
    .where('delivery_id', '=', deliveryId)
    .where('state', 'in', from)
    .executeTakeFirst();
}

export interface DeliveryAgent extends StandingUpdate {
  readonly agentId: AgentId;
}

/** The newest first. */
export async function deliveryAgents(
  executor: Executor,
  deliveryId: string,
  state: DeliveryAgentState | null,
  limit: number,
): Promise<DeliveryAgent[]> {
  let query = executor.selectFrom('delivery_agents').selectAll().where('delivery_id', '=', deliveryId);
  if (state !== null) query = query.where('state', '=', state);
  const rows = await query.orderBy('at_ms', 'desc').orderBy('agent_id').limit(limit).execute();
  return rows.map((row) => ({
    agentId: row.agent_id as AgentId,
    stage: row.stage,
    state: reportedStateSchema.parse(row.state),
    failure: failureOf(row.failure),
    exitCode: row.exit_code,
    detail: row.detail,
    atMs: row.at_ms,
  }));
}

export async function savePenetration(executor: Executor, deliveryId: string, point: PenetrationPoint): Promise<void> {
  const { atMs, failures, ...counts } = point;
  const values = { ...counts, failures: JSON.stringify(failures) };
  await executor
    .insertInto('delivery_points')
    .values({ delivery_id: deliveryId, at_ms: atMs, ...values })
    .onConflict((conflict) => conflict.columns(['delivery_id', 'at_ms']).doUpdateSet(values))
    .executeTakeFirst();
}

/** Oldest first. */
export async function loadPenetration(executor: Executor, deliveryId: string): Promise<PenetrationPoint[]> {
  const rows = await executor
    .selectFrom('delivery_points')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .orderBy('at_ms')
    .limit(20_000)
    .execute();
  return rows.map(({ at_ms: atMs, failures, agents, ready, installed, failed }) =>
    penetrationPointSchema.parse({ atMs, agents, ready, installed, failed, failures: JSON.parse(failures) }),
  );
}

function failureOf(text: string | null): DeliveryFailure | null {
  return deliveryFailures.find((failure) => failure === text) ?? null;
}
