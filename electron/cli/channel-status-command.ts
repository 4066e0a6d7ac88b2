import type { Command } from 'commander';
import { Option } from 'commander';
import type { ChannelCopy, CopyFilter, ReplicationSum } from '../../shared/contracts/channels-api.ts';
import { replicationGroupings } from '../../shared/contracts/channels-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import { chooseChannel } from './channel-text.ts';
import type { CommandContext } from './command-context.ts';
import { choosePackage } from './package-choice.ts';
import { chooseAgent } from './security-commands.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatBytes, formatTable } from './text-format.ts';

interface StatusOptions extends ConnectionOptions {
  readonly by?: (typeof replicationGroupings)[number];
  readonly server?: string;
  readonly package?: string;
  readonly packageVersion?: string;
  readonly csv?: true;
  readonly json?: true;
}

/** `fanout channel status` */
export function addChannelStatusCommand(group: Command, context: CommandContext): void {
  const command = group
    .command('status')
    .argument('[channel]', 'name or id of the channel; all by default')
    .description('How far replication is: every copy, or sums by channel, Package Server or package.')
    .addOption(new Option('--by <what>', 'sums instead of every copy').choices(replicationGroupings))
    .option('--server <agent>', 'of this Package Server alone (name or id)')
    .option('--package <package>', 'of this package alone (name or GUID)')
    .option('--package-version <version>', 'of this version; with --package the newest by default')
    .option('--csv', 'print as comma-separated values')
    .option('--json', 'print as JSON');
  addConnectionOptions(command).action((channel: string | undefined, options: StatusOptions) =>
    status(channel, options, context),
  );
}

async function status(channel: string | undefined, options: StatusOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const filter = await filterOf(console, channel, options);
  const { by } = options;
  if (options.csv) {
    const query = by === undefined ? filter : { ...filter, by };
    context.print((await console.call('channelReplicationTable', { query })).csv.trimEnd());
    return;
  }
  if (by !== undefined) {
    const sums = await console.call('channelReplication', { query: { ...filter, by } });
    if (options.json) context.print(JSON.stringify(sums));
    else for (const line of formatTable([sumHead, ...sums.map(sumRow)])) context.print(line);
    return;
  }
  const found = await console.call('channelCopies', { query: filter });
  if (options.json) {
    context.print(JSON.stringify(found));
    return;
  }
  for (const line of formatTable([copyHead, ...found.copies.map(copyRow)])) context.print(line);
  if (found.total > found.copies.length) context.note(`${found.total - found.copies.length} more are not shown.`);
}

async function filterOf(
  console: ConsoleClient,
  channel: string | undefined,
  { server, package: subject, packageVersion }: StatusOptions,
): Promise<CopyFilter> {
  const chosen =
    subject === undefined ? null : choosePackage(await console.call('packages', {}), subject, packageVersion);
  return {
    ...(channel === undefined ? {} : { channelId: (await chooseChannel(console, channel)).id }),
    ...(server === undefined ? {} : { agentId: (await chooseAgent(console, server)).agentId }),
    ...(chosen === null ? {} : { guid: chosen.guid, version: chosen.version }),
  };
}

const copyHead = ['Channel', 'Package Server', 'Site', 'Package', 'State', 'Copied', 'Why'];

function copyRow(copy: ChannelCopy): string[] {
  return [
    copy.channelName,
    copy.packageServer,
    copy.siteName ?? '',
    `${copy.packageName} ${copy.version ?? ''}`.trim(),
    copy.state,
    `${copy.percent} %`,
    copy.reason,
  ];
}

const sumHead = ['Name', 'Copies', 'Complete', 'Copying', 'Waiting', 'Failed', 'Copied'];

function sumRow({ name, copies, states, percent, copiedBytes }: ReplicationSum): string[] {
  const waiting = states.waiting + states['not-before'] + states['outside-window'];
  const counts = [copies, states.complete, states.copying, waiting, states.failed].map(String);
  return [name, ...counts, `${percent} % (${formatBytes(copiedBytes)})`];
}
