import { z } from 'zod';
import type { ChannelItem } from '../../../shared/contracts/channels.ts';
import {
  channelContentSchema,
  channelItemSchema,
  channelSubscribersSchema,
} from '../../../shared/contracts/channels.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';

/**
 * What the audit trail holds of a channel before and after a change: all of it, or only the packages or the subscribers. An
 * entry about one package of a channel of thousand does not repeat the others, and can be taken back without them.
 */

export const wholeChannelSchema = channelContentSchema.extend({
  id: z.string(),
  version: z.number().int().min(1),
  updatedAtMs: z.number(),
  updatedBy: z.string(),
});

export const channelPackagesSchema = z.object({
  channelId: z.string(),
  /** By guid, and version where the channel names one; null = the channel has no such package. */
  items: z.record(z.string(), channelItemSchema.nullable()),
});
export type ChannelPackages = z.infer<typeof channelPackagesSchema>;

export const subscribersOfChannelSchema = z.object({ channelId: z.string(), subscribers: channelSubscribersSchema });
export type SubscribersOfChannel = z.infer<typeof subscribersOfChannelSchema>;

/** What a change is about. */
export type ChannelAspect = 'whole' | 'packages' | 'subscribers';

export interface ChannelStates {
  readonly before: StoredChannel | ChannelPackages | SubscribersOfChannel;
  readonly after: StoredChannel | ChannelPackages | SubscribersOfChannel;
}

export function statesOf(aspect: ChannelAspect, before: StoredChannel, after: StoredChannel): ChannelStates {
  switch (aspect) {
    case 'whole':
      return { before, after };
    case 'subscribers':
      return { before: subscribersOf(before), after: subscribersOf(after) };
    case 'packages': {
      const [known, kept] = [itemsByName(before), itemsByName(after)];
      const names = new Set([...known.keys(), ...kept.keys()]);
      const changed = [...names].filter((name) => JSON.stringify(known.get(name)) !== JSON.stringify(kept.get(name)));
      return { before: packagesOf(before, changed), after: packagesOf(after, changed) };
    }
  }
}

export function subscribersOf({ id, subscribers }: StoredChannel): SubscribersOfChannel {
  return { channelId: id, subscribers };
}

export function packagesOf(channel: StoredChannel, names: readonly string[]): ChannelPackages {
  const items = itemsByName(channel);
  return { channelId: channel.id, items: Object.fromEntries(names.map((name) => [name, items.get(name) ?? null])) };
}

/** The packages of a channel as they were or are to be; what `wanted` does not name stays. */
export function withPackages(items: readonly ChannelItem[], wanted: ChannelPackages): ChannelItem[] {
  const named = new Map(Object.entries(wanted.items));
  const kept = items.flatMap((item) => {
    const name = nameOf(item);
    const instead = named.get(name);
    named.delete(name);
    if (instead === null) return [];
    return [instead ?? item];
  });
  return [...kept, ...[...named.values()].filter((item) => item !== null)];
}

function itemsByName({ items }: StoredChannel): Map<string, ChannelItem> {
  return new Map(items.map((item) => [nameOf(item), item]));
}

function nameOf({ guid, version }: ChannelItem): string {
  return version === null ? guid : `${guid} ${version}`;
}
