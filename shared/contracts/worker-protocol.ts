import { z } from 'zod';
import { computerConditionsSchema } from './conditions.ts';
import { impairmentsSchema } from './impairments.ts';
import { agentIdSchema, ipv4Schema, portSchema } from './primitives.ts';
import { userAnswerSchema, userNoticeSchema, userRequestSchema } from './user-control.ts';

/** Messages between the fleet supervisor and an agent worker process (structured clone or JSON). */

const plannedInterfaceSchema = z.object({
  name: z.string().max(64),
  address: ipv4Schema,
  prefixLength: z.number().int().min(8).max(32),
});
/** One interface, several, or every network adapter of the computer that has an IPv4 address. */
const plannedInterfacesSchema = z.union([
  plannedInterfaceSchema,
  z.array(plannedInterfaceSchema).min(1).max(8),
  z.literal('auto'),
]);
export type PlannedInterface = z.infer<typeof plannedInterfaceSchema>;
export type PlannedInterfaces = z.infer<typeof plannedInterfacesSchema>;

export const workerAgentSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  /** Identity, block store and journal of the agent; nobody else writes there. */
  dataFolder: z.string().min(1),
  interface: plannedInterfacesSchema,
  /** Own socket (TCP and UDP). */
  port: portSchema,
  /** Hearing socket; the policy's port where null. */
  hearingPort: portSchema.nullable(),
  serverUrl: z.string().url(),
  /**
   * `computer`: what the agent is in the middle of is read from the computer. Missing or `fleet`: an agent of an embedded
   * fleet stands for a computer of its own, and is in the conditions that it is put into.
   */
  conditionsFrom: z.enum(['computer', 'fleet']).optional(),
  /** Those that it starts in; missing: nothing is the matter. */
  conditions: computerConditionsSchema.optional(),
  /** What somebody does to it; missing: nothing. */
  impairments: impairmentsSchema.optional(),
  /** Whether commands of packages may run on this computer; missing: they may not. */
  allowsExecution: z.boolean().optional(),
  /** Needed once, to enrol; an agent that has an identity ignores it. */
  joinToken: z.string().nullable(),
});
export type WorkerAgent = z.infer<typeof workerAgentSchema>;

export const toWorkerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start-agent'), agent: workerAgentSchema }),
  z.object({ kind: z.literal('stop-agent'), name: z.string() }),
  /** Stop every agent (byebye, release claims, flush), then exit 0. */
  z.object({ kind: z.literal('stop') }),
  /** Puts an agent into conditions, until others are set. */
  z.object({ kind: z.literal('set-conditions'), name: z.string(), conditions: computerConditionsSchema }),
  /** Does something to an agent, until something else is told. */
  z.object({ kind: z.literal('set-impairments'), name: z.string(), impairments: impairmentsSchema }),
  /** As if its computer were carried to another place: what it does goes on there. */
  z.object({
    kind: z.literal('move-agent'),
    name: z.string(),
    interface: plannedInterfaceSchema,
    port: portSchema,
    hearingPort: portSchema,
  }),
  /** The supervisor copies a broadcast by unicast where the system delivers none (see docs/protocol.md). */
  z.object({
    kind: z.literal('datagram'),
    name: z.string(),
    fromAddress: ipv4Schema,
    fromPort: portSchema,
    bytes: z.string(),
  }),
  /** What the person at the computer of the agent wants; `user-answer` follows. */
  z.object({
    kind: z.literal('user-action'),
    name: z.string(),
    requestId: z.number().int(),
    ...userRequestSchema.shape,
  }),
]);
export type ToWorker = z.infer<typeof toWorkerSchema>;

export const agentFailureCodes = [
  'join-token-invalid',
  'server-unreachable',
  'server-identity-mismatch',
  'port-in-use',
  'address-not-available',
  'data-folder-in-use',
  'data-folder-not-writable',
  'revoked',
  /** Its disk was copied, and it could not get an identity of its own. */
  'cloned',
  'internal',
] as const;
export type AgentFailureCode = (typeof agentFailureCodes)[number];

export const fromWorkerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), pid: z.number().int() }),
  z.object({ kind: z.literal('agent-running'), name: z.string(), agentId: agentIdSchema, port: portSchema }),
  /** `final`: trying again with the same input cannot help. */
  z.object({
    kind: z.literal('agent-failed'),
    name: z.string(),
    code: z.enum(agentFailureCodes),
    message: z.string(),
    final: z.boolean(),
  }),
  z.object({ kind: z.literal('agent-stopped'), name: z.string() }),
  z.object({
    kind: z.literal('user-answer'),
    name: z.string(),
    requestId: z.number().int(),
    answer: userAnswerSchema,
  }),
  z.object({ kind: z.literal('notification'), name: z.string(), notice: userNoticeSchema }),
]);
export type FromWorker = z.infer<typeof fromWorkerSchema>;
