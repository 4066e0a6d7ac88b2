import { z } from 'zod';
import {
  channelContentSchema,
  channelItemSchema,
  channelSubscribersSchema,
  replicationStateSchema,
  replicationStates,
} from './channels.ts';
import type { ConsoleRoute } from './console-routes.ts';
import { deliveryPrioritySchema } from './package-state.ts';
import {
  agentIdSchema,
  byteCountSchema,
  packageGuidSchema,
  packageVersionSchema,
  wallTimeMsSchema,
} from './primitives.ts';

/** Channels on the console interface: what is made, changed and shown. */

const countSchema = z.number().int().min(0);

export const channelSchema = z.object({
  ...channelContentSchema.shape,
  id: z.string(),
  items: z.array(
    z.object({
      ...channelItemSchema.shape,
      packageName: z.string(),
      /** The version that is copied now; null = none is left. */
      meansVersion: packageVersionSchema.nullable(),
      totalSizeBytes: byteCountSchema,
    }),
  ),
  /** How many Package Servers subscribe to it now. */
  packageServers: countSchema,
  /** Rises with every save; a save names the version it was made from. */
  version: z.number().int().min(1),
  updatedAtMs: wallTimeMsSchema,
  updatedBy: z.string(),
});
export type Channel = z.infer<typeof channelSchema>;

export const channelUpdateSchema = channelContentSchema.extend({ version: z.number().int().min(1) });

/** What replication is asked of: everything that is left out is not asked. */
export const copyFilterSchema = z.object({
  channelId: z.string().min(1).max(64).optional(),
  agentId: agentIdSchema.optional(),
  guid: packageGuidSchema.optional(),
  version: packageVersionSchema.optional(),
});
export type CopyFilter = z.infer<typeof copyFilterSchema>;

/** More are not listed one by one; sums count all. */
export const maximumCopiesShown = 10_000;

/** One package of one channel on one Package Server. */
export const channelCopySchema = z.object({
  channelId: z.string(),
  channelName: z.string(),
  agentId: agentIdSchema,
  packageServer: z.string(),
  online: z.boolean(),
  siteName: z.string().nullable(),
  guid: packageGuidSchema,
  /** Null = no version of it is left. */
  version: packageVersionSchema.nullable(),
  packageName: z.string(),
  state: replicationStateSchema,
  /** 0 … 100, by blocks. */
  percent: z.number().int().min(0).max(100),
  copiedBytes: byteCountSchema,
  totalSizeBytes: byteCountSchema,
  priority: deliveryPrioritySchema,
  notBeforeMs: wallTimeMsSchema.nullable(),
  expiresAtMs: wallTimeMsSchema.nullable(),
  /** When the Package Server told its state; null = it told none. */
  sinceMs: wallTimeMsSchema.nullable(),
  /** Why it is in its state, as a sentence; '' where the state says it all. */
  reason: z.string(),
});
export type ChannelCopy = z.infer<typeof channelCopySchema>;

export const replicationGroupings = ['channel', 'package-server', 'package'] as const;
export const replicationSumSchema = z.object({
  /** Id of the channel or agent, or `guid version` of the package. */
  id: z.string(),
  name: z.string(),
  copies: countSchema,
  /** How many copies stand where; together as many as `copies`. */
  states: z.object(
    Object.fromEntries(replicationStates.map((state) => [state, countSchema])) as {
      [State in (typeof replicationStates)[number]]: typeof countSchema;
    },
  ),
  /** Of what is to be kept, withdrawn and expired copies not counted. */
  copiedBytes: byteCountSchema,
  totalBytes: byteCountSchema,
  /** 0 … 100, rounded down: 100 is all of it. */
  percent: z.number().int().min(0).max(100),
});
export type ReplicationSum = z.infer<typeof replicationSumSchema>;

export const manifestRequestSchema = z.object({
  /** As docs/administrator.md describes it. */
  xml: z.string().min(1, 'The manifest is empty.').max(1_000_000, 'Use at most 1,000,000 characters.'),
  /** Says what would be done, and does nothing. */
  dryRun: z.boolean().optional(),
  /** Takes what the manifest does not name out of the channel. */
  removeOthers: z.boolean().optional(),
});
export type ManifestRequest = z.infer<typeof manifestRequestSchema>;

const manifestEntrySchema = z.object({
  guid: packageGuidSchema,
  /** Null = the newest. */
  version: packageVersionSchema.nullable(),
  name: z.string(),
});

export const manifestStatusSchema = z.object({
  /** `importing`: the channel changes when the last source has become a package. */
  state: z.enum(['dry-run', 'importing', 'applied', 'failed']),
  /** For `failed`: what was wrong and what to do. */
  message: z.string(),
  atMs: wallTimeMsSchema,
  added: z.array(manifestEntrySchema),
  /** Other terms than before. */
  changed: z.array(manifestEntrySchema),
  removed: z.array(manifestEntrySchema),
  unchanged: countSchema,
  /** What becomes a package first, and is added then. */
  imports: z.array(
    z.object({ line: countSchema, source: z.string(), name: z.string(), version: packageVersionSchema }),
  ),
});
export type ManifestStatus = z.infer<typeof manifestStatusSchema>;

const byId = z.object({ id: z.string().min(1).max(64) });
const groupedSchema = copyFilterSchema.extend({ by: z.enum(replicationGroupings).optional() });

export const channelRoutes = {
  channels: {
    method: 'GET',
    access: 'read',
    path: '/channels',
    summary: 'All channels, by name',
    answer: z.array(channelSchema),
  },
  channel: {
    method: 'GET',
    access: 'read',
    path: '/channels/:id',
    summary: 'One channel',
    params: byId,
    answer: channelSchema,
  },
  createChannel: {
    method: 'POST',
    access: 'administrator',
    path: '/channels',
    summary: 'Make a channel',
    body: channelContentSchema,
    answer: channelSchema,
  },
  updateChannel: {
    method: 'PUT',
    access: 'administrator',
    path: '/channels/:id',
    summary: 'Save a channel as a whole; 409 with the stored one where the version is stale',
    params: byId,
    body: channelUpdateSchema,
    answer: channelSchema,
  },
  deleteChannel: {
    method: 'DELETE',
    access: 'administrator',
    path: '/channels/:id',
    summary: 'Delete a channel; what Package Servers hold for nothing else goes when it was unused for long enough',
    params: byId,
  },
  addChannelPackage: {
    method: 'POST',
    access: 'administrator',
    path: '/channels/:id/packages',
    summary: 'Put a package into a channel, or change on what terms it is there',
    params: byId,
    body: channelItemSchema,
    answer: channelSchema,
  },
  removeChannelPackage: {
    method: 'DELETE',
    access: 'administrator',
    path: '/channels/:id/packages',
    summary: 'Take a package out of a channel: one version, or without a version the entry for the newest',
    params: byId,
    query: z.object({ guid: packageGuidSchema, version: packageVersionSchema.optional() }),
    answer: channelSchema,
  },
  subscribeChannel: {
    method: 'POST',
    access: 'administrator',
    path: '/channels/:id/subscribe',
    summary: 'Let sites and Package Servers subscribe to a channel',
    params: byId,
    body: channelSubscribersSchema,
    answer: channelSchema,
  },
  unsubscribeChannel: {
    method: 'POST',
    access: 'administrator',
    path: '/channels/:id/unsubscribe',
    summary: 'Take sites and Package Servers out of the subscribers of a channel',
    params: byId,
    body: channelSubscribersSchema,
    answer: channelSchema,
  },
  importChannelManifest: {
    method: 'POST',
    access: 'administrator',
    path: '/channels/:id/manifest',
    summary: 'Put packages into a channel by an XML manifest, all or none; 400 names each wrong line',
    params: byId,
    body: manifestRequestSchema,
    answer: manifestStatusSchema,
  },
  channelManifest: {
    method: 'GET',
    access: 'read',
    path: '/channels/:id/manifest',
    summary: 'How far the last import of a manifest into a channel is; 404 where there was none',
    params: byId,
    answer: manifestStatusSchema,
  },
  importFolder: {
    method: 'GET',
    access: 'read',
    path: '/import-folder',
    summary: 'The folder of the server’s computer from which manifests may import; null where there is none',
    answer: z.object({ folder: z.string().nullable() }),
  },
  channelReplication: {
    method: 'GET',
    access: 'read',
    path: '/channel-replication',
    summary: 'How far replication is, summed up by channel (where nothing is said), by Package Server or by package',
    query: groupedSchema,
    answer: z.array(replicationSumSchema),
  },
  channelCopies: {
    method: 'GET',
    access: 'read',
    path: '/channel-copies',
    summary: `Every package of every channel on every subscribed Package Server, the first ${maximumCopiesShown}`,
    query: copyFilterSchema,
    answer: z.object({ copies: z.array(channelCopySchema).max(maximumCopiesShown), total: countSchema }),
  },
  channelReplicationTable: {
    method: 'GET',
    access: 'read',
    path: '/channel-replication-table',
    summary: 'Replication as comma-separated values: sums, or without `by` every copy',
    query: groupedSchema,
    answer: z.object({ csv: z.string() }),
  },
} as const satisfies Record<string, ConsoleRoute>;
