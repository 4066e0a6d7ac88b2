import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { ChannelContent } from '../../shared/contracts/channels.ts';
import type { Channel } from '../../shared/contracts/channels-api.ts';
import type { DeliveryPriority } from '../../shared/contracts/package-state.ts';
import { deliveryPriorities } from '../../shared/contracts/package-state.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import { pause } from '../fleet/demo-setup.ts';
import { addChannelStatusCommand } from './channel-status-command.ts';
import { chooseChannel, failWithLines, manifestWords, printChannel } from './channel-text.ts';
import type { CommandContext } from './command-context.ts';
import { momentOption, windowHelp, windowOption } from './delivery-text.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { choosePackage } from './package-choice.ts';
import { chooseAgent } from './security-commands.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatTable } from './text-format.ts';

interface JsonOption extends ConnectionOptions {
  readonly json?: true;
}

interface ContentOptions extends JsonOption {
  readonly name?: string;
  readonly description?: string;
  readonly priority?: DeliveryPriority;
  readonly window?: ChannelContent['windows'];
  readonly windows?: boolean;
}

interface PackageOptions extends JsonOption {
  readonly packageVersion?: string;
  readonly notBefore?: number;
  readonly expires?: number;
  readonly priority?: DeliveryPriority;
}

interface SubscriberOptions extends JsonOption {
  readonly all?: true;
  readonly sites?: readonly string[];
  readonly servers?: readonly string[];
}

interface ImportOptions extends JsonOption {
  readonly dryRun?: true;
  readonly removeOthers?: true;
}

const pollMs = 250;
const channelArgument = ['<channel>', 'name or id of the channel'] as const;

/** `fanout channel …` */
export function addChannelCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('channel')
    .description('Sets of packages that Package Servers keep before anybody asks for them.');
  const add = (name: string, description: string): Command =>
    addConnectionOptions(group.command(name).description(description).option('--json', 'print as JSON'));

  add('list', 'All channels.').action((options: JsonOption) => list(options, context));
  add('show', 'One channel: its packages, terms and subscribers.')
    .argument(...channelArgument)
    .action(async (name: string, options: JsonOption) => {
      const console = await connect(options);
      tell(context, options, await chooseChannel(console, name));
    });
  withContent(add('create', 'Make a channel.').argument('<name>', 'name of the channel')).action(
    async (name: string, options: ContentOptions) => {
      const console = await connect(options);
      const body = { name, ...contentOf(options) };
      tell(context, options, await console.call('createChannel', { body }));
    },
  );
  withContent(
    add('change', 'Change a channel; what is not named stays.')
      .argument(...channelArgument)
      .option('--name <name>', 'another name')
      .option('--no-windows', 'copy at any time'),
  ).action(async (name: string, options: ContentOptions) => {
    const console = await connect(options);
    const { id, ...before } = await chooseChannel(console, name);
    const renamed = options.name === undefined ? {} : { name: options.name };
    const body = { ...before, ...renamed, ...contentOf(options) };
    tell(context, options, await console.call('updateChannel', { params: { id }, body }));
  });
  add('delete', 'Delete a channel. Package Servers keep what they hold until nobody has used it for long enough.')
    .argument(...channelArgument)
    .action(async (name: string, options: JsonOption) => {
      const console = await connect(options);
      const channel = await chooseChannel(console, name);
      await console.call('deleteChannel', { params: { id: channel.id } });
      context.print(options.json ? JSON.stringify(channel) : `${channel.name} is deleted.`);
    });
  withPackage(add('add-package', 'Put a package into a channel, or change on what terms it is there.'))
    .option('--not-before <moment>', 'it is copied from then on, e.g. 2027-01-31T02:30+01:00', momentOption)
    .option('--expires <moment>', 'it is not to be kept from then on', momentOption)
    .addOption(new Option('--priority <priority>', 'default: that of the channel').choices(deliveryPriorities))
    .action(async (name: string, subject: string, options: PackageOptions) => {
      const console = await connect(options);
      const { id } = await chooseChannel(console, name);
      const { guid, version } = choosePackage(await console.call('packages', {}), subject, options.packageVersion);
      const { packageVersion, notBefore = null, expires = null, priority = null } = options;
      const terms = { notBeforeMs: notBefore, expiresAtMs: expires, priority };
      const body = { guid, version: packageVersion === undefined ? null : version, ...terms };
      tell(context, options, await console.call('addChannelPackage', { params: { id }, body }));
    });
  withPackage(add('remove-package', 'Take a package out of a channel.')).action(
    async (name: string, subject: string, options: PackageOptions) => {
      const console = await connect(options);
      const { id, items } = await chooseChannel(console, name);
      const { packageVersion: version } = options;
      const found = items.filter(
        (item) => (item.guid === subject || item.packageName === subject) && (version ?? item.version) === item.version,
      );
      const [item] = found;
      if (item === undefined) throw new CommandFailure(exitCodes.notFound, `${name} has no package "${subject}".`);
      if (found.length > 1) {
        const sentence = `${name} has "${subject}" ${found.length} times: give its GUID or --package-version.`;
        throw new CommandFailure(exitCodes.usage, sentence);
      }
      const query = { guid: item.guid, ...(item.version === null ? {} : { version: item.version }) };
      tell(context, options, await console.call('removeChannelPackage', { params: { id }, query }));
    },
  );
  for (const [verb, route, description] of [
    ['subscribe', 'subscribeChannel', 'Let sites and Package Servers keep what is in a channel.'],
    ['unsubscribe', 'unsubscribeChannel', 'Take sites and Package Servers out of the subscribers.'],
  ] as const) {
    add(verb, description)
      .argument(...channelArgument)
      .option('--all', 'all Package Servers, those that come later included')
      .option('--sites <sites...>', 'the Package Servers of these sites (names or ids)')
      .option('--servers <agents...>', 'these (names or ids)')
      .action(async (name: string, options: SubscriberOptions) => {
        const console = await connect(options);
        const { id } = await chooseChannel(console, name);
        const body = await subscribersOf(console, options);
        tell(context, options, await console.call(route, { params: { id }, body }));
      });
  }
  add('import', 'Put packages into a channel by an XML manifest, all or none, and wait until they are there.')
    .argument(...channelArgument)
    .argument('<file>', 'the manifest')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--remove-others', 'take out of the channel what the manifest does not name')
    .action((name: string, file: string, options: ImportOptions) => importManifest(name, file, options, context));
  addChannelStatusCommand(group, context);
}

function withContent(command: Command): Command {
  return command
    .option('--description <text>', 'what it is for')
    .addOption(new Option('--priority <priority>', 'default: background').choices(deliveryPriorities))
    .option('--window <window>', `copy ${windowHelp}`, windowOption);
}

function withPackage(command: Command): Command {
  return command
    .argument(...channelArgument)
    .argument('<package>', 'name or GUID of the package')
    .option('--package-version <version>', 'default: the newest, also when a newer one comes');
}

function contentOf({ description, priority, window, windows }: ContentOptions) {
  return {
    ...(description === undefined ? {} : { description }),
    ...(priority === undefined ? {} : { priority }),
    ...(window === undefined ? (windows === false ? { windows: [] } : {}) : { windows: window }),
  };
}

async function subscribersOf(console: ConsoleClient, { all = undefined, sites = [], servers = [] }: SubscriberOptions) {
  if (all === undefined && sites.length + servers.length === 0) {
    throw new CommandFailure(exitCodes.usage, 'Name --all, --sites or --servers.');
  }
  const known = sites.length === 0 ? [] : await console.call('sites', {});
  const siteIds = sites.map((name) => {
    const site = known.find((candidate) => candidate.id === name || candidate.name === name);
    if (site === undefined) throw new CommandFailure(exitCodes.notFound, `There is no site "${name}".`);
    return site.id;
  });
  const agents = await Promise.all(servers.map((name) => chooseAgent(console, name)));
  return { all: all === true, siteIds, agentIds: agents.map(({ agentId }) => agentId) };
}

async function list(options: JsonOption, context: CommandContext): Promise<void> {
  const channels = await (await connect(options)).call('channels', {});
  if (options.json) {
    context.print(JSON.stringify(channels));
    return;
  }
  const rows = channels.map((channel) => [
    channel.name,
    channel.priority,
    String(channel.items.length),
    String(channel.packageServers),
    channel.description,
  ]);
  const head = ['Name', 'Priority', 'Packages', 'Package Servers', 'Description'];
  for (const line of formatTable([head, ...rows])) context.print(line);
}

async function importManifest(
  name: string,
  file: string,
  { dryRun = undefined, removeOthers = undefined, ...options }: ImportOptions,
  context: CommandContext,
): Promise<void> {
  const xml = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailure(exitCodes.notFound, `There is no readable file ${file}.`);
  });
  const console = await connect(options);
  const { id } = await chooseChannel(console, name);
  const body = { xml, dryRun: dryRun === true, removeOthers: removeOthers === true };
  const begun = await console.call('importChannelManifest', { params: { id }, body }).catch(failWithLines);
  let status = begun;
  while (status.state === 'importing') {
    context.progress.show(0, `${status.imports.length} sources become packages`);
    await pause(pollMs, context.interrupt);
    status = await console.call('channelManifest', { params: { id } });
  }
  context.progress.clear();
  if (status.state === 'failed') throw new CommandFailure(exitCodes.failed, status.message);
  if (options.json) context.print(JSON.stringify(status));
  else for (const line of manifestWords(status)) context.print(line);
}

function tell(context: CommandContext, { json }: JsonOption, channel: Channel): void {
  if (json) context.print(JSON.stringify(channel));
  else printChannel(channel, context);
}
