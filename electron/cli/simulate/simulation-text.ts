import type { SimulationResult } from '../../../shared/contracts/simulation.ts';
import { formatBytes, formatColumns, formatTable } from '../text-format.ts';

const curveColumns = 60;
const curveRows = 10;
/** Of the sites, so many are named. */
const namedSites = 5;

/** 12.3 s, 4 min 10 s, 3 h 20 min, 2 d 4 h. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [Math.floor(whole / 86_400), Math.floor(whole / 3600), Math.floor(whole / 60)];
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${days} d ${hours % 24} h`;
}

/** The report for people. */
export function simulationLines(result: SimulationResult, facts: { readonly packageMib: number }): string[] {
  return [
    `A package of ${facts.packageMib} MiB for ${grouped(result.agents)} agents in ${grouped(result.wanBytesBySite.length)} sites, seed ${result.seed}`,
    '',
    ...curveLines(result.penetrationCurve),
    '',
    ...formatColumns(measures(result)),
    '',
    'Why direct?',
    ...indented(formatColumns(result.whyDirect.map(({ reason, bytes }) => [reason, formatBytes(bytes)]))),
    '',
    'Most WAN bytes',
    ...indented(siteLines(result)),
    ...faultLines(result),
    '',
    'Taken for granted',
    ...result.assumptions.map((sentence) => `  ${sentence}`),
    '',
    `${durationText(result.virtualSeconds)} of virtual time in ${result.wallSeconds.toFixed(1)} s: ${grouped(result.events)} events, at most ${grouped(result.peakRssMib)} MiB of memory.`,
    `traceHash ${result.traceHash}`,
  ];
}

/** The same measures of two runs, side by side. */
export function comparisonLines(
  names: readonly string[],
  [first, second]: readonly [SimulationResult, SimulationResult],
): string[] {
  const beside = measures(second);
  const rows = measures(first).map(([name = '', value = ''], index) => [name, value, beside[index]?.[1] ?? '']);
  return [
    ...formatTable([['', ...names], ...rows]),
    '',
    ...names.flatMap((name, index) => [name, ...curveLines((index === 0 ? first : second).penetrationCurve), '']),
    'Taken for granted',
    ...first.assumptions.map((sentence) => `  ${sentence}`),
  ];
}

/** Share of ready agents over time: one column of characters per moment. */
export function curveLines(curve: SimulationResult['penetrationCurve']): string[] {
  const endSeconds = curve.at(-1)?.seconds ?? 0;
  const heights = Array.from({ length: curveColumns }, (_, column) => {
    const atSeconds = (endSeconds * (column + 1)) / curveColumns;
    const point = curve.findLast(({ seconds }) => seconds <= atSeconds);
    return Math.round((point?.share ?? 0) * curveRows);
  });
  const rows = Array.from({ length: curveRows }, (_, index) => {
    const level = curveRows - index;
    const bars = heights.map((height) => (height >= level ? '#' : ' ')).join('');
    return `${`${level * 10} %`.padStart(6)} |${bars}`.trimEnd();
  });
  const end = durationText(endSeconds);
  return [
    'Ready agents over time',
    ...rows,
    `       +${'-'.repeat(curveColumns)}`,
    `        0 s${end.padStart(curveColumns - 3)}`,
  ];
}

function measures(result: SimulationResult): string[][] {
  const { penetration, penetrationSinceOn, wanCopiesPerSite, unexcusedWanCopiesPerSite } = result;
  const time = (seconds: number | null) => (seconds === null ? 'not reached' : durationText(seconds));
  return [
    ['Ready', `${grouped(result.ready)} of ${grouped(result.agents)}`],
    ['Never on', grouped(result.neverOn)],
    ['50 % ready after', time(penetration.p50)],
    ['98 % ready after', time(penetration.p98)],
    ['99.9 % ready after', time(penetration.p999)],
    ['100 % ready after', time(penetration.p100)],
    ['Once on, 98 % ready after', time(penetrationSinceOn.p98)],
    ['Once on, 99.9 % ready after', time(penetrationSinceOn.p999)],
    ['WAN copies per site, mean', wanCopiesPerSite.mean.toFixed(3)],
    ['WAN copies per site, most', wanCopiesPerSite.max.toFixed(3)],
    ['Unexcused WAN copies, mean', unexcusedWanCopiesPerSite.mean.toFixed(3)],
    ['Unexcused WAN copies, most', unexcusedWanCopiesPerSite.max.toFixed(3)],
    ['Clients of the Notification Server', grouped(result.coreClients)],
    ['Direct', formatBytes(result.directBytes)],
    ['From peers', `${formatBytes(result.peerBytes)} (${(result.peerShare * 100).toFixed(1)} %)`],
  ];
}

function siteLines({ wanBytesBySite }: SimulationResult): string[] {
  const rows = wanBytesBySite
    .slice(0, namedSites)
    .map(({ name, agents, wanBytes, copies }) => [
      name,
      `${grouped(agents)} agents`,
      formatBytes(wanBytes),
      `${copies.toFixed(3)} copies`,
    ]);
  const more = wanBytesBySite.length - rows.length;
  return [...formatColumns(rows), ...(more > 0 ? [`and ${grouped(more)} more sites`] : [])];
}

function faultLines({ faults }: SimulationResult): string[] {
  if (faults.length === 0) return [];
  return ['', 'Faults', ...indented(formatColumns(faults.map(({ kind, count }) => [kind, grouped(count)])))];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
