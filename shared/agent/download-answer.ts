import type { AgentId } from '../base/ids.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';
import { because } from './journal-sentences.ts';
import type { TransferRun } from './transfer-tally.ts';

/** What is under way and what has come lately, of a package that is downloading. */
export interface DownloadSituation {
  readonly inFlight: readonly {
    readonly source: SourceKind;
    readonly reason: JournalReason;
    readonly peer: AgentId | null;
  }[];
  /** Newest block first. */
  readonly runs: readonly TransferRun[];
  readonly nameOf: (peer: AgentId) => string;
  /** The computer's own subnets, in CIDR form. */
  readonly ownSubnets: readonly string[];
  /** Why servers send slowly; null where nothing limits them. */
  readonly throttleSentence: string | null;
}

export interface DownloadAnswer {
  readonly sentence: string;
  /** Wall-clock time since when it is so; null: the first block is still on its way. */
  readonly sinceMs: number | null;
}

interface Course {
  readonly source: SourceKind;
  readonly reason: JournalReason;
  readonly requests: number;
  readonly peers: readonly AgentId[];
}

const namedPeers = 3;

/**
 * "From where, and why?" of a download that runs, for helpdesk: from where the next block comes, else the last one. Null where
 * nothing is under way and nothing came lately: then the journal's latest decision says more.
 */
export function downloadAnswer(situation: DownloadSituation): DownloadAnswer | null {
  const courses = coursesOf(situation);
  const [main, ...others] = courses;
  if (main === undefined) return null;
  const run = situation.runs.find(({ source, reason }) => source === main.source && reason === main.reason);
  const isThrottled = situation.throttleSentence !== null && courses.some(({ source }) => source !== 'peer');
  const sentences = [
    `Downloading from ${originOf(main, situation)}, because ${becauseOf(main, situation)}.`,
    ...(others.length === 0 ? [] : [`At the same time from ${otherOrigins(others)}.`]),
    ...(isThrottled && situation.throttleSentence !== null ? [situation.throttleSentence] : []),
  ];
  return { sentence: sentences.join(' '), sinceMs: run?.sinceMs ?? null };
}

/** Most requests under way first; where none is, the source of the newest block. */
function coursesOf({ inFlight, runs }: DownloadSituation): Course[] {
  const byCourse = new Map<
    string,
    { source: SourceKind; reason: JournalReason; requests: number; peers: Set<AgentId> }
  >();
  for (const { source, reason, peer } of inFlight) {
    const course = byCourse.get(`${source}/${reason}`) ?? { source, reason, requests: 0, peers: new Set<AgentId>() };
    course.requests++;
    if (peer !== null) course.peers.add(peer);
    byCourse.set(`${source}/${reason}`, course);
  }
  const courses = [...byCourse.values()].sort((a, b) => b.requests - a.requests);
  if (courses.length > 0) return courses.map((course) => ({ ...course, peers: [...course.peers] }));
  const newest = runs[0];
  if (newest === undefined) return [];
  const { source, reason, lastPeer } = newest;
  return [{ source, reason, requests: 0, peers: lastPeer === null ? [] : [lastPeer] }];
}

function originOf({ source, peers }: Course, { nameOf }: DownloadSituation): string {
  if (source !== 'peer') return serverNames[source];
  const names = peers.map(nameOf).filter((name) => name !== '');
  if (names.length === 0 || names.length < peers.length) {
    return peers.length <= 1 ? 'another computer' : `${peers.length} other computers`;
  }
  if (names.length <= namedPeers) return listed(names);
  return `${peers.length} other computers (${names.slice(0, namedPeers).join(', ')} and others)`;
}

const serverNames = {
  'notification-server': 'the Notification Server',
  'package-server-own-site': 'the Package Server of the site',
  'package-server-foreign': 'a Package Server of another site',
} as const;

function otherOrigins(others: readonly Course[]): string {
  const origins = new Set(others.map(({ source }) => (source === 'peer' ? 'other computers' : serverNames[source])));
  return listed([...origins]);
}

function becauseOf({ source, reason, peers }: Course, { ownSubnets }: DownloadSituation): string {
  const place = ownSubnets.length === 0 ? 'its subnet' : listed(ownSubnets, 'or');
  const these = peers.length > 1 ? 'they have' : 'it has';
  switch (reason) {
    case 'lane':
      return `no other computer in ${place} has these blocks and this one fetches them for all`;
    case 'following-claim':
      return source === 'peer'
        ? 'it fetches the package over the WAN link and passes it on'
        : `no other computer in ${place} passes these blocks on`;
    case 'peer-has-block':
      return `${these} the blocks`;
    case 'no-peer-known':
      return `no other computer in ${place} is known`;
    case 'no-holder-online':
      return `no computer in ${place} that is online has them`;
    case 'attempts-used-up':
      return `the computers in ${place} that have them failed too often`;
    case 'package-server-of-site':
      return `no other computer in ${place} had these blocks to pass on`;
    default:
      return because(reason);
  }
}

function listed(words: readonly string[], conjunction = 'and'): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}
