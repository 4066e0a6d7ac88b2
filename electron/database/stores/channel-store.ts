import type { Selectable } from 'kysely';
import type { ChannelContent } from '../../../shared/contracts/channels.ts';
import { channelContentSchema } from '../../../shared/contracts/channels.ts';
import type { ManifestStatus } from '../../../shared/contracts/channels-api.ts';
import { manifestStatusSchema } from '../../../shared/contracts/channels-api.ts';
import type { ChannelsTable } from '../schema.ts';
import type { Executor } from './executor.ts';

export interface StoredChannel extends ChannelContent {
  readonly id: string;
  readonly version: number;
  readonly updatedAtMs: number;
  readonly updatedBy: string;
}

/** By name. */
export async function loadChannels(executor: Executor): Promise<StoredChannel[]> {
  const rows = await executor.selectFrom('channels').selectAll().execute();
  return rows.map(channelOf).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Of the channel with this name; null where there is none. */
export async function channelIdOf(executor: Executor, name: string): Promise<string | null> {
  const row = await executor.selectFrom('channels').select('channel_id').where('name', '=', name).executeTakeFirst();
  return row?.channel_id ?? null;
}

/** Fails where another has its name. */
export async function insertChannel(executor: Executor, channel: StoredChannel): Promise<void> {
  await executor.insertInto('channels').values(rowOf(channel)).executeTakeFirst();
}

/** False where the stored version is not `channel.version - 1`: somebody else saved meanwhile, nothing was changed. */
export async function updateChannel(executor: Executor, channel: StoredChannel): Promise<boolean> {
  const { channel_id, ...values } = rowOf(channel);
  const result = await executor
    .updateTable('channels')
    .set(values)
    .where('channel_id', '=', channel_id)
    .where('version', '=', channel.version - 1)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** False where it was deleted already. */
export async function deleteChannel(executor: Executor, channelId: string): Promise<boolean> {
  const result = await executor.deleteFrom('channels').where('channel_id', '=', channelId).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** How the last import of a manifest into the channel went; null where there was none. */
export async function readManifestStatus(executor: Executor, channelId: string): Promise<ManifestStatus | null> {
  const row = await executor
    .selectFrom('channel_manifests')
    .select('status')
    .where('channel_id', '=', channelId)
    .executeTakeFirst();
  return row === undefined ? null : manifestStatusSchema.parse(JSON.parse(row.status));
}

/** False where there is no such channel any more. To be run in a transaction. */
export async function saveManifestStatus(
  executor: Executor,
  channelId: string,
  status: ManifestStatus,
): Promise<boolean> {
  const channel = executor.selectFrom('channels').select('channel_id').where('channel_id', '=', channelId);
  if ((await channel.executeTakeFirst()) === undefined) return false;
  const text = JSON.stringify(status);
  await executor
    .insertInto('channel_manifests')
    .values({ channel_id: channelId, status: text })
    .onConflict((conflict) => conflict.column('channel_id').doUpdateSet({ status: text }))
    .executeTakeFirst();
  return true;
}

function rowOf(channel: StoredChannel): ChannelsTable {
  return {
    channel_id: channel.id,
    name: channel.name,
    content: JSON.stringify(channelContentSchema.parse(channel)),
    version: channel.version,
    updated_at_ms: channel.updatedAtMs,
    updated_by: channel.updatedBy,
  };
}

function channelOf(row: Selectable<ChannelsTable>): StoredChannel {
  return {
    ...channelContentSchema.parse(JSON.parse(row.content)),
    id: row.channel_id,
    version: row.version,
    updatedAtMs: row.updated_at_ms,
    updatedBy: row.updated_by,
  };
}
