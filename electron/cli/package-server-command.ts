import type { Command } from 'commander';
import type { PackageAssignment, PackageServer } from '../../shared/contracts/package-servers-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { choosePackage } from './package-choice.ts';
import { chooseAgent } from './security-commands.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatBytes } from './text-format.ts';

interface JsonOption extends ConnectionOptions {
  readonly json?: true;
}

interface SettingOptions extends JsonOption {
  readonly site?: string;
  readonly constrained?: boolean;
  readonly enabled?: boolean;
  readonly maxUpload?: number;
  readonly maxCache?: number;
  readonly freshFor?: number;
}

interface AssignOptions extends JsonOption {
  readonly all?: true;
  readonly onDemand?: true;
  readonly servers?: readonly string[];
  readonly sites?: readonly string[];
}

/** `fanout package-server …` */
export function addPackageServerCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('package-server')
    .description('Agents that keep packages for their site and serve them.');
  addConnectionOptions(
    group.command('list').description('All Package Servers.').option('--json', 'print as JSON'),
  ).action(async (options: JsonOption) => {
    const servers = await (await connect(options)).call('packageServers', {});
    if (options.json) context.print(JSON.stringify(servers));
    else for (const server of servers) context.print(lineOf(server));
  });
  addConnectionOptions(
    group
      .command('status')
      .argument('<agent>', 'name or id of the agent')
      .description('One Package Server: what it was asked for, what it had, and what it served to which site.')
      .option('--json', 'print as JSON'),
  ).action((agent: string, options: JsonOption) => status(agent, options, context));
  addConnectionOptions(
    withSettings(
      group
        .command('add')
        .argument('<agent>', 'name or id of the agent')
        .description('Give an agent the Package Server role.'),
    ),
  ).action(async (agent: string, options: SettingOptions) => {
    const console = await connect(options);
    const { agentId } = await chooseAgent(console, agent);
    const body = { agentId, ...(await settingsOf(console, options)) };
    tell(context, options, await console.call('addPackageServer', { body }));
  });
  addConnectionOptions(
    withSettings(
      group
        .command('set')
        .argument('<agent>', 'name or id of the agent')
        .description('Change a Package Server; what is not named stays.'),
    ),
  ).action(async (agent: string, options: SettingOptions) => {
    const console = await connect(options);
    const { agentId } = await chooseAgent(console, agent);
    const { version } = await console.call('packageServer', { params: { agentId } });
    const body = { version, ...(await settingsOf(console, options)) };
    tell(context, options, await console.call('updatePackageServer', { params: { agentId }, body }));
  });
  addConnectionOptions(
    group
      .command('remove')
      .argument('<agent>', 'name or id of the agent')
      .description('Take the role from an agent. It keeps its packages as any agent does.'),
  ).action(async (agent: string, options: ConnectionOptions) => {
    const console = await connect(options);
    const { agentId, name } = await chooseAgent(console, agent);
    await console.call('removePackageServer', { params: { agentId } });
    context.print(`${name} is no Package Server any longer.`);
  });
  addConnectionOptions(
    group
      .command('assign')
      .argument('<package>', 'name or GUID of the package')
      .description('Say which Package Servers keep a package without being asked for it.')
      .option('--package-version <version>', 'default: the newest')
      .option('--all', 'all of them')
      .option('--servers <agents...>', 'these (names or ids)')
      .option('--sites <sites...>', 'those of these sites (names or ids)')
      .option('--on-demand', 'none: whoever is asked for it fetches it then')
      .option('--json', 'print as JSON'),
  ).action((subject: string, options: AssignOptions & { packageVersion?: string }) =>
    assign(subject, options, context),
  );
}

function withSettings(command: Command): Command {
  return command
    .option('--site <site>', 'name or id of the site that it serves; "address" = that of its address')
    .option('--constrained', 'it serves and stores only packages that are assigned to it')
    .option('--no-constrained', 'it serves whatever it is asked for')
    .option('--enabled', 'it serves')
    .option('--no-enabled', 'it keeps what it has and serves nobody')
    .option('--max-upload <KB/s>', 'to all together; 0 = unlimited', integerOption(0, 10_000_000))
    .option('--max-cache <percent>', 'of its disk', integerOption(1, 95))
    .option('--fresh-for <hours>', 'until a package is looked up at the server again', integerOption(1, 8760))
    .option('--json', 'print as JSON');
}

async function settingsOf(console: ConsoleClient, options: SettingOptions) {
  const { site, constrained, enabled, maxUpload, maxCache, freshFor } = options;
  return {
    ...(site === undefined ? {} : { siteId: site === 'address' ? null : await siteId(console, site) }),
    ...(constrained === undefined ? {} : { constrained }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(maxUpload === undefined ? {} : { maxUpload }),
    ...(maxCache === undefined ? {} : { maxCache }),
    ...(freshFor === undefined ? {} : { freshFor }),
  };
}

async function assign(
  subject: string,
  options: AssignOptions & { readonly packageVersion?: string },
  context: CommandContext,
): Promise<void> {
  const console = await connect(options);
  const { guid, version, name } = choosePackage(await console.call('packages', {}), subject, options.packageVersion);
  const body = await assignmentOf(console, options);
  const stored = await console.call('assignPackage', { params: { guid, version }, body });
  context.print(options.json ? JSON.stringify(stored) : `${name} ${version}: ${stored.mode}`);
}

async function assignmentOf(console: ConsoleClient, options: AssignOptions): Promise<PackageAssignment> {
  const given = [options.all, options.onDemand, options.servers, options.sites].filter((value) => value !== undefined);
  if (given.length !== 1) {
    throw new CommandFailure(exitCodes.usage, 'Give exactly one of --all, --servers, --sites and --on-demand.');
  }
  if (options.servers !== undefined) {
    const agents = await Promise.all(options.servers.map((name) => chooseAgent(console, name)));
    return { mode: 'listed', agentIds: agents.map(({ agentId }) => agentId) };
  }
  if (options.sites !== undefined) {
    return { mode: 'sites', siteIds: await Promise.all(options.sites.map((name) => siteId(console, name))) };
  }
  return { mode: options.all === true ? 'all' : 'on-demand' };
}

async function siteId(console: ConsoleClient, nameOrId: string): Promise<string> {
  const site = (await console.call('sites', {})).find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (site === undefined) throw new CommandFailure(exitCodes.notFound, `There is no site "${nameOrId}".`);
  return site.id;
}

async function status(agent: string, options: JsonOption, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { agentId } = await chooseAgent(console, agent);
  const server = await console.call('packageServer', { params: { agentId } });
  if (options.json) {
    context.print(JSON.stringify(server));
    return;
  }
  context.print(lineOf(server));
  const { requests, hits, servedBytes, fetchedBytes, savedBytes } = server.traffic;
  const share = requests === 0 ? 0 : Math.round((100 * hits) / requests);
  context.print(`${requests} requests, ${hits} of them for what was there (${share} %).`);
  context.print(
    `${formatBytes(servedBytes)} served, ${formatBytes(fetchedBytes)} fetched, ${formatBytes(savedBytes)} saved.`,
  );
  for (const { packageName, packageVersion, siteName, bytes } of server.served) {
    context.print(`  ${packageName} ${packageVersion} to ${siteName ?? 'no site'}: ${formatBytes(bytes)}`);
  }
}

function tell(context: CommandContext, { json }: JsonOption, server: PackageServer): void {
  context.print(json ? JSON.stringify(server) : lineOf(server));
}

function lineOf(server: PackageServer): string {
  const state = server.enabled ? (server.online ? 'online' : 'offline') : 'off';
  const place = server.servesSiteName ?? 'no site';
  const kind = server.constrained ? ', constrained' : '';
  return `${server.name} (${server.agentId}): ${place}, ${state}${kind}, ${server.packagesReady} ${server.packagesReady === 1 ? 'package' : 'packages'}`;
}
