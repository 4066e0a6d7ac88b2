import { sql } from 'kysely';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { AgentEvent, ServedPortion } from '../../../shared/contracts/agent-events.ts';
import type { JournalReason, SourceKind } from '../../../shared/contracts/journal.ts';
import { journalReasonSchema, sourceKindSchema } from '../../../shared/contracts/journal.ts';
import type { PackageState } from '../../../shared/contracts/package-state.ts';
import { packageStateSchema } from '../../../shared/contracts/package-state.ts';
import { saveAgentFacts, saveAgentInterfaces } from './agent-store.ts';
import { raiseAlert } from './alert-store.ts';
import type { Executor } from './executor.ts';
import { countOf } from './executor.ts';
import { addPackageChange } from './package-change-store.ts';
import { addServed } from './package-server-store.ts';

export interface StoredBatch {
  readonly acknowledgedSequence: number;
  /** Those events that had not been stored before, in the order of their sequence. */
  readonly fresh: readonly AgentEvent[];
}

/**
 * Stores the events of a batch that are newer than what is stored for (agent, installation epoch). Sending a batch again
 * changes nothing and is acknowledged the same. `siteOf` says to which site what somebody was served counts. To be run in a
 * transaction.
 */
export async function storeEvents(
  executor: Executor,
  agentId: AgentId,
  installationEpoch: number,
  events: readonly AgentEvent[],
  siteOf: (portion: ServedPortion) => string | null = () => null,
): Promise<StoredBatch> {
  const position = await executor
    .selectFrom('event_positions')
    .select('sequence')
    .where('agent_id', '=', agentId)
    .where('installation_epoch', '=', installationEpoch)
    .executeTakeFirst();
  let sequence = position?.sequence ?? 0;
  const fresh: AgentEvent[] = [];
  for (const event of [...events].sort((a, b) => a.sequence - b.sequence)) {
    if (event.sequence <= sequence) continue;
    sequence = event.sequence;
    fresh.push(event);
    await storeEvent(executor, agentId, event, siteOf);
  }
  if (fresh.length > 0) {
    await executor
      .insertInto('event_positions')
      .values({ agent_id: agentId, installation_epoch: installationEpoch, sequence })
      .onConflict((conflict) => conflict.columns(['agent_id', 'installation_epoch']).doUpdateSet({ sequence }))
      .executeTakeFirst();
  }
  return { acknowledgedSequence: sequence, fresh };
}

async function storeEvent(
  executor: Executor,
  agentId: AgentId,
  event: AgentEvent,
  siteOf: (portion: ServedPortion) => string | null,
): Promise<void> {
  switch (event.kind) {
    case 'started':
      return saveAgentFacts(executor, agentId, {
        address: event.interfaces[0]?.address ?? '',
        lastSeenMs: event.atMs,
        productVersion: event.productVersion,
        platform: event.platform,
        cpuCores: event.cpuCores,
        interfaces: event.interfaces,
        bootId: event.bootId,
      });
    case 'interfaces-changed':
      return saveAgentInterfaces(executor, agentId, event.interfaces);
    case 'package-state':
      return storePackageState(executor, agentId, event);
    case 'transferred':
      return storeTransfers(executor, agentId, event);
    case 'claim':
      await executor
        .insertInto('claims')
        .values({
          package_key: event.key,
          subnet: event.subnet,
          epoch: event.epoch,
          agent_id: agentId,
          change: event.change,
          at_ms: event.atMs,
        })
        .executeTakeFirst();
      return;
    case 'served': {
      const portions = event.portions.map((portion) => ({ ...portion, key: event.key, siteId: siteOf(portion) }));
      return addServed(executor, agentId, portions);
    }
    case 'bad-block':
      return raiseAlert(executor, {
        kind: 'corrupt-blocks',
        agentId: event.peer,
        reportedBy: agentId,
        atMs: event.atMs,
        detail: badBlockSentence(event),
      });
    case 'stopping':
      // Nothing to keep: that it is gone shows in its feed.
      return;
  }
}

function badBlockSentence({ key, block, isBanned }: Extract<AgentEvent, { kind: 'bad-block' }>): string {
  const what = `It sent a damaged block (${block} of package ${key}).`;
  return isBanned ? `${what} The agent that noticed has nothing to do with it for a day.` : what;
}

async function storePackageState(
  executor: Executor,
  agentId: AgentId,
  event: Extract<AgentEvent, { kind: 'package-state' }>,
): Promise<void> {
  const values = {
    state: event.state,
    blocks: event.blocks,
    block_count: event.blockCount,
    detail: event.detail,
    at_ms: event.atMs,
  };
  const before = await executor
    .selectFrom('agent_packages')
    .select('state')
    .where('agent_id', '=', agentId)
    .where('package_key', '=', event.key)
    .executeTakeFirst();
  await addPackageChange(executor, event, before === undefined ? null : packageStateSchema.parse(before.state));
  await executor
    .insertInto('agent_packages')
    .values({ agent_id: agentId, package_key: event.key, ...values })
    .onConflict((conflict) => conflict.columns(['agent_id', 'package_key']).doUpdateSet(values))
    .executeTakeFirst();
}

async function storeTransfers(
  executor: Executor,
  agentId: AgentId,
  event: Extract<AgentEvent, { kind: 'transferred' }>,
): Promise<void> {
  for (const { source, reason, bytes, blocks } of event.portions) {
    await executor
      .insertInto('transfers')
      .values({ agent_id: agentId, package_key: event.key, source, reason, bytes, blocks })
      .onConflict((conflict) =>
        conflict.columns(['agent_id', 'package_key', 'source', 'reason']).doUpdateSet({
          bytes: sql`transfers.bytes + excluded.bytes`,
          blocks: sql`transfers.blocks + excluded.blocks`,
        }),
      )
      .executeTakeFirst();
  }
}

export interface StoredPackageState {
  readonly agentId: AgentId;
  readonly key: PackageKey;
  readonly state: PackageState;
  readonly blocks: number;
  readonly blockCount: number;
  readonly detail: string;
  readonly atMs: number;
}

export async function loadPackageStates(executor: Executor): Promise<StoredPackageState[]> {
  const rows = await executor.selectFrom('agent_packages').selectAll().execute();
  return rows.map((row) => ({
    agentId: row.agent_id as AgentId,
    key: row.package_key as PackageKey,
    state: packageStateSchema.parse(row.state),
    blocks: row.blocks,
    blockCount: row.block_count,
    detail: row.detail,
    atMs: row.at_ms,
  }));
}

export interface TransferSum {
  readonly agentId: AgentId;
  readonly source: SourceKind;
  readonly reason: JournalReason;
  readonly bytes: number;
}

/** All time, per agent, source and reason. */
export async function loadTransferSums(executor: Executor): Promise<TransferSum[]> {
  const rows = await executor
    .selectFrom('transfers')
    .select(['agent_id', 'source', 'reason', (build) => build.fn.sum('bytes').as('bytes')])
    .groupBy(['agent_id', 'source', 'reason'])
    .execute();
  return rows.map((row) => ({
    agentId: row.agent_id as AgentId,
    source: sourceKindSchema.parse(row.source),
    reason: journalReasonSchema.parse(row.reason),
    bytes: countOf(row.bytes),
  }));
}

export interface AgentTransfer {
  readonly key: PackageKey;
  readonly source: SourceKind;
  readonly reason: JournalReason;
  readonly bytes: number;
}

export async function transfersOfAgent(executor: Executor, agentId: AgentId): Promise<AgentTransfer[]> {
  const rows = await executor
    .selectFrom('transfers')
    .selectAll()
    .where('agent_id', '=', agentId)
    .orderBy('bytes', 'desc')
    .limit(10_000)
    .execute();
  return rows.map((row) => ({
    key: row.package_key as PackageKey,
    source: sourceKindSchema.parse(row.source),
    reason: journalReasonSchema.parse(row.reason),
    bytes: row.bytes,
  }));
}
