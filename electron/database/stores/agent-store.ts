import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentInterface } from '../../../shared/contracts/agent-events.ts';
import { agentInterfaceSchema } from '../../../shared/contracts/agent-events.ts';
import type { AgentsTable } from '../schema.ts';
import type { Executor } from './executor.ts';

export interface StoredAgent {
  readonly agentId: AgentId;
  readonly name: string;
  readonly publicKeySha256: string;
  readonly certificateSerial: string;
  readonly installationEpoch: number;
  readonly enrolledAtMs: number;
  readonly revokedAtMs: number | null;
  /** IPv4 address; '' until the first connection after enrolment told one. */
  readonly address: string;
  readonly lastSeenMs: number;
  readonly productVersion: string;
  readonly platform: string;
  readonly cpuCores: number | null;
  readonly interfaces: readonly AgentInterface[];
  readonly bootId: number;
}

const interfacesSchema = z.array(agentInterfaceSchema);

/** Enrols, or stores a re-enrolment of the same computer: identity is replaced, what it told of itself stays. */
export async function saveEnrolment(executor: Executor, agent: StoredAgent): Promise<void> {
  const row = rowOf(agent);
  await executor
    .insertInto('agents')
    .values(row)
    .onConflict((conflict) =>
      conflict.column('agent_id').doUpdateSet({
        name: row.name,
        certificate_serial: row.certificate_serial,
        installation_epoch: row.installation_epoch,
        enrolled_at_ms: row.enrolled_at_ms,
      }),
    )
    .execute();
}

export async function saveCertificateSerial(executor: Executor, agentId: AgentId, serial: string): Promise<void> {
  await executor
    .updateTable('agents')
    .set({ certificate_serial: serial })
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
}

export type AgentFactsUpdate = Pick<
  StoredAgent,
  'address' | 'lastSeenMs' | 'productVersion' | 'platform' | 'cpuCores' | 'interfaces' | 'bootId'
>;

/** What an agent tells at every start. */
export async function saveAgentFacts(executor: Executor, agentId: AgentId, facts: AgentFactsUpdate): Promise<void> {
  await executor
    .updateTable('agents')
    .set({
      address: facts.address,
      last_seen_ms: facts.lastSeenMs,
      product_version: facts.productVersion,
      platform: facts.platform,
      cpu_cores: facts.cpuCores,
      interfaces: JSON.stringify(facts.interfaces),
      boot_id: facts.bootId,
    })
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
}

export async function saveAgentInterfaces(
  executor: Executor,
  agentId: AgentId,
  interfaces: readonly AgentInterface[],
): Promise<void> {
  await executor
    .updateTable('agents')
    .set({ address: interfaces[0]?.address ?? '', interfaces: JSON.stringify(interfaces) })
    .where('agent_id', '=', agentId)
    .executeTakeFirst();
}

export async function saveLastSeen(
  executor: Executor,
  agents: readonly Pick<StoredAgent, 'agentId' | 'address' | 'lastSeenMs'>[],
): Promise<void> {
  for (const { agentId, address, lastSeenMs } of agents) {
    await executor
      .updateTable('agents')
      .set({ address, last_seen_ms: lastSeenMs })
      .where('agent_id', '=', agentId)
      .executeTakeFirst();
  }
}

export async function loadAgents(executor: Executor): Promise<StoredAgent[]> {
  const rows = await executor.selectFrom('agents').selectAll().orderBy('agent_id').execute();
  return rows.map(agentOf);
}

function rowOf(agent: StoredAgent): AgentsTable {
  return {
    agent_id: agent.agentId,
    name: agent.name,
    public_key_sha256: agent.publicKeySha256,
    certificate_serial: agent.certificateSerial,
    installation_epoch: agent.installationEpoch,
    enrolled_at_ms: agent.enrolledAtMs,
    revoked_at_ms: agent.revokedAtMs,
    address: agent.address,
    last_seen_ms: agent.lastSeenMs,
    product_version: agent.productVersion,
    platform: agent.platform,
    cpu_cores: agent.cpuCores,
    interfaces: JSON.stringify(agent.interfaces),
    boot_id: agent.bootId,
  };
}

function agentOf(row: Selectable<AgentsTable>): StoredAgent {
  return {
    agentId: row.agent_id as AgentId,
    name: row.name,
    publicKeySha256: row.public_key_sha256,
    certificateSerial: row.certificate_serial,
    installationEpoch: row.installation_epoch,
    enrolledAtMs: row.enrolled_at_ms,
    revokedAtMs: row.revoked_at_ms,
    address: row.address,
    lastSeenMs: row.last_seen_ms,
    productVersion: row.product_version,
    platform: row.platform,
    cpuCores: row.cpu_cores,
    interfaces: interfacesSchema.parse(JSON.parse(row.interfaces)),
    bootId: row.boot_id,
  };
}
