import type { ChannelContent } from '../../../shared/contracts/channels.ts';
import { channelContentSchema, maximumChannels } from '../../../shared/contracts/channels.ts';
import { PackageVersions } from '../../../shared/server/channels/channel-terms.ts';
import type { StoredChannel } from '../../database/stores/channel-store.ts';
import { channelIdOf, deleteChannel, insertChannel, updateChannel } from '../../database/stores/channel-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { writeAudited } from '../console/console-handler.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';

/** What is to be stored, as it was decided on a channel as it was. */
export interface PlannedContent {
  readonly after: ChannelContent;
  /** For the audit trail: what changes, and not all that stays. */
  readonly audit: { readonly before: unknown; readonly after: unknown };
}

export interface ChannelChange {
  readonly id: string;
  readonly who: string;
  readonly action: string;
  /** Returns null where nothing is to be done, and throws refusals. */
  readonly plan: (channel: StoredChannel) => PlannedContent | null;
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
export async function changeChannel(parts: ServerParts, { id, who, action, plan }: ChannelChange): Promise<void> {
  const { organisation } = parts;
  for (let attempt = 1; attempt <= maximumAttempts; attempt++) {
    const stored = channelOrRefuse(organisation, id);
    const planned = plan(stored);
    if (planned === null) return;
    // Counts, too: a channel that grew by single packages has the limits of one that is saved as a whole.
    const content = parseContent(planned.after);
    refuseUnknown(organisation, content, stored);
    const channel = { ...content, id, version: stored.version + 1, updatedAtMs: parts.now(), updatedBy: who };
    try {
      await writeAudited(parts, { who, action, subject: stored.name, ...planned.audit }, async (transaction) => {
        await refuseTakenName(transaction, channel);
        if (!(await updateChannel(transaction, channel))) throw new ChannelMovedOnError();
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

function parseContent(content: ChannelContent): ChannelContent {
  const parsed = channelContentSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  throw new Refusal('invalid-request', fields[0]?.message ?? 'This cannot be stored.', { fields });
}

async function refuseTakenName(transaction: WriteTransaction, { id, name }: StoredChannel): Promise<void> {
  const taken = await channelIdOf(transaction, name);
  if (taken !== null && taken !== id) throw badField('name', `There is a channel "${name}" already.`);
}

/** What was there before may have gone since, and does not keep anybody from changing something else. */
function refuseUnknown(organisation: Organisation, content: ChannelContent, before: ChannelContent | null): void {
  const versions = new PackageVersions(organisation.packages);
  const fields: { path: string; message: string }[] = [];
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
  for (const [index, siteId] of content.subscribers.siteIds.entries()) {
    if (before?.subscribers.siteIds.includes(siteId) || organisation.site(siteId) !== null) continue;
    fields.push({ path: `subscribers.siteIds.${index}`, message: 'There is no such site.' });
  }
  for (const [index, agentId] of content.subscribers.agentIds.entries()) {
    if (before?.subscribers.agentIds.includes(agentId) || organisation.packageServers.has(agentId)) continue;
    fields.push({ path: `subscribers.agentIds.${index}`, message: 'This agent is no Package Server.' });
  }
  const [first] = fields;
  if (first !== undefined) throw new Refusal('invalid-request', first.message, { fields: fields.slice(0, 100) });
}

function badField(path: string, message: string): Refusal {
  return new Refusal('invalid-request', message, { fields: [{ path, message }] });
}
