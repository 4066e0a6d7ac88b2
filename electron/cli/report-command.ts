import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { formatCsv } from '../../shared/base/csv.ts';
import { parseCidr } from '../../shared/base/ipv4.ts';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import type { RouteAnswer } from '../../shared/contracts/console-routes.ts';
import type { ReportName, ReportTable } from '../../shared/contracts/report-tables.ts';
import { reportTables } from '../../shared/contracts/report-tables.ts';
import { maximumGroups, reportBuckets, reportGroupings, unassignedSite } from '../../shared/contracts/reports-api.ts';
import type { ConsoleClient } from '../fleet/console-client.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { choosePackage } from './package-choice.ts';
import { choosePolicy } from './policy-choice.ts';
import { chooseAgent } from './security-commands.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';
import { chooseSite } from './site-command.ts';
import { formatBytes, formatTable, formatTime } from './text-format.ts';

interface ReportOptions extends ConnectionOptions {
  readonly from?: number;
  readonly to?: number;
  readonly last?: number;
  readonly json?: true;
  readonly csv?: true;
  readonly top?: number;
  readonly site?: string;
  readonly subnet?: string;
  readonly package?: string;
  readonly packageVersion?: string;
  readonly policy?: string;
  readonly agent?: string;
  readonly delivery?: string;
  readonly bucket?: string;
  readonly by?: string;
  readonly per?: string;
}

type Filter = 'site' | 'subnet' | 'package' | 'policy' | 'agent';

const timesHelp = `
Times are UTC: 2026-03-01 or 2026-03-01T14:05Z. --last takes minutes, hours or days: 90m, 24h, 28d.
Without any, a report is about the last 24 hours, and penetration about all time.`;

/** `fanout report …`: where bytes came from, and why. */
export function addReportCommand(program: Command, context: CommandContext): void {
  const group = program.command('report').description('Reports: where bytes came from, over time, and why.');
  const all: readonly Filter[] = ['site', 'subnet', 'package', 'policy', 'agent'];
  const places: readonly Filter[] = ['site', 'subnet', 'package', 'policy'];
  addReport(group, context, 'trafficReport', 'traffic', 'Direct and peer bytes over time.', all)
    .addOption(new Option('--by <group>', 'a row for each').choices(reportGroupings))
    .addOption(new Option('--bucket <length>', 'points in --json and --csv').choices(reportBuckets));
  addReport(
    group,
    context,
    'savingsReport',
    'savings',
    'What would have crossed WAN links, and what did.',
    all,
  ).addOption(new Option('--by <group>', 'a row for each; by default site').choices(reportGroupings));
  addReport(
    group,
    context,
    'wanCopiesReport',
    'wan-copies',
    'How many copies of each package came into each site or subnet.',
    places,
  ).addOption(new Option('--per <place>', 'by default subnet').choices(['site', 'subnet']));
  addReport(
    group,
    context,
    'firstDownloadersReport',
    'first-downloaders',
    'Who fetched which package for which subnet.',
    ['subnet', 'package', 'agent'],
  );
  addReport(group, context, 'directReasonsReport', 'reasons', 'Why bytes came directly.', places).addOption(
    new Option('--by <group>', 'a row for each').choices(reportGroupings.filter((name) => name !== 'agent')),
  );
  addReport(
    group,
    context,
    'penetrationReport',
    'penetration',
    'How many computers had a package, or did what a delivery asks, over time.',
    ['package'],
  ).option('--delivery <id>', 'a delivery instead of a package');
}

function addReport(
  group: Command,
  context: CommandContext,
  report: ReportName,
  name: string,
  description: string,
  filters: readonly Filter[],
): Command {
  const command = group
    .command(name)
    .description(description)
    .option('--from <time>', 'beginning', timeOption)
    .option('--to <time>', 'end; by default now', timeOption)
    .option('--last <duration>', 'instead of --from: the last 90m, 24h, 28d', durationOption)
    .addHelpText('after', timesHelp);
  for (const filter of filters) command.option(`--${filter} <${filter}>`, filterHelp[filter]);
  if (filters.includes('package')) command.option('--package-version <version>', 'of --package; default: the newest');
  if (report !== 'penetrationReport') {
    command.option('--top <number>', 'at most so many rows', integerOption(1, maximumGroups));
  }
  command.option('--csv', 'print as comma-separated values').option('--json', 'print as JSON');
  return addConnectionOptions(command).action((options: ReportOptions) => run(report, options, context));
}

const filterHelp: Readonly<Record<Filter, string>> = {
  site: 'only this site (name or id, or "unassigned")',
  subnet: 'only this subnet, such as 10.1.2.0/24',
  package: 'only this package (name or GUID)',
  policy: 'only agents with this policy (name or id)',
  agent: 'only this agent (name or id)',
};

async function run(report: ReportName, options: ReportOptions, context: CommandContext): Promise<void> {
  if (options.json && options.csv) throw new CommandFailure(exitCodes.usage, 'Give either --json or --csv.');
  if (options.last !== undefined && options.from !== undefined) {
    throw new CommandFailure(exitCodes.usage, 'Give either --from or --last.');
  }
  if (report === 'penetrationReport' && (options.package === undefined) === (options.delivery === undefined)) {
    throw new CommandFailure(exitCodes.usage, 'Give either --package or --delivery.');
  }
  const console = await connect(options);
  const query = await queryOf(console, options);
  // Each command has only those options that its route takes.
  const answer = await console.call(report, { query } as ConsoleCall<ReportName>);
  if (options.json) {
    context.print(JSON.stringify(answer));
    return;
  }
  const table = tableOf(report, answer);
  if (options.csv) {
    context.print(formatCsv(table.columns, table.rows).trimEnd());
    return;
  }
  context.print(`${formatTime(answer.fromMs)} to ${formatTime(answer.toMs)}`);
  for (const line of linesOf(report, answer, table)) context.print(line);
}

async function queryOf(console: ConsoleClient, options: ReportOptions): Promise<Record<string, string>> {
  const query: Record<string, string> = {};
  const toMs = options.to ?? Date.now();
  if (options.to !== undefined) query.toMs = String(options.to);
  if (options.from !== undefined) query.fromMs = String(options.from);
  if (options.last !== undefined) query.fromMs = String(toMs - options.last);
  if (options.top !== undefined) query.top = String(options.top);
  if (options.by !== undefined) query.groupBy = options.by;
  if (options.bucket !== undefined) query.bucket = options.bucket;
  if (options.per !== undefined) query.per = options.per;
  if (options.delivery !== undefined) query.deliveryId = options.delivery;
  if (options.site === unassignedSite) query.siteId = unassignedSite;
  else if (options.site !== undefined) query.siteId = chooseSite(await console.call('sites', {}), options.site).id;
  if (options.subnet !== undefined) {
    if (parseCidr(options.subnet) === null) {
      throw new CommandFailure(exitCodes.usage, 'Give --subnet a subnet such as 10.1.2.0/24.');
    }
    query.subnet = options.subnet;
  }
  if (options.package !== undefined) {
    // What was withdrawn has its history.
    const packages = (await console.call('packages', {})).map((known) => ({ ...known, withdrawn: false }));
    query.key = choosePackage(packages, options.package, options.packageVersion).key;
  }
  if (options.policy !== undefined)
    query.policyId = choosePolicy(await console.call('policies', {}), options.policy).id;
  if (options.agent !== undefined) query.agentId = (await chooseAgent(console, options.agent)).agentId;
  return query;
}

function tableOf(report: ReportName, answer: RouteAnswer<ReportName>): ReportTable {
  // The name says which report it is; the compiler does not follow that from one type to the other.
  return (reportTables[report] as (of: typeof answer) => ReportTable)(answer);
}

/** For people: sizes and times in words, without ids beside names. */
function linesOf(report: ReportName, answer: RouteAnswer<ReportName>, table: ReportTable): string[] {
  const { columns, rows } = 'groups' in answer ? trafficTable(answer) : table;
  if (rows.length === 0) return ['Nothing.'];
  const shown = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column, index }) => !hiddenColumns.has(column) && !(index === 0 && columns[1] === 'name'));
  const lines = formatTable([
    shown.map(({ column }) => headOf(column)),
    ...rows.map((row) => shown.map(({ column, index }) => cellOf(column, row[index] ?? ''))),
  ]);
  if (report === 'directReasonsReport' && 'unexplainedBytes' in answer) {
    lines.push(
      `${formatBytes(answer.directBytes)} directly; for ${formatBytes(answer.unexplainedBytes)} no reason was told.`,
    );
  }
  return lines;
}

const hiddenColumns: ReadonlySet<string> = new Set(['siteId', 'key', 'agentId', 'totalSizeBytes']);

/** On a terminal sums say more than points. */
function trafficTable({ groupBy, groups, others, total }: RouteAnswer<'trafficReport'>): ReportTable {
  const hasOthers = trafficColumns.some((column) => others.bytes[column] > 0);
  const row = (name: string, bytes: typeof total) => ['', name, ...trafficColumns.map((column) => bytes[column])];
  return {
    columns: [groupBy, 'name', ...trafficColumns],
    rows: [
      ...groups.map(({ name, bytes }) => row(name, bytes)),
      ...(hasOthers ? [row(others.groups === null ? 'Others' : `${others.groups} more`, others.bytes)] : []),
      ...(groups.length > 1 ? [row('Total', total)] : []),
    ],
  };
}

const trafficColumns = [
  'notificationServerBytes',
  'ownPackageServerBytes',
  'foreignPackageServerBytes',
  'peerBytes',
] as const;

function headOf(column: string): string {
  return column
    .replace(/(Bytes|Ms|At|AtMs)$/, '')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .toUpperCase();
}

function cellOf(column: string, value: string | number): string {
  if (typeof value === 'string') return value;
  if (/bytes$/i.test(column)) return value < 0 ? `-${formatBytes(-value)}` : formatBytes(value);
  if (column.endsWith('Ms')) return formatTime(value);
  return column === 'copies' ? value.toFixed(2) : String(value);
}

const timePattern = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/;

/** Milliseconds since 1970. */
function timeOption(text: string): number {
  const value = timePattern.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(value) || value < 0) {
    throw new InvalidArgumentError('Give a time in UTC such as 2026-03-01 or 2026-03-01T14:05Z.');
  }
  return value;
}

const unitsMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds. */
function durationOption(text: string): number {
  const match = /^([1-9]\d{0,5})([mhd])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Give minutes, hours or days such as 90m, 24h or 28d.');
  return Number(match[1]) * unitsMs[match[2] as keyof typeof unitsMs];
}
