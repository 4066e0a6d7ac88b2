import { z } from 'zod';
import { deliveryReportSchema } from './deliveries.ts';
import { journalReasonSchema, sourceKindSchema } from './journal.ts';
import { packageStateSchema } from './package-state.ts';
import {
  agentIdSchema,
  byteCountSchema,
  cidrSchema,
  ipv4Schema,
  packageKeySchema,
  portSchema,
  wallTimeMsSchema,
} from './primitives.ts';

const header = {
  /** Rises by one per installation; (agent, installation epoch, sequence) identifies an event for ever. */
  sequence: z.number().int().min(1),
  atMs: wallTimeMsSchema,
};

export const agentInterfaceSchema = z.object({
  name: z.string().max(64),
  address: ipv4Schema,
  subnet: cidrSchema,
  port: portSchema,
});
export type AgentInterface = z.infer<typeof agentInterfaceSchema>;

/** What an agent tells the Notification Server for good; stored exactly once. */
export const agentEventSchema = z.discriminatedUnion('kind', [
  z.object({
    ...header,
    kind: z.literal('started'),
    bootId: z.number().int().min(0),
    productVersion: z.string().max(64),
    platform: z.string().max(64),
    cpuCores: z.number().int().min(1),
    interfaces: z.array(agentInterfaceSchema).max(16),
    /** Names of adapters that have IPv6 only. */
    unsupportedAdapters: z.array(z.string().max(64)).max(16).optional(),
  }),
  /** The computer got another address, or an adapter came or went. */
  z.object({
    ...header,
    kind: z.literal('interfaces-changed'),
    interfaces: z.array(agentInterfaceSchema).max(16),
    unsupportedAdapters: z.array(z.string().max(64)).max(16).optional(),
  }),
  z.object({ ...header, kind: z.literal('stopping') }),
  z.object({
    ...header,
    kind: z.literal('package-state'),
    key: packageKeySchema,
    state: packageStateSchema,
    blocks: z.number().int().min(0),
    blockCount: z.number().int().min(0),
    /** For `failed`: what went wrong, for people. Else empty. */
    detail: z.string().max(400),
    /** The delivery that brings the package; missing where none does any more. */
    delivery: deliveryReportSchema.optional(),
  }),
  /** What came from where since the previous `transferred` event for the key: the condensed decision journal. */
  z.object({
    ...header,
    kind: z.literal('transferred'),
    key: packageKeySchema,
    portions: z
      .array(
        z.object({
          source: sourceKindSchema,
          reason: journalReasonSchema,
          /** The peer, where the source is one. */
          agentId: agentIdSchema.nullable(),
          bytes: byteCountSchema,
          blocks: z.number().int().min(0),
        }),
      )
      .min(1)
      .max(256),
  }),
  /** A Package Server: who asked it for blocks of the package since the previous `served` event for the key. */
  z.object({
    ...header,
    kind: z.literal('served'),
    key: packageKeySchema,
    portions: z
      .array(
        z.object({
          /** Of clients with a link, who are no agents, the Package Server itself. */
          agentId: agentIdSchema,
          /** Where a client with a link asked from; `elsewhere`: beyond the addresses that an event names. Missing: an agent asked. */
          from: z.union([ipv4Schema, z.literal('elsewhere')]).optional(),
          requests: z.number().int().min(0),
          /** The block was there when it was asked for. */
          hits: z.number().int().min(0),
          /** That left its sockets, aborted answers included. */
          bytes: byteCountSchema,
        }),
      )
      .min(1)
      .max(256),
  }),
  /** A peer sent a block whose hash is wrong: it is asked for nothing more of this package, or, banned, for nothing at all. */
  z.object({
    ...header,
    kind: z.literal('bad-block'),
    key: packageKeySchema,
    block: z.number().int().min(0),
    peer: agentIdSchema,
    isBanned: z.boolean(),
  }),
  z.object({
    ...header,
    kind: z.literal('claim'),
    key: packageKeySchema,
    subnet: cidrSchema,
    epoch: z.number().int().min(1),
    change: z.enum(['claimed', 'lost', 'released', 'completed']),
  }),
]);
export type AgentEvent = z.infer<typeof agentEventSchema>;
export type ServedPortion = Extract<AgentEvent, { readonly kind: 'served' }>['portions'][number];

export const maxEventsPerBatch = 500;
export const eventBatchSchema = z.object({
  /** Made at enrolment; a reinstalled agent counts from 1 again under another epoch. */
  installationEpoch: z.number().int().min(1),
  events: z.array(agentEventSchema).max(maxEventsPerBatch),
});
export type EventBatch = z.infer<typeof eventBatchSchema>;

export const eventBatchAnswerSchema = z.object({
  /** Every event up to this sequence is committed: the agent may forget it. */
  acknowledgedSequence: z.number().int().min(0),
});
