import { z } from 'zod';
import { agentInterfaceSchema } from './agent-events.ts';
import { agentPackageSettingsSchema } from './agent-package.ts';
import { journalReasonSchema, sourceKindSchema } from './journal.ts';
import { packageStateSchema } from './package-state.ts';
import {
  agentIdSchema,
  byteCountSchema,
  cidrSchema,
  ipv4Schema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  wallTimeMsSchema,
} from './primitives.ts';
import { agentSettingsSchema } from './settings.ts';
import { tagSchema, targetSchema } from './targets.ts';

/** Interface of the console, the CLI and the Electron window: `/api/v1` on the console listener. */

export const policySchema = z.object({
  id: z.string(),
  name: z.string().trim().min(1, 'Enter a name.').max(100, 'Use at most 100 characters.'),
  /** 1 = first. Global is always last. */
  priority: z.number().int().min(1),
  isGlobal: z.boolean(),
  target: targetSchema,
  settings: agentSettingsSchema,
  /** Rises with every save; a save names the version it was made from. */
  version: z.number().int().min(1),
  updatedAtMs: wallTimeMsSchema,
  updatedBy: z.string(),
  /** How many agents have it as their policy now. */
  appliesToAgents: z.number().int().min(0),
  /** What only the server can see of the settings, against those of other policies; saving stays possible. */
  warnings: z.array(z.object({ key: z.enum(['additionalSubnets', 'peerDownloading']), message: z.string() })),
});
export type Policy = z.infer<typeof policySchema>;
export const policyDraftSchema = policySchema.pick({ name: true, target: true, settings: true });
export type PolicyDraft = z.infer<typeof policyDraftSchema>;
export const policyUpdateSchema = policyDraftSchema.extend({ version: z.number().int().min(1) });

/** The *Agent package* page; `warning` where the value is allowed and unwise. */
export const agentPackageSchema = agentPackageSettingsSchema.extend({ warning: z.string().nullable() });
export type AgentPackage = z.infer<typeof agentPackageSchema>;

export const agentSummarySchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  address: ipv4Schema,
  subnet: cidrSchema.nullable(),
  siteName: z.string().nullable(),
  online: z.boolean(),
  /** Put out for good by an administrator; null for all others. */
  revokedAtMs: wallTimeMsSchema.nullable(),
  lastSeenMs: wallTimeMsSchema,
  policyName: z.string(),
  productVersion: z.string(),
  packagesReady: z.number().int().min(0),
  packagesAssigned: z.number().int().min(0),
  peerBytes: byteCountSchema,
  /** From the Notification Server, counted at its sockets, and from Package Servers, told by the agent. */
  directBytes: byteCountSchema,
  /** Set by administrators, in the order of letters. */
  tags: z.array(tagSchema),
  /** What it is doing now: the most active package state, or null while it has none. */
  activity: packageStateSchema.nullable(),
  /** How far it is with the package that it began to download last; null while it downloads none. */
  downloading: z
    .object({ key: packageKeySchema, blocks: z.number().int().min(0), blockCount: z.number().int().min(0) })
    .nullable(),
});
export type AgentSummary = z.infer<typeof agentSummarySchema>;

export const agentDetailSchema = agentSummarySchema.extend({
  enrolledAtMs: wallTimeMsSchema,
  platform: z.string(),
  cpuCores: z.number().int().nullable(),
  interfaces: z.array(agentInterfaceSchema),
  policy: z.object({ id: z.string(), name: z.string(), version: z.number().int() }),
  settings: agentSettingsSchema,
  packages: z.array(
    z.object({
      key: packageKeySchema,
      name: z.string(),
      version: packageVersionSchema,
      state: packageStateSchema,
      blocks: z.number().int().min(0),
      blockCount: z.number().int().min(0),
      detail: z.string(),
      bytesBySource: z.array(
        z.object({ source: sourceKindSchema, reason: journalReasonSchema, bytes: byteCountSchema }),
      ),
    }),
  ),
});
export type AgentDetail = z.infer<typeof agentDetailSchema>;

export const packageSummarySchema = z.object({
  guid: packageGuidSchema,
  version: packageVersionSchema,
  key: packageKeySchema,
  name: z.string(),
  files: z.number().int().min(1),
  totalSizeBytes: byteCountSchema,
  blockCount: z.number().int().min(0),
  createdAtMs: wallTimeMsSchema,
  withdrawn: z.boolean(),
  /** Agents that the package is assigned to, and how far they are. */
  assigned: z.number().int().min(0),
  ready: z.number().int().min(0),
  downloading: z.number().int().min(0),
  failed: z.number().int().min(0),
});
export type PackageSummary = z.infer<typeof packageSummarySchema>;

export const importRequestSchema = z.object({
  /** A file or folder on the Notification Server's computer. */
  path: z.string().min(1, 'Enter the path of a file or folder.').max(4096),
  name: z.string().trim().min(1).max(200).optional(),
  version: packageVersionSchema.optional(),
  /** Makes a new version of this package instead of a new package. */
  guid: packageGuidSchema.optional(),
});
export type ImportRequest = z.infer<typeof importRequestSchema>;
export const importJobSchema = z.object({
  id: z.string(),
  path: z.string(),
  name: z.string(),
  state: z.enum(['scanning', 'hashing', 'done', 'failed', 'cancelled']),
  doneBytes: byteCountSchema,
  totalBytes: byteCountSchema,
  startedAtMs: wallTimeMsSchema,
  /** For `failed`: what was wrong and what to do. */
  message: z.string(),
  package: z.object({ guid: packageGuidSchema, version: packageVersionSchema, key: packageKeySchema }).nullable(),
});
export type ImportJob = z.infer<typeof importJobSchema>;

/** Bytes that reached agents in one time bucket. Direct: counted at the sending sockets; peer: told by the receiving agents. */
export const trafficPointSchema = z.object({
  atMs: wallTimeMsSchema,
  directBytes: byteCountSchema,
  peerBytes: byteCountSchema,
});
export type TrafficPoint = z.infer<typeof trafficPointSchema>;

/** Block bytes that sources outside a subnet sent into it for one package, aborted answers included ÷ package size. */
export const wanCopiesSchema = z.object({
  subnet: cidrSchema,
  siteName: z.string().nullable(),
  key: packageKeySchema,
  packageName: z.string(),
  version: packageVersionSchema,
  wanBytes: byteCountSchema,
  totalSizeBytes: byteCountSchema,
  copies: z.number().min(0),
  agents: z.number().int().min(0),
  ready: z.number().int().min(0),
});
export type WanCopies = z.infer<typeof wanCopiesSchema>;

export const overviewSchema = z.object({
  atMs: wallTimeMsSchema,
  agents: z.number().int().min(0),
  agentsOnline: z.number().int().min(0),
  packages: z.number().int().min(0),
  directBytes: byteCountSchema,
  peerBytes: byteCountSchema,
  /** One point per second, the newest 15 minutes at most; seconds without bytes are present as zero. */
  traffic: z.array(trafficPointSchema).max(900),
  wanCopies: z.array(wanCopiesSchema).max(1000),
  /** Where direct bytes came from and why, all time. */
  directReasons: z.array(z.object({ reason: journalReasonSchema, bytes: byteCountSchema })),
});
export type Overview = z.infer<typeof overviewSchema>;

export const joinTokenSchema = z.object({
  joinToken: z.string(),
  serverUrl: z.string(),
  expiresAtMs: wallTimeMsSchema.nullable(),
});
export type JoinToken = z.infer<typeof joinTokenSchema>;

/** The key that all agents share to know each other's datagrams by; the key itself is not shown. */
export const groupKeyStatusSchema = z.object({
  id: z.number().int().min(1),
  createdAtMs: wallTimeMsSchema,
  activateAtMs: wallTimeMsSchema,
  acceptUntilMs: wallTimeMsSchema.nullable(),
});

export const alertKindSchema = z.enum(['corrupt-blocks', 'agent-cloned']);
export type AlertKind = z.infer<typeof alertKindSchema>;

/** Something that an administrator should look at. What happens again is counted. */
export const alertSchema = z.object({
  kind: alertKindSchema,
  /** Whom it is about. */
  agentId: agentIdSchema,
  agentName: z.string(),
  /** The agent that told of it; null = the server saw it itself. */
  reportedBy: agentIdSchema.nullable(),
  firstAtMs: wallTimeMsSchema,
  lastAtMs: wallTimeMsSchema,
  count: z.number().int().min(1),
  /** A sentence. */
  detail: z.string(),
});
