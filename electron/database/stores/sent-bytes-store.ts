import { sql } from 'kysely';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { Executor } from './executor.ts';

/** Block payload bytes that this server's sockets sent to an agent of a subnet and site, answers that broke off included. */
export interface SentBytes {
  readonly key: PackageKey;
  readonly agentId: AgentId;
  readonly subnet: string;
  /** Null = Unassigned. */
  readonly siteId: string | null;
  readonly bytes: number;
}

/** Adds what was sent since the last time. */
export async function addSentBytes(executor: Executor, portions: readonly SentBytes[]): Promise<void> {
  for (const { key, agentId, subnet, siteId, bytes } of portions) {
    await executor
      .insertInto('sent_bytes')
      .values({ package_key: key, agent_id: agentId, subnet, site_id: siteId ?? '', bytes })
      .onConflict((conflict) =>
        conflict
          .columns(['package_key', 'agent_id', 'subnet', 'site_id'])
          .doUpdateSet({ bytes: sql`sent_bytes.bytes + excluded.bytes` }),
      )
      .executeTakeFirst();
  }
}

export async function loadSentBytes(executor: Executor): Promise<SentBytes[]> {
  const rows = await executor.selectFrom('sent_bytes').selectAll().execute();
  return rows.map((row) => ({
    key: row.package_key as PackageKey,
    agentId: row.agent_id as AgentId,
    subnet: row.subnet,
    siteId: row.site_id === '' ? null : row.site_id,
    bytes: row.bytes,
  }));
}
