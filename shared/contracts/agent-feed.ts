import { z } from 'zod';
import { copyReportSchema } from './copy-verification.ts';
import { agentDiagnosticsSchema } from './diagnostics.ts';
import { packageStateSchema } from './package-state.ts';
import { byteCountSchema, packageKeySchema } from './primitives.ts';
import { signedWithdrawalSchema } from './withdrawal.ts';

/** What a Package Server may send into a site below its own, from now on: bytes per second, null = unlimited. */
export const inboundShareSchema = z.object({
  siteId: z.string().min(1).max(64),
  bytesPerSecond: z.number().int().min(0).nullable(),
});
export type InboundShare = z.infer<typeof inboundShareSchema>;
/** Of one message. */
export const maximumInboundShares = 1000;

/** Messages of the WebSocket `GET /agent/v1/feed`, JSON, one per frame. */
export const feedToAgentSchema = z.discriminatedUnion('kind', [
  /** Get your configuration again, within `spreadMs`. Also says "a delivery is there" and "a package was withdrawn". */
  z.object({ kind: z.literal('configuration-changed'), spreadMs: z.number().int().min(0) }),
  z.object({ kind: z.literal('withdraw'), ...signedWithdrawalSchema.shape }),
  /** Send waiting events now. */
  z.object({ kind: z.literal('report-now') }),
  /** Try again at once what failed or waits after a failure. */
  z.object({ kind: z.literal('retry-now') }),
  /** Somebody is looking: send this kind of report every `everyMs`, for `forMs` from now. Renewed while it lasts. */
  z.object({
    kind: z.literal('watch'),
    report: z.enum(['live', 'diagnostics']),
    everyMs: z.number().int().min(250).max(60_000),
    forMs: z.number().int().min(0).max(600_000),
  }),
  /** For a Package Server: so much may leave its site from now on, bytes per second; null = unlimited. Told again while it holds. */
  z.object({ kind: z.literal('outbound-share'), bytesPerSecond: z.number().int().min(0).nullable() }),
  /** For a Package Server: the same for what enters sites below its own, each by itself. */
  z.object({ kind: z.literal('inbound-shares'), shares: z.array(inboundShareSchema).min(1).max(maximumInboundShares) }),
  /** Read your copy of the package again, and say what differs from the snapshot: for the adapters, the core is not asked. */
  z.object({ kind: z.literal('verify-copy'), requestId: z.string().min(1).max(64), key: packageKeySchema }),
]);
export type FeedToAgent = z.infer<typeof feedToAgentSchema>;
/** What is more than work for the disk. */
export type FeedToCore = Exclude<FeedToAgent, { readonly kind: 'verify-copy' }>;

/** Why the server closed a feed (WebSocket close codes of the application's range). */
export const feedCloseCodes = { replaced: 4000, notEnrolled: 4401, cloned: 4409 } as const;

/** Rising counters since the agent's start, and where each package stands. Not stored: totals travel as events. */
export const liveReportSchema = z.object({
  bootId: z.number().int().min(0),
  peerBytesIn: byteCountSchema,
  directBytesIn: byteCountSchema,
  peerBytesOut: byteCountSchema,
  peers: z.number().int().min(0),
  packages: z
    .array(
      z.object({
        key: packageKeySchema,
        state: packageStateSchema,
        blocks: z.number().int().min(0),
        blockCount: z.number().int().min(0),
      }),
    )
    .max(256),
});
export type LiveReport = z.infer<typeof liveReportSchema>;

export const feedFromAgentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('live'), report: liveReportSchema }),
  z.object({ kind: z.literal('diagnostics'), report: agentDiagnosticsSchema }),
  /** A Package Server sends to other sites, or is asked to: its share of the limit has to be worth having. */
  z.object({ kind: z.literal('outbound-use') }),
  /** The same for what it sends into a site below its own. */
  z.object({ kind: z.literal('inbound-use'), siteId: z.string().min(1).max(64) }),
  /** Either a report or a problem. */
  z.object({
    kind: z.literal('copy-verified'),
    requestId: z.string().min(1).max(64),
    report: copyReportSchema.nullable(),
    problem: z.string().max(1000).nullable(),
  }),
]);
export type FeedFromAgent = z.infer<typeof feedFromAgentSchema>;
