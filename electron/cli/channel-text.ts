import type { Channel, ManifestStatus } from '../../shared/contracts/channels-api.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { formatBytes, formatTable, formatTime } from './text-format.ts';

/** How channels are named and shown on the command line. */

export async function chooseChannel(console: ConsoleClient, nameOrId: string): Promise<Channel> {
  const channels = await console.call('channels', {});
  const channel = channels.find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (channel === undefined) throw new CommandFailure(exitCodes.notFound, `There is no channel "${nameOrId}".`);
  return channel;
}

export function printChannel(channel: Channel, context: CommandContext): void {
  const { name, id, priority, windows, packageServers } = channel;
  const hours =
    windows.length === 0
      ? 'at any time'
      : windows.map(({ days, from, to }) => `${days.join(',')} ${from}-${to}`).join('; ');
  context.print(`${name} (${id}): ${priority}, ${hours}, ${packageServers} Package Servers subscribe.`);
  const rows = channel.items.map((item) => [
    item.packageName,
    item.version ?? `newest (${item.meansVersion ?? 'none is left'})`,
    formatBytes(item.totalSizeBytes),
    item.priority ?? '',
    item.notBeforeMs === null ? '' : formatTime(item.notBeforeMs),
    item.expiresAtMs === null ? '' : formatTime(item.expiresAtMs),
  ]);
  const head = ['Package', 'Version', 'Size', 'Priority', 'Not before', 'Expires'];
  if (rows.length > 0) for (const line of formatTable([head, ...rows])) context.print(line);
}

export function manifestWords({ state, added, changed, removed, unchanged, imports }: ManifestStatus): string[] {
  const would = state === 'dry-run' ? 'would be ' : '';
  const named = (verb: string, entries: ManifestStatus['added']): string[] =>
    entries.map(({ name, version }) => `${name} ${version ?? '(newest)'}: ${would}${verb}`);
  return [
    ...imports.map(({ name, version, source }) => `${name} ${version}: ${would}imported from ${source} and added`),
    ...named('added', added),
    ...named('changed', changed),
    ...named('removed', removed),
    `${imports.length + added.length} ${would}added, ${changed.length} changed, ${removed.length} removed, ${unchanged} unchanged.`,
  ];
}

/** Says every line of a manifest that is wrong. */
export function failWithLines(error: unknown): never {
  const fields = error instanceof ConsoleRequestError ? (error.details.fields ?? []) : [];
  if (fields.length === 0) throw error;
  const lines = fields.map(({ message }) => message);
  throw new CommandFailure(exitCodes.failed, ['Nothing was imported.', ...lines].join('\n'));
}
