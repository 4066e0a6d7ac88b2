import { z } from 'zod';
import {
  agentDetailSchema,
  agentSummarySchema,
  importJobSchema,
  overviewSchema,
  packageSummarySchema,
  policySchema,
} from './console-api.ts';
import { deliverySchema } from './deliveries-api.ts';
import { agentDiagnosticsSchema } from './diagnostics.ts';
import { fleetStatusSchema } from './fleet-api.ts';
import { agentIdSchema } from './primitives.ts';
import { siteSchema } from './sites-api.ts';

/**
 * WebSocket `GET /api/v1/feed`, JSON, one message per frame. The console subscribes to topics; the server sends the whole
 * state of a topic at once and again when it changed, at most once a second a topic. Of `agents`, which may be tens of thousands, it
 * sends the whole list once and then what changed, in parts.
 */
export const consoleTopicSchema = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('overview') }),
  z.object({ topic: z.literal('agents') }),
  /** One agent: its stored detail and, while it is online, its diagnostics once a second. */
  z.object({ topic: z.literal('agent'), agentId: agentIdSchema }),
  z.object({ topic: z.literal('policies') }),
  z.object({ topic: z.literal('sites') }),
  z.object({ topic: z.literal('packages') }),
  z.object({ topic: z.literal('imports') }),
  z.object({ topic: z.literal('deliveries') }),
  z.object({ topic: z.literal('fleet') }),
]);
export type ConsoleTopic = z.infer<typeof consoleTopicSchema>;

export const feedFromConsoleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('subscribe'), topic: consoleTopicSchema }),
  z.object({ kind: z.literal('unsubscribe'), topic: consoleTopicSchema }),
]);
export type FeedFromConsole = z.infer<typeof feedFromConsoleSchema>;

/** More are several parts. */
export const maximumPartElements = 1000;

/** A part of the list of agents. The list is complete again, as it is now, with the part that is `isLast`. */
export const agentListPartSchema = z.object({
  /** The list begins anew: what was known before is no longer. */
  isWhole: z.boolean(),
  /** New ones and those that changed, as they are now. */
  changed: z.array(agentSummarySchema).max(maximumPartElements),
  /** Who is no longer there. */
  removed: z.array(agentIdSchema).max(maximumPartElements),
  isLast: z.boolean(),
});
export type AgentListPart = z.infer<typeof agentListPartSchema>;

export const feedToConsoleSchema = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('overview'), data: overviewSchema }),
  z.object({ topic: z.literal('agents'), data: agentListPartSchema }),
  z.object({
    topic: z.literal('agent'),
    data: z.object({ detail: agentDetailSchema, diagnostics: agentDiagnosticsSchema.nullable() }),
  }),
  z.object({ topic: z.literal('policies'), data: z.array(policySchema) }),
  z.object({ topic: z.literal('sites'), data: z.array(siteSchema) }),
  z.object({ topic: z.literal('packages'), data: z.array(packageSummarySchema) }),
  z.object({ topic: z.literal('imports'), data: z.array(importJobSchema) }),
  z.object({ topic: z.literal('deliveries'), data: z.array(deliverySchema) }),
  z.object({ topic: z.literal('fleet'), data: fleetStatusSchema }),
  z.object({ topic: z.literal('refused'), data: z.object({ message: z.string() }) }),
]);
export type FeedToConsole = z.infer<typeof feedToConsoleSchema>;
