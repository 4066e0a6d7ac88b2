import { z } from 'zod';
import { deliveryPlanSchema } from './deliveries.ts';
import { deliveryPrioritySchema } from './package-state.ts';
import { agentIdSchema, packageGuidSchema, packageVersionSchema, wallTimeMsSchema } from './primitives.ts';

/** Channels: named sets of packages that subscribed Package Servers keep before anybody asks for them. */

/** Bounds every look at all channels at once. */
export const maximumChannels = 500;
export const maximumChannelItems = 1000;

const channelItemFields = z.object({
  guid: packageGuidSchema,
  /** Null = the newest that is not withdrawn. */
  version: packageVersionSchema.nullable().default(null),
  /** Nothing of it is copied before. */
  notBeforeMs: wallTimeMsSchema.nullable().default(null),
  /** From here on no Package Server has to keep it for this channel. */
  expiresAtMs: wallTimeMsSchema.nullable().default(null),
  /** Null = the channel's. */
  priority: deliveryPrioritySchema.nullable().default(null),
});

export const channelItemSchema = channelItemFields.refine(
  ({ notBeforeMs, expiresAtMs }) => expiresAtMs === null || expiresAtMs > (notBeforeMs ?? 0),
  { path: ['expiresAtMs'], error: 'The package has to expire after the time from which it may be copied.' },
);
export type ChannelItem = z.infer<typeof channelItemSchema>;

export const channelSubscribersSchema = z.object({
  /** Every Package Server, those that come later included. */
  all: z.boolean().default(false),
  /** The Package Servers of these sites. */
  siteIds: z.array(z.string().min(1).max(64)).max(5000).default([]),
  agentIds: z.array(agentIdSchema).max(5000).default([]),
});
export type ChannelSubscribers = z.infer<typeof channelSubscribersSchema>;

/** What an administrator sets. */
export const channelContentSchema = z.object({
  name: z.string().trim().min(1, 'Enter a name.').max(100, 'Use at most 100 characters.'),
  description: z.string().trim().max(1000, 'Use at most 1,000 characters.').default(''),
  priority: deliveryPrioritySchema.default('background'),
  /** Copied only while one of them is open, by the clock of each Package Server; none = always. An emergency does not wait. */
  windows: deliveryPlanSchema.shape.downloadWindows.default([]),
  items: z
    .array(channelItemSchema)
    .max(maximumChannelItems, `A channel has at most ${maximumChannelItems} packages.`)
    .superRefine((items, context) => {
      const seen = new Set<string>();
      for (const [index, { guid, version }] of items.entries()) {
        const name = `${guid} ${version ?? ''}`;
        if (seen.has(name))
          context.addIssue({ code: 'custom', path: [index], message: 'This package is listed twice.' });
        seen.add(name);
      }
    })
    .default([]),
  subscribers: channelSubscribersSchema.default({ all: false, siteIds: [], agentIds: [] }),
});
export type ChannelContent = z.infer<typeof channelContentSchema>;

/** Where the copy of a package on one Package Server stands. */
export const replicationStates = [
  /** Nothing is in the way: it is in turn, or the Package Server is offline. */
  'waiting',
  /** The time from which it may be copied has not come. */
  'not-before',
  /** The weekly window is closed. */
  'outside-window',
  'copying',
  'complete',
  'failed',
  /** The version was withdrawn, or the channel names a package of which no version is left. */
  'withdrawn',
  /** It is not to be kept any longer. */
  'expired',
] as const;
export const replicationStateSchema = z.enum(replicationStates);
export type ReplicationState = (typeof replicationStates)[number];
