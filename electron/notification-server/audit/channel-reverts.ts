import { assert } from '../../../shared/base/assert.ts';
import type { ChannelContent } from '../../../shared/contracts/channels.ts';
import { channelContentSchema, maximumChannels } from '../../../shared/contracts/channels.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import { deleteChannel, insertChannel, loadChannels, updateChannel } from '../../database/stores/channel-store.ts';
import { loadPackageServers } from '../../database/stores/package-server-store.ts';
import { loadSites } from '../../database/stores/site-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { parseContent, refuseTakenName, unknownSubscribers } from '../channels/channel-changes.ts';
import type { ChannelPackages, SubscribersOfChannel } from '../channels/channel-states.ts';
import {
  channelPackagesSchema,
  packagesOf,
  subscribersOf,
  subscribersOfChannelSchema,
  wholeChannelSchema,
  withPackages,
} from '../channels/channel-states.ts';
import { Refusal } from '../refusal.ts';
import type { RevertContext, Revertible } from './revertible.ts';

/** Packages that were withdrawn meanwhile come back as such: a channel with one of them can be taken back all the same. */
export const channelRevert: Revertible<StoredChannel> = {
  noun: 'channel',
  part: 'channels',
  read: (state) => wholeChannelSchema.safeParse(state).data ?? null,
  present: (context, { id }) => storedChannel(context, id),
  essence: (channel) => channelContentSchema.parse(channel),
  restore: async (context, wanted, present) => {
    const { transaction, who, atMs } = context;
    if (present !== null && wanted !== null) return save(context, present, wanted);
    if (wanted === null) {
      if (present !== null) await deleteChannel(transaction, present.id);
      return null;
    }
    if ((await loadChannels(transaction)).length >= maximumChannels) {
      throw new Refusal('conflict', `An organisation can have ${maximumChannels} channels.`);
    }
    const back = { ...wanted, version: wanted.version + 1, updatedAtMs: atMs, updatedBy: who };
    await refuseTakenName(transaction, back);
    await refuseGoneSubscribers(transaction, back, null);
    await insertChannel(transaction, back);
    return back;
  },
};

export const channelPackagesRevert: Revertible<ChannelPackages> = {
  noun: 'channel-packages',
  part: 'channels',
  read: (state) => channelPackagesSchema.safeParse(state).data ?? null,
  present: async (context, { channelId, items }) => {
    const channel = await storedChannel(context, channelId);
    return channel === null ? null : packagesOf(channel, Object.keys(items));
  },
  essence: ({ items }) => ({ items }),
  restore: (context, wanted) =>
    saveAspect(context, wanted, (channel, state) => ({ ...channel, items: withPackages(channel.items, state) })),
};

export const channelSubscribersRevert: Revertible<SubscribersOfChannel> = {
  noun: 'channel-subscribers',
  part: 'channels',
  read: (state) => subscribersOfChannelSchema.safeParse(state).data ?? null,
  present: async (context, { channelId }) => {
    const channel = await storedChannel(context, channelId);
    return channel === null ? null : subscribersOf(channel);
  },
  essence: ({ subscribers }) => ({ subscribers }),
  restore: (context, wanted) =>
    saveAspect(context, wanted, (channel, { subscribers }) => ({ ...channel, subscribers })),
};

async function storedChannel({ transaction }: RevertContext, id: string): Promise<StoredChannel | null> {
  return (await loadChannels(transaction)).find((channel) => channel.id === id) ?? null;
}

async function saveAspect<State extends { readonly channelId: string }>(
  context: RevertContext,
  wanted: State | null,
  withState: (channel: StoredChannel, state: State) => ChannelContent,
): Promise<State> {
  assert(wanted !== null, 'a change of a part of a channel has a state before it');
  const present = await storedChannel(context, wanted.channelId);
  assert(present !== null, 'what is there to be changed back was looked up in this transaction');
  await save(context, present, withState(present, wanted));
  return wanted;
}

async function save(
  { transaction, who, atMs }: RevertContext,
  present: StoredChannel,
  wanted: ChannelContent,
): Promise<StoredChannel> {
  const { id, version } = present;
  const channel = { ...parseContent(wanted), id, version: version + 1, updatedAtMs: atMs, updatedBy: who };
  await refuseTakenName(transaction, channel);
  await refuseGoneSubscribers(transaction, channel, present);
  const isSaved = await updateChannel(transaction, channel);
  assert(isSaved, 'nobody saves a channel while this transaction runs');
  return channel;
}

async function refuseGoneSubscribers(
  transaction: WriteTransaction,
  { name, subscribers }: StoredChannel,
  present: StoredChannel | null,
): Promise<void> {
  const siteIds = new Set((await loadSites(transaction)).map(({ id }) => id));
  const agentIds = new Set((await loadPackageServers(transaction)).map(({ agentId }) => agentId));
  const fields = unknownSubscribers(subscribers, { siteIds, agentIds }, present?.subscribers ?? null);
  if (fields.length === 0) return;
  const message = `"${name}" would have subscribers that are gone: bring the site or the Package Server back first.`;
  throw new Refusal('conflict', message, { fields: fields.slice(0, 100) });
}
