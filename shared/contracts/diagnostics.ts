import { z } from 'zod';
import { agentInterfaceSchema } from './agent-events.ts';
import { journalEntrySchema, journalReasonSchema, sourceKindSchema } from './journal.ts';
import { deliveryPrioritySchema, packageStateSchema } from './package-state.ts';
import {
  agentIdSchema,
  blockRangesSchema,
  byteCountSchema,
  cidrSchema,
  ipv4Schema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  portSchema,
  wallTimeMsSchema,
} from './primitives.ts';

/** What one agent knows and does at a moment: the content of its "Peer Downloading" page. Made by the agent, never guessed. */

export const diagnosticsSubnetSchema = z.object({
  subnet: cidrSchema,
  adapter: z.string(),
  kind: z.enum(['own', 'additional']),
  peers: z.number().int().min(0),
  /** Why no peer is found there, in a plain sentence; empty where there is nothing to say. */
  note: z.string().max(200).optional(),
});

export const diagnosticsPeerSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  address: ipv4Schema,
  port: portSchema,
  subnet: cidrSchema,
  state: z.enum(['available', 'unavailable', 'banned']),
  lastSeenMs: wallTimeMsSchema,
  /** Round trip of the last request or probe; null = never measured. */
  roundTripMs: z.number().min(0).nullable(),
  bytesIn: byteCountSchema,
  bytesOut: byteCountSchema,
  inBytesPerSecond: z.number().min(0),
  outBytesPerSecond: z.number().min(0),
  /** How often it refused or failed a request of ours. */
  refusals: z.number().int().min(0),
});
export type DiagnosticsPeer = z.infer<typeof diagnosticsPeerSchema>;

export const claimRoles = ['none', 'wanting', 'first-downloader', 'lane', 'following', 'direct'] as const;
export type ClaimRole = (typeof claimRoles)[number];
export const diagnosticsPackageSchema = z.object({
  key: packageKeySchema,
  guid: packageGuidSchema,
  version: packageVersionSchema,
  name: z.string(),
  state: packageStateSchema,
  priority: deliveryPrioritySchema,
  totalSizeBytes: byteCountSchema,
  blockCount: z.number().int().min(0),
  /** Verified blocks. */
  blocks: blockRangesSchema,
  /** Blocks being fetched now, with their source. */
  inFlight: z
    .array(z.object({ block: z.number().int().min(0), source: sourceKindSchema, agentId: agentIdSchema.nullable() }))
    .max(256),
  role: z.enum(claimRoles),
  claim: z
    .object({ epoch: z.number().int(), claimer: agentIdSchema, claimerName: z.string(), lastHeardMs: wallTimeMsSchema })
    .nullable(),
  attempts: z.number().int().min(0),
  holders: z.number().int().min(0),
  bytesBySource: z.array(
    z.object({
      source: sourceKindSchema,
      reason: journalReasonSchema,
      bytes: byteCountSchema,
      blocks: z.number().int().min(0),
    }),
  ),
  /** Why the package is where it is, in one plain sentence drawn from the decision journal. */
  sentence: z.string(),
  /** Since when it is so; null where the agent cannot tell, or is of a version that does not. */
  sinceMs: wallTimeMsSchema.nullable().default(null),
});
export type DiagnosticsPackage = z.infer<typeof diagnosticsPackageSchema>;

const dhtIdSchema = z.string().regex(/^[0-9a-f]{40}$/);

/** The agent as a node in the DHT of one subnet. */
export const diagnosticsDhtSchema = z.object({
  subnet: cidrSchema,
  kind: z.enum(['own', 'additional']),
  nodeId: dhtIdSchema,
  /** The routing table: contacts by how many leading bits of their node ids are those of the own one. */
  buckets: z
    .array(
      z.object({
        sharedBits: z.number().int().min(0).max(159),
        contacts: z.number().int().min(0).max(1024),
        /** Known, but silent for too long or without an answer to the last request. */
        silent: z.number().int().min(0),
      }),
    )
    .max(160),
  /** What this agent keeps for others. */
  storedPackages: z.number().int().min(0),
  storedHolders: z.number().int().min(0),
  /** Own packages that it keeps announced. */
  announced: z.number().int().min(0),
  /** Newest last. */
  lookups: z
    .array(
      z.object({
        atMs: wallTimeMsSchema,
        purpose: z.enum(['download', 'announce', 'join']),
        /** A package key; the own node id where the agent joined. */
        target: dhtIdSchema,
        hops: z.number().int().min(0),
        contacted: z.number().int().min(0),
        holders: z.number().int().min(0),
        elapsedMs: z.number().min(0),
      }),
    )
    .max(20),
});
export type DiagnosticsDht = z.infer<typeof diagnosticsDhtSchema>;

export const droppedDatagramKinds = [
  'malformed',
  'wrong-mac',
  'unknown-group-key',
  'retired-group-key',
  'revoked-agent',
  'foreign-server',
  'outside-subnets',
  'replayed',
  'older-boot',
  'wrong-date',
  'wrong-signature',
  'own-echo',
  'overloaded',
] as const;
export type DroppedDatagramKind = (typeof droppedDatagramKinds)[number];

/** The rest of the log stays on the agent. */
export const maxHttpLogEntries = 100;
/** One request that the agent's HTTP server for peers answered. */
export const httpLogEntrySchema = z.object({
  /** When it came. */
  atMs: wallTimeMsSchema,
  address: z.string().max(64),
  /** Null: the certificate names no agent. */
  agentId: agentIdSchema.nullable(),
  method: z.string().max(16),
  path: z.string().max(200),
  /** 0: the connection ended without an answer. */
  status: z.number().int().min(0).max(599),
  /** Of the body, as far as it was sent. */
  bytes: byteCountSchema,
  durationMs: z.number().int().min(0),
});
export type HttpLogEntry = z.infer<typeof httpLogEntrySchema>;

export const agentDiagnosticsSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  atMs: wallTimeMsSchema,
  startedAtMs: wallTimeMsSchema,
  bootId: z.number().int().min(0),
  productVersion: z.string(),
  peerDownloading: z.boolean(),
  /** The answer to "why is this download slow / from the server?" for the package that matters most now. */
  sentence: z.string(),
  /** Since when it is so; as for packages. */
  sinceMs: wallTimeMsSchema.nullable().default(null),
  policy: z.object({ id: z.string(), name: z.string(), version: z.number().int() }).nullable(),
  interfaces: z.array(agentInterfaceSchema),
  /** Names of adapters that it cannot use, because they have IPv6 only. */
  unsupportedAdapters: z.array(z.string().max(64)).max(16).optional(),
  subnets: z.array(diagnosticsSubnetSchema).max(80),
  peers: z.array(diagnosticsPeerSchema).max(1024),
  packages: z.array(diagnosticsPackageSchema).max(256),
  /** Agents of the first version do not tell. */
  dht: z.array(diagnosticsDhtSchema).max(80).default([]),
  /** Newest last; at most the newest 200, the full journal stays on the agent. */
  journal: z.array(journalEntrySchema).max(200),
  httpServer: z.object({
    activeRequests: z.number().int().min(0),
    requestLimit: z.number().int().min(0),
    served: z.number().int().min(0),
    refusedBusy: z.number().int().min(0),
    bytesOut: byteCountSchema,
  }),
  /** Newest last; agents of the first version do not tell. */
  httpLog: z.array(httpLogEntrySchema).max(maxHttpLogEntries).default([]),
  datagrams: z.object({
    sent: z.number().int().min(0),
    received: z.number().int().min(0),
    dropped: z.partialRecord(z.enum(droppedDatagramKinds), z.number().int().min(0)),
  }),
});
export type AgentDiagnostics = z.infer<typeof agentDiagnosticsSchema>;
