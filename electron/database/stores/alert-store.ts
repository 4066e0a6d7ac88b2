import { sql } from 'kysely';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { AlertKind } from '../../../shared/contracts/console-api.ts';
import { alertKindSchema } from '../../../shared/contracts/console-api.ts';
import type { Executor } from './executor.ts';

export interface StoredAlert {
  readonly kind: AlertKind;
  /** Whom it is about. */
  readonly agentId: AgentId;
  /** The agent that told of it; null = the server saw it itself. */
  readonly reportedBy: AgentId | null;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly count: number;
  /** A sentence for people, of the last time. */
  readonly detail: string;
}

/** One row for each kind, agent and reporter: what happens again is counted, so that the table stays small. */
export async function raiseAlert(
  executor: Executor,
  alert: Pick<StoredAlert, 'kind' | 'agentId' | 'reportedBy' | 'detail'> & { readonly atMs: number },
): Promise<void> {
  const { kind, agentId, reportedBy, atMs, detail } = alert;
  // An agent may tell of one that was never here; there is nobody to show then.
  const known = await executor
    .selectFrom('agents')
    .select('agent_id')
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
  if (known === undefined) return;
  await executor
    .insertInto('alerts')
    .values({
      kind,
      agent_id: agentId,
      reported_by: reportedBy ?? '',
      first_at_ms: atMs,
      last_at_ms: atMs,
      count: 1,
      detail,
    })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'agent_id', 'reported_by']).doUpdateSet({
        last_at_ms: sql`CASE WHEN excluded.last_at_ms > alerts.last_at_ms THEN excluded.last_at_ms ELSE alerts.last_at_ms END`,
        count: sql`alerts.count + 1`,
        detail,
      }),
    )
    .executeTakeFirst();
}

/** The last ones first. */
export async function newestAlerts(executor: Executor, limit: number): Promise<StoredAlert[]> {
  const rows = await executor
    .selectFrom('alerts')
    .selectAll()
    .orderBy('last_at_ms', 'desc')
    .orderBy('agent_id')
    .orderBy('reported_by')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    kind: alertKindSchema.parse(row.kind),
    agentId: row.agent_id as AgentId,
    reportedBy: row.reported_by === '' ? null : (row.reported_by as AgentId),
    firstAtMs: row.first_at_ms,
    lastAtMs: row.last_at_ms,
    count: row.count,
    detail: row.detail,
  }));
}
