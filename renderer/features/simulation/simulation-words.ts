import type {
  FaultProfile,
  OnlineHours,
  PackageServerPlacement,
  SimulationResult,
} from '../../../shared/contracts/simulation.ts';
import type { SimulationJob, SimulationSummary } from '../../../shared/contracts/simulations-api.ts';
import { formatBytes, formatCopies, formatCount, formatQuantity, formatShare } from '../../components/format.ts';

export const faultWords: { readonly [Profile in FaultProfile]: string } = {
  none: 'Nothing fails',
  reboots: 'Computers lose power',
  'first-downloaders-killed': 'First downloaders are killed',
  'wan-outages': 'WAN links fail',
  'corrupting-peers': 'Peers send damaged blocks',
  'bad-day': 'A bad day: all of it',
};

export const placementWords: { readonly [Placement in PackageServerPlacement]: string } = {
  branches: 'Regions and branches',
  regions: 'Regions alone',
  none: 'Nobody',
};

export const hoursWords: { readonly [Hours in OnlineHours]: string } = {
  always: 'All the time',
  office: 'In office hours',
};

/** Of a share: had been on by then. */
export const onceOn = 'On by then';

/** `17.4 s`, `3 min 12 s`, `5 h 7 min`, `2 days 3 h`. */
export function virtualTimeWords(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`;
  const wholeSeconds = Math.round(seconds);
  if (wholeSeconds < 3600) return pair(wholeSeconds, 60, 'min', 's', 1);
  const minutes = Math.round(seconds / 60);
  if (minutes < 2880) return pair(minutes, 60, 'h', 'min', 1);
  return pair(Math.round(seconds / 3600), 24, 'days', 'h', 1);
}

function pair(count: number, per: number, large: string, small: string, unit: number): string {
  const rest = Math.round((count % per) / unit);
  return rest === 0 ? `${Math.floor(count / per)} ${large}` : `${Math.floor(count / per)} ${large} ${rest} ${small}`;
}

function reached(seconds: number | null): string {
  return seconds === null ? 'not in the time allowed' : virtualTimeWords(seconds);
}

export interface FigureRow {
  readonly id: string;
  readonly label: string;
  /** One for each result. */
  readonly values: readonly string[];
}

/** What is compared first, in the order of its importance. */
export function figureRows(results: readonly SimulationResult[]): FigureRow[] {
  const row = (id: string, label: string, words: (result: SimulationResult) => string): FigureRow => ({
    id,
    label,
    values: results.map(words),
  });
  return [
    row('ready', 'Agents ready', ({ ready, agents }) => `${formatCount(ready)} of ${formatCount(agents)}`),
    row('never-on', 'Agents never on', ({ neverOn }) => formatCount(neverOn)),
    row('p50', 'Half of them after', ({ penetration }) => reached(penetration.p50)),
    row('p98', '98 % after', ({ penetration }) => reached(penetration.p98)),
    row('p999', '99.9 % after', ({ penetration }) => reached(penetration.p999)),
    row('p100', 'All after', ({ penetration }) => reached(penetration.p100)),
    row('on-p98', 'Once they were on, 98 % after', ({ penetrationSinceOn }) => reached(penetrationSinceOn.p98)),
    row('on-p999', 'Once they were on, 99.9 % after', ({ penetrationSinceOn }) => reached(penetrationSinceOn.p999)),
    row('copies', 'WAN copies of a site, mean', ({ wanCopiesPerSite }) => formatCopies(wanCopiesPerSite.mean)),
    row('most-copies', 'WAN copies, worst site', ({ wanCopiesPerSite }) => formatCopies(wanCopiesPerSite.max)),
    row('unexcused', 'WAN copies without those that were lost, worst site', ({ unexcusedWanCopiesPerSite }) =>
      formatCopies(unexcusedWanCopiesPerSite.max),
    ),
    row('share', 'Peer share', ({ peerShare }) => formatShare(peerShare, 1)),
    row('direct', 'Bytes from servers', ({ directBytes }) => formatBytes(directBytes)),
    row('peer', 'Bytes from peers', ({ peerBytes }) => formatBytes(peerBytes)),
    row('core', 'Computers that the Notification Server served', ({ coreClients }) => formatCount(coreClients)),
  ];
}

/** About one floor of one site. */
const cautiousBelow = 250;

/** How much of the organisation was simulated, in a sentence. */
export function sampleWords({ agents, sampledFrom, wallSeconds, wanBytesBySite }: SimulationResult): string {
  const took = `${wallSeconds < 10 ? wallSeconds.toFixed(1) : Math.round(wallSeconds)} s`;
  if (sampledFrom === null) return `All ${formatQuantity(agents, 'agent')} were simulated, in ${took}.`;
  const sites = formatQuantity(wanBytesBySite.length, 'site');
  const caution = agents < cautiousBelow ? ' So small a sample shows the direction, and little more.' : '';
  return `A sample was simulated, in ${took}: ${formatCount(agents)} of ${formatQuantity(sampledFrom, 'agent')}, in ${sites}. Bytes from servers and peers are scaled to all of them; the sites below are those that were drawn.${caution}`;
}

/** What the first of two policies changes against the second, in a sentence. */
export function verdictWords(names: readonly string[], results: readonly SimulationResult[]): string | null {
  const [tried, other] = results;
  if (tried === undefined || other === undefined) return null;
  const time = timeVerdict(tried.penetration.p98, other.penetration.p98);
  return `${names[0]} against ${names[1]}: ${time}; ${bytesVerdict(tried.directBytes, other.directBytes)}.`;
}

function timeVerdict(tried: number | null, other: number | null): string {
  if (tried === null && other === null) return 'neither reaches 98 % of the agents in the time allowed';
  if (tried === null) return '98 % of the agents are not reached in the time allowed any more';
  if (other === null) return `98 % of the agents are reached after ${virtualTimeWords(tried)}, and were not before`;
  if (virtualTimeWords(tried) === virtualTimeWords(other))
    return `98 % are ready after ${virtualTimeWords(tried)} with both`;
  return `98 % are ready after ${virtualTimeWords(tried)} instead of ${virtualTimeWords(other)}`;
}

function bytesVerdict(tried: number, other: number): string {
  if (formatBytes(tried) === formatBytes(other)) return `servers send ${formatBytes(tried)} with both`;
  return `servers send ${formatBytes(tried)} instead of ${formatBytes(other)}`;
}

/** What the model takes for granted, each once; what holds for one of two policies alone is under its name. */
export function assumptionWords(
  { notes, results }: Pick<SimulationJob, 'notes' | 'results'>,
  names: readonly string[],
): string[] {
  const all = results ?? [];
  const sentences = all.flatMap(({ assumptions }, index) =>
    assumptions.map((sentence) => {
      const isCommon = all.every((other) => other.assumptions.includes(sentence));
      return isCommon ? sentence : `${names[index]}: ${sentence}`;
    }),
  );
  return [...new Set([...notes, ...sentences])];
}

export function progressWords({ progress, order }: Pick<SimulationJob, 'progress' | 'order'>): string {
  if (progress === null) return 'Building the organisation…';
  const { variant, round, ready, agents, virtualSeconds } = progress;
  const name = order.variants[variant]?.name ?? '';
  const sample = order.maximumWallSeconds === null ? '' : `, sample ${round}`;
  return `${name}${sample}: ${formatCount(ready)} of ${formatQuantity(agents, 'agent')} ready, ${virtualTimeWords(virtualSeconds)} of virtual time.`;
}

export const stateWords: { readonly [State in SimulationJob['state']]: string } = {
  waiting: 'Waits',
  running: 'Runs',
  done: 'Done',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

/** Whether there is something to wait for. */
export function isUnderWay({ state }: Pick<SimulationSummary, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}

export function orderWords({ organisation, packageMebibytes, variants }: SimulationSummary['order']): string {
  const where =
    organisation.kind === 'server'
      ? 'the sites of this server'
      : `${formatQuantity(organisation.agents, 'agent')} in ${formatQuantity(organisation.sites, 'site')}`;
  return `${variants.map(({ name }) => name).join(' and ')}, ${formatCount(packageMebibytes)} MiB, ${where}`;
}
