import type { Command } from 'commander';
import type { Overview, PackageSummary } from '../../shared/contracts/console-api.ts';
import type { PackageAssignment } from '../../shared/contracts/package-servers-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { packageVersion } from './package-choice.ts';
import type { JsonOptions } from './server-command.ts';
import { addServerCommand } from './server-command.ts';
import { connect } from './server-connection.ts';
import { formatBytes, formatColumns, formatTable, formatTime } from './text-format.ts';

interface ListOptions extends JsonOptions {
  readonly withdrawn?: true;
}

interface VersionOptions extends JsonOptions {
  readonly packageVersion?: string;
}

/** `fanout package …`: what the server can deliver. */
export function addPackageCommand(program: Command, context: CommandContext): void {
  const group = program
    .command('package')
    .description('Packages: their versions, where they are, and withdrawing one.');
  addServerCommand(group, 'list', {
    description: 'List all package versions that can be delivered, and how far agents are with them.',
    json: 'the package versions',
  })
    .option('--withdrawn', 'withdrawn versions too')
    .action((options: ListOptions) => list(options, context));
  withVersion(
    addServerCommand(group, 'show', {
      description: 'Show a package version: what it is, which subnets and Package Servers have it.',
      json: '{package, packageServers, places}',
      examples: ['fanout package show "Office update" --package-version 2.1'],
    }),
  ).action((subject: string, options: VersionOptions) => show(subject, options, context));
  withVersion(
    addServerCommand(group, 'withdraw', {
      description:
        'Stop delivering and serving a version, for good: agents delete their copies. Another import makes a new version.',
      json: 'the package version',
      examples: ['fanout package withdraw "Office update" --package-version 2.1'],
    }),
  ).action((subject: string, options: VersionOptions) => withdraw(subject, options, context));
}

function withVersion(command: Command): Command {
  return command
    .argument('<package>', 'name or GUID of the package')
    .option('--package-version <version>', 'default: the newest that is not withdrawn');
}

async function list(options: ListOptions, context: CommandContext): Promise<void> {
  const packages = await (await connect(options)).call('packages', {});
  const shown = packages.filter(({ withdrawn }) => options.withdrawn || !withdrawn);
  if (options.json) {
    context.print(JSON.stringify(shown));
    return;
  }
  if (shown.length === 0) {
    context.note('There are no packages. Import one with "fanout publish".');
    return;
  }
  const rows = shown.map((entry) => [
    entry.name,
    entry.version,
    entry.withdrawn ? 'withdrawn' : 'active',
    formatBytes(entry.totalSizeBytes),
    formatTime(entry.createdAtMs),
    `${entry.ready}/${entry.assigned}`,
    `${entry.failed}`,
    entry.guid,
  ]);
  const head = ['NAME', 'VERSION', 'STATE', 'SIZE', 'IMPORTED', 'READY', 'FAILED', 'GUID'];
  for (const line of formatTable([head, ...rows])) context.print(line);
}

async function show(subject: string, options: VersionOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const entry = packageVersion(await console.call('packages', {}), subject, options.packageVersion);
  const { guid, version, key } = entry;
  const assignment = await console.call('packageAssignment', { params: { guid, version } });
  const places = (await console.call('overview', {})).wanCopies.filter((place) => place.key === key);
  if (options.json) {
    context.print(JSON.stringify({ package: entry, packageServers: assignment, places }));
    return;
  }
  const keepers = await keeperWords(console, assignment);
  for (const line of packageLines(entry, keepers)) context.print(line);
  for (const line of placeLines(places)) context.print(line);
}

function packageLines(entry: PackageSummary, keepers: string): string[] {
  const { assigned, ready, downloading, failed } = entry;
  return [
    `${entry.name} ${entry.version}${entry.withdrawn ? ', withdrawn: it is neither delivered nor served' : ''}`,
    ...formatColumns([
      ['  GUID', entry.guid],
      ['  key', entry.key],
      ['  size', `${formatBytes(entry.totalSizeBytes)} in ${entry.files} files, ${entry.blockCount} blocks`],
      ['  imported', formatTime(entry.createdAtMs)],
      ['  agents', `${assigned} have to get it: ${ready} ready, ${downloading} downloading, ${failed} failed`],
      ['  kept by', keepers],
    ]),
  ];
}

function placeLines(places: Overview['wanCopies']): string[] {
  if (places.length === 0) return ['No subnet was sent anything of it yet.'];
  const rows = places.map(({ subnet, siteName, agents, ready, copies }) => [
    subnet,
    siteName ?? '–',
    `${ready}/${agents}`,
    copies.toFixed(2),
  ]);
  return formatTable([['SUBNET', 'SITE', 'READY', 'WAN COPIES'], ...rows]);
}

async function keeperWords(console: ConsoleClient, assignment: PackageAssignment): Promise<string> {
  switch (assignment.mode) {
    case 'on-demand':
      return 'Package Servers that are asked for it';
    case 'all':
      return 'all Package Servers';
    case 'listed': {
      const servers = await console.call('packageServers', {});
      return assignment.agentIds.map((id) => servers.find(({ agentId }) => agentId === id)?.name ?? id).join(', ');
    }
    case 'sites': {
      const sites = await console.call('sites', {});
      const names = assignment.siteIds.map((id) => sites.find((site) => site.id === id)?.name ?? id);
      return `the Package Servers of ${names.join(', ')}`;
    }
  }
}

async function withdraw(subject: string, options: VersionOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const chosen = packageVersion(await console.call('packages', {}), subject, options.packageVersion);
  const { guid, version } = chosen;
  const entry = await console.call('withdrawPackage', { params: { guid, version } });
  const words = chosen.withdrawn ? 'was withdrawn before' : 'is withdrawn; agents delete their copies';
  context.print(options.json ? JSON.stringify(entry) : `${entry.name} ${entry.version} ${words}.`);
}
