import type { AgentId } from '../../../shared/base/ids.ts';
import type { Executor } from './executor.ts';

export interface StoredRevocation {
  readonly agentId: AgentId;
  readonly revokedAtMs: number;
  /** Of its certificates that are not over yet. */
  readonly serials: readonly string[];
}

/** A certificate was issued. Those of the agent that are over are forgotten. */
export async function insertCertificate(
  executor: Executor,
  certificate: {
    readonly serial: string;
    readonly agentId: AgentId;
    readonly notBeforeMs: number;
    readonly notAfterMs: number;
  },
): Promise<void> {
  const { serial, agentId, notAfterMs } = certificate;
  await executor
    .deleteFrom('certificates')
    .where('agent_id', '=', agentId)
    .where('not_after_ms', '<', certificate.notBeforeMs)
    .executeTakeFirst();
  await executor
    .insertInto('certificates')
    .values({ serial, agent_id: agentId, not_after_ms: notAfterMs })
    .executeTakeFirst();
}

/** For good: a revoked agent id never comes back. The first revocation counts. */
export async function markRevoked(executor: Executor, agentId: AgentId, atMs: number): Promise<void> {
  await executor
    .updateTable('agents')
    .set({ revoked_at_ms: atMs })
    .where('agent_id', '=', agentId)
    .where('revoked_at_ms', 'is', null)
    .executeTakeFirst();
}

/** Those that still have a certificate which would be valid at `nowMs`, the newest first. */
export async function loadRevocations(executor: Executor, nowMs: number): Promise<StoredRevocation[]> {
  const rows = await executor
    .selectFrom('agents')
    .innerJoin('certificates', 'certificates.agent_id', 'agents.agent_id')
    .select(['agents.agent_id as agentId', 'agents.revoked_at_ms as revokedAtMs', 'certificates.serial as serial'])
    .where('agents.revoked_at_ms', 'is not', null)
    .where('certificates.not_after_ms', '>', nowMs)
    .orderBy('agents.revoked_at_ms', 'desc')
    .orderBy('agents.agent_id')
    .orderBy('certificates.serial')
    .execute();
  const revocations: { agentId: AgentId; revokedAtMs: number; serials: string[] }[] = [];
  for (const { agentId, revokedAtMs, serial } of rows) {
    const last = revocations.at(-1);
    if (last?.agentId === agentId) last.serials.push(serial);
    else revocations.push({ agentId: agentId as AgentId, revokedAtMs: revokedAtMs ?? 0, serials: [serial] });
  }
  return revocations;
}
