import type { AgentId } from '../../../shared/base/ids.ts';
import type { ChannelContent, ChannelSubscribers } from '../../../shared/contracts/channels.ts';
import { channelContentSchema, maximumChannels } from '../../../shared/contracts/channels.ts';
import { PackageVersions } from '../../../shared/server/channels/channel-terms.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import { channelIdOf, deleteChannel, insertChannel, updateChannel } from '../../database/stores/channel-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { writeAudited } from '../console/console-handler.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ChannelAspect } from './channel-states.ts';
import { statesOf } from './channel-states.ts';

export interface ChannelChange {
  readonly id: string;
  readonly who: string;
  readonly action: string;
  /** All that it changes; the audit trail holds no more. */
  readonly aspect: ChannelAspect;
  /** What is to be stored, decided on the channel as it is; null where nothing is to be done. Throws refusals. */
  readonly plan: (channel: StoredChannel) => ChannelContent | null;
  /** Stored with the change, or alone where nothing is to be done. */
  readonly also?: (transaction: WriteTransaction) => Promise<unknown>;
}

interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** Rolls the write back: it was decided on a channel that is not the stored one any more. */
class ChannelMovedOnError extends Error {}

/** Each time somebody else was faster, and everybody makes way in the end. */
const maximumAttempts = 10;

export function channelOrRefuse({ channels }: Organisation, id: string): StoredChannel {
  const found = channels.find((channel) => channel.id === id);
  if (found === undefined) throw new Refusal('not-found', 'There is no such channel. Somebody may have deleted it.');
  return found;
}

export async function createChannel(parts: ServerParts, channel: StoredChannel): Promise<void> {
  const { organisation } = parts;
  if (organisation.channels.length >= maximumChannels) {
    throw new Refusal('conflict', `An organisation can have ${maximumChannels} channels.`);
  }
  refuseUnknown(organisation, channel, null);
  const change = { who: channel.updatedBy, action: 'create-channel', subject: channel.name };
  await writeAudited(parts, { ...change, before: null, after: channel }, async (transaction) => {
    await refuseTakenName(transaction, channel);
    await insertChannel(transaction, channel);
  });
  await organisation.reload('channels');
}

/** Writes what `plan` decides; where somebody else saved meanwhile, `plan` decides again on what they saved. */
export async function changeChannel(parts: ServerParts, change: ChannelChange): Promise<void> {
  const { organisation } = parts;
  const { id, who, action, aspect } = change;
  for (let attempt = 1; attempt <= maximumAttempts; attempt++) {
    const stored = channelOrRefuse(organisation, id);
    const planned = change.plan(stored);
    if (planned === null) {
      if (change.also !== undefined) await parts.writes.write(change.also);
      return;
    }
    // Counts, too: a channel that grew by single packages has the limits of one that is saved as a whole.
    const content = parseContent(planned);
    refuseUnknown(organisation, content, stored);
    const channel = { ...content, id, version: stored.version + 1, updatedAtMs: parts.now(), updatedBy: who };
    try {
      const states = statesOf(aspect, stored, channel);
      await writeAudited(parts, { who, action, subject: stored.name, ...states }, async (transaction) => {
        await refuseTakenName(transaction, channel);
        if (!(await updateChannel(transaction, channel))) throw new ChannelMovedOnError();
        await change.also?.(transaction);
      });
    } catch (error) {
      if (!(error instanceof ChannelMovedOnError)) throw error;
      await organisation.reload('channels');
      continue;
    }
    await organisation.reload('channels');
    return;
  }
  throw new Refusal('busy', 'Others change this channel all the time; try again.', { retryAfterSeconds: 1 });
}

export async function removeChannel(parts: ServerParts, id: string, who: string): Promise<void> {
  const before = channelOrRefuse(parts.organisation, id);
  const change = { who, action: 'delete-channel', subject: before.name, before, after: null };
  await writeAudited(parts, change, async (transaction) => {
    if (!(await deleteChannel(transaction, id))) throw new Refusal('not-found', 'The channel was deleted meanwhile.');
  });
  await parts.organisation.reload('channels');
}

export function parseContent(content: ChannelContent): ChannelContent {
  const parsed = channelContentSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  throw new Refusal('invalid-request', fields[0]?.message ?? 'This cannot be stored.', { fields });
}

export async function refuseTakenName(transaction: WriteTransaction, { id, name }: StoredChannel): Promise<void> {
  const taken = await channelIdOf(transaction, name);
  if (taken !== null && taken !== id) throw badField('name', `There is a channel "${name}" already.`);
}

/** What was there before may have gone since, and does not keep anybody from changing something else. */
function refuseUnknown(organisation: Organisation, content: ChannelContent, before: ChannelContent | null): void {
  const versions = new PackageVersions(organisation.packages);
  const fields: FieldProblem[] = [];
  for (const [index, item] of content.items.entries()) {
    if (before?.items.some(({ guid, version }) => guid === item.guid && version === item.version)) continue;
    const meant = versions.meantBy(item);
    if (versions.anyOf(item.guid) === null) {
      fields.push({ path: `items.${index}.guid`, message: 'This server has no such package.' });
    } else if (meant === null || meant.withdrawnAtMs !== null) {
      const what = item.version === null ? 'Every version of this package is withdrawn.' : 'There is no such version';
      const message = item.version === null ? what : `${what}${meant === null ? '.' : ' any more: it was withdrawn.'}`;
      fields.push({ path: `items.${index}.version`, message });
    }
  }
  const { sites, packageServers } = organisation;
  const subscribable = { siteIds: new Set(sites.map(({ id }) => id)), agentIds: packageServers };
  fields.push(...unknownSubscribers(content.subscribers, subscribable, before?.subscribers ?? null));
  const [first] = fields;
  if (first !== undefined) throw new Refusal('invalid-request', first.message, { fields: fields.slice(0, 100) });
}

export interface Subscribable {
  readonly siteIds: ReadonlySet<string>;
  /** Of the Package Servers. */
  readonly agentIds: { has(agentId: AgentId): boolean };
}

export function unknownSubscribers(
  { siteIds, agentIds }: ChannelSubscribers,
  subscribable: Subscribable,
  before: ChannelSubscribers | null,
): FieldProblem[] {
  const fields: FieldProblem[] = [];
  for (const [index, siteId] of siteIds.entries()) {
    if (before?.siteIds.includes(siteId) || subscribable.siteIds.has(siteId)) continue;
    fields.push({ path: `subscribers.siteIds.${index}`, message: 'There is no such site.' });
  }
  for (const [index, agentId] of agentIds.entries()) {
    if (before?.agentIds.includes(agentId) || subscribable.agentIds.has(agentId)) continue;
    fields.push({ path: `subscribers.agentIds.${index}`, message: 'This agent is no Package Server.' });
  }
  return fields;
}

function badField(path: string, message: string): Refusal {
  return new Refusal('invalid-request', message, { fields: [{ path, message }] });
}
