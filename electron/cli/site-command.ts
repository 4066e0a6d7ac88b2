import { readFile, writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { LocationType } from '../../shared/contracts/conditions.ts';
import { locationTypes } from '../../shared/contracts/conditions.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { Site, SiteDraft, SiteImportAnswer } from '../../shared/contracts/sites-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption, yesNoOption } from './option-values.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { formatColumns, formatTable } from './text-format.ts';

interface SiteOptions extends ConnectionOptions {
  readonly json?: true;
}
interface DraftOptions extends SiteOptions {
  readonly subnet?: readonly string[];
  readonly parent?: string;
  readonly in?: number;
  readonly out?: number;
  readonly acquisition?: string;
  readonly distribution?: string;
  readonly timeZone?: string;
  readonly type?: LocationType;
  readonly sharesLan?: boolean;
}
interface SetOptions extends DraftOptions {
  readonly name?: string;
  readonly top?: true;
}
interface RemoveOptions extends SiteOptions {
  readonly childrenTo?: string;
  readonly childrenToTop?: true;
}
interface ImportOptions extends SiteOptions {
  readonly dryRun?: true;
}

const scheduleHelp = `
A schedule says how much of the link may be used, hour by hour, by the clocks of the site's time zone: rules of days
(mon-fri), hours (08-18) and a percentage of the link, a rate (2000kbit/s) or "closed", separated by semicolons. A later
rule wins; where none says anything, the whole link may be used. "" = always the whole link.
  "mon-fri 08-18 25%; sat,sun closed"`;

const tableHelp = `
The table has a first line of column names: name, parent, subnets (separated by blanks), wanKilobitsPerSecond,
wanOutKilobitsPerSecond, acquisitionSchedule, distributionSchedule, timeZone, locationType, sharesLan (yes, no). Only
name is needed. Sites are known by their names; a missing column leaves its field as it is, sites that the table does
not name stay. All of it is imported, or nothing.`;

/** `fanout site …`: the places of the organisation. */
export function addSiteCommand(program: Command, context: CommandContext): void {
  const site = program.command('site').description('Sites: their subnets, WAN links, hours and place in the tree.');
  addTo(site, 'list', 'List all sites, each below its parent.').action((options: SiteOptions) =>
    list(options, context),
  );
  addTo(site, 'show', 'Show a site.')
    .argument('<site>', 'name or id')
    .action((name: string, options: SiteOptions) => show(name, options, context));
  addDraftOptions(addTo(site, 'add', 'Add a site.').argument('<name>')).action((name: string, options: DraftOptions) =>
    add(name, options, context),
  );
  addDraftOptions(
    addTo(site, 'set', 'Change a site; what is not named stays as it is.').argument('<site>', 'name or id'),
  )
    .option('--name <name>', 'its new name')
    .addOption(new Option('--top', 'it has no parent any more').conflicts('parent'))
    .action((name: string, options: SetOptions) => set(name, options, context));
  addTo(site, 'remove', 'Remove a site.')
    .argument('<site>', 'name or id')
    .option('--children-to <site>', 'the sites below it go below this one')
    .addOption(new Option('--children-to-top', 'the sites below it go to the top').conflicts('childrenTo'))
    .action((name: string, options: RemoveOptions) => remove(name, options, context));
  addTo(site, 'import', 'Add and change sites from a file of comma-separated values.')
    .argument('<file>')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addHelpText('after', tableHelp)
    .action((file: string, options: ImportOptions) => importTable(file, options, context));
  addTo(site, 'export', 'Write all sites as comma-separated values, as import reads them.')
    .argument('[file]', 'standard output by default')
    .action((file: string | undefined, options: SiteOptions) => exportTable(file, options, context));
  addTo(site, 'unassigned', 'List subnets with agents that belong to no site, with sites they may belong to.').action(
    (options: SiteOptions) => unassigned(options, context),
  );
}

function addTo(site: Command, name: string, description: string): Command {
  const command = site.command(name).description(description);
  return addConnectionOptions(command).option('--json', 'print the result as JSON');
}

function addDraftOptions(command: Command): Command {
  const kilobits = integerOption(0, 100_000_000);
  return command
    .option('--subnet <cidr...>', 'its subnets, all of them, such as 10.1.2.0/24')
    .option('--parent <site>', 'the site above it')
    .option('--in <kbit/s>', 'WAN link into the site; 0 = unlimited', kilobits)
    .option('--out <kbit/s>', 'WAN link out of the site; 0 = unlimited', kilobits)
    .option('--acquisition <schedule>', 'hours of the link into the site')
    .option('--distribution <schedule>', 'hours of the link out of the site')
    .option('--time-zone <zone>', 'such as Europe/Berlin')
    .addOption(new Option('--type <type>', 'location type').choices(locationTypes))
    .option('--shares-lan <yes|no>', 'its subnets are one LAN', yesNoOption)
    .addHelpText('after', scheduleHelp);
}

async function list(options: SiteOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const sites = await console.call('sites', {});
  if (options.json) {
    context.print(JSON.stringify(sites));
    return;
  }
  if (sites.length === 0) context.print('There are no sites. Add one with "fanout site add".');
  const byId = new Map(sites.map((site) => [site.id, site]));
  const rows = (await console.call('siteTree', {})).flatMap(({ id, depth, agentsWithBelow }) => {
    const site = byId.get(id);
    return site === undefined ? [] : [rowOf(site, depth, agentsWithBelow)];
  });
  if (rows.length === 0) return;
  for (const line of formatTable([['NAME', 'TYPE', 'IN', 'OUT', 'AGENTS', 'WITH BELOW', 'SUBNETS'], ...rows]))
    context.print(line);
}

function rowOf(site: Site, depth: number, agentsWithBelow: number): string[] {
  const { name, locationType, wanKilobitsPerSecond, wanOutKilobitsPerSecond, agents, subnets } = site;
  const more = subnets.length > 2 ? [`… ${subnets.length} in all`] : [];
  return [
    `${'  '.repeat(depth)}${name}`,
    locationType,
    linkWords(wanKilobitsPerSecond),
    linkWords(wanOutKilobitsPerSecond),
    String(agents),
    String(agentsWithBelow),
    [...subnets.slice(0, 2), ...more].join(' '),
  ];
}

function linkWords(kilobitsPerSecond: number): string {
  return kilobitsPerSecond === 0 ? 'unlimited' : `${kilobitsPerSecond} kbit/s`;
}

async function show(name: string, options: SiteOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const sites = await console.call('sites', {});
  const site = chooseSite(sites, name);
  if (options.json) {
    context.print(JSON.stringify(site));
    return;
  }
  const parent = sites.find(({ id }) => id === site.parentId);
  const below = sites.filter(({ parentId }) => parentId === site.id).map((child) => child.name);
  const rows = [
    ['name', site.name],
    ['id', site.id],
    ['location type', site.locationType],
    ['below', parent?.name ?? '(at the top)'],
    ['sites below', below.join(', ') || '–'],
    ['subnets', site.subnets.join(' ') || '–'],
    ['subnets share a LAN', site.sharesLan ? 'yes' : 'no'],
    ['link in', linkWords(site.wanKilobitsPerSecond)],
    ['hours in', site.acquisitionSchedule || 'always the whole link'],
    ['link out', linkWords(site.wanOutKilobitsPerSecond)],
    ['hours out', site.distributionSchedule || 'always the whole link'],
    ['time zone', site.timeZone],
    ['agents', String(site.agents)],
    ['version', `${site.version}, by ${site.updatedBy || 'an earlier version of the server'}`],
  ];
  for (const line of formatColumns(rows)) context.print(line);
}

async function add(name: string, options: DraftOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const fields = fieldsOf(options, await sitesFor(console, options.parent));
  const site = await console.call('createSite', {
    body: { name, subnets: [], wanKilobitsPerSecond: 0, ...fields },
  });
  context.print(options.json ? JSON.stringify(site) : `${site.name} is added (${site.id}).`);
}

async function set(name: string, options: SetOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const sites = await console.call('sites', {});
  const { id, name: oldName, subnets, wanKilobitsPerSecond, version } = chooseSite(sites, name);
  const fields = { ...fieldsOf(options, sites), ...(options.top ? { parentId: null } : {}) };
  if (Object.keys(fields).length === 0 && options.name === undefined) {
    throw new CommandFailure(exitCodes.usage, 'Say what to change; see --help.');
  }
  const body = { name: options.name ?? oldName, subnets, wanKilobitsPerSecond, ...fields, version };
  const site = await console.call('updateSite', { params: { id }, body });
  context.print(options.json ? JSON.stringify(site) : `${site.name} is saved as version ${site.version}.`);
}

async function remove(name: string, options: RemoveOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const sites = await console.call('sites', {});
  const site = chooseSite(sites, name);
  const moveChildrenTo = options.childrenTo === undefined ? null : chooseSite(sites, options.childrenTo).id;
  const query = options.childrenToTop ? { moveChildrenTo: 'top' } : moveChildrenTo === null ? {} : { moveChildrenTo };
  await console.call('deleteSite', { params: { id: site.id }, query });
  context.print(options.json ? JSON.stringify(site) : `${site.name} is removed.`);
}

async function importTable(file: string, options: ImportOptions, context: CommandContext): Promise<void> {
  const csv = await readFile(file, 'utf8').catch(() => {
    throw new CommandFailure(exitCodes.notFound, `There is no readable file ${file}.`);
  });
  const console = await connect(options);
  const body = { csv, dryRun: options.dryRun === true };
  const answer = await console.call('importSites', { body }).catch((error: unknown) => {
    const fields = error instanceof ConsoleRequestError ? (error.details.fields ?? []) : [];
    if (fields.length === 0) throw error;
    const lines = fields.map(({ message }) => message);
    throw new CommandFailure(exitCodes.failed, ['Nothing was imported.', ...lines].join('\n'));
  });
  if (options.json) context.print(JSON.stringify(answer));
  else for (const line of importWords(answer)) context.print(line);
}

function importWords({ applied, created, updated, unchanged }: SiteImportAnswer): string[] {
  const words = applied ? '' : 'would be ';
  return [
    ...created.map((name) => `${name}: ${words}created`),
    ...updated.map((name) => `${name}: ${words}updated`),
    `${created.length} ${words}created, ${updated.length} ${words}updated, ${unchanged.length} unchanged.`,
  ];
}

async function exportTable(file: string | undefined, options: SiteOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { csv } = await console.call('exportSites', {});
  if (file !== undefined) await writeFile(file, csv);
  if (options.json) context.print(JSON.stringify(file === undefined ? { csv } : { file }));
  else context.print(file === undefined ? csv.trimEnd() : `All sites are in ${file}.`);
}

async function unassigned(options: SiteOptions, context: CommandContext): Promise<void> {
  const subnets = await (await connect(options)).call('unassignedSubnets', {});
  if (options.json) {
    context.print(JSON.stringify(subnets));
    return;
  }
  if (subnets.length === 0) {
    context.print('Every agent belongs to a site.');
    return;
  }
  const rows = subnets.map(({ subnet, agents, suggestions }) => [
    subnet,
    String(agents),
    suggestions.map(({ siteName, nearSubnet }) => `${siteName} (${nearSubnet})`).join(', ') || '–',
  ]);
  for (const line of formatTable([['SUBNET', 'AGENTS', 'NEAR'], ...rows])) context.print(line);
}

async function sitesFor(console: ConsoleClient, parent: string | undefined): Promise<readonly Site[]> {
  return parent === undefined ? [] : console.call('sites', {});
}

/** What the options say, and nothing of what they leave out. */
function fieldsOf(options: DraftOptions, sites: readonly Site[]): Partial<SiteDraft> {
  const { subnet, parent, in: into, out, acquisition, distribution, timeZone, type, sharesLan } = options;
  return {
    ...(subnet === undefined ? {} : { subnets: [...subnet] }),
    ...(parent === undefined ? {} : { parentId: chooseSite(sites, parent).id }),
    ...(into === undefined ? {} : { wanKilobitsPerSecond: into }),
    ...(out === undefined ? {} : { wanOutKilobitsPerSecond: out }),
    ...(acquisition === undefined ? {} : { acquisitionSchedule: acquisition }),
    ...(distribution === undefined ? {} : { distributionSchedule: distribution }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(type === undefined ? {} : { locationType: type }),
    ...(sharesLan === undefined ? {} : { sharesLan }),
  };
}

export function chooseSite(sites: readonly Site[], nameOrId: string): Site {
  const site = sites.find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (site === undefined) throw new CommandFailure(exitCodes.notFound, `There is no site "${nameOrId}".`);
  return site;
}
