import { isCovered, minuteSpansOf } from '../../base/week-time.ts';
import type { ReplicationState } from '../../contracts/channels.ts';
import type { PackageState } from '../../contracts/package-state.ts';
import type { ChannelTerms } from './channel-terms.ts';

/** What is known of a package on an agent. */
export interface PackageCopy {
  readonly state: PackageState;
  /** That are there, at most `blockCount`. */
  readonly blocks: number;
  readonly blockCount: number;
  /** For `failed` and for what was deleted: a sentence for people. */
  readonly detail: string;
  /** Since when it is in this state. */
  readonly atMs: number;
}

export type CopyEvent = Omit<PackageCopy, 'detail'> &
  (
    | {
        /** An event of the agent, stored for good, in the order in which the agent made them. */
        readonly kind: 'told';
        readonly detail: string;
      }
    | {
        /** A report while somebody looks; it travels on another connection and may come late. */
        readonly kind: 'seen';
      }
  );

/** The newest word counts, but a report never takes back that a package is complete. */
export function reduceCopy(before: PackageCopy | null, event: CopyEvent): PackageCopy {
  const { state, blockCount } = event;
  const blocks = Math.min(event.blocks, blockCount);
  if (event.kind === 'told') {
    const isSame = before?.state === state && before.detail === event.detail;
    return { state, blocks, blockCount, detail: event.detail, atMs: isSame ? before.atMs : event.atMs };
  }
  if (before?.state === 'ready' && state === 'downloading') return before;
  const isSame = before?.state === state;
  return {
    state,
    blocks,
    blockCount,
    detail: isSame ? before.detail : '',
    atMs: isSame ? before.atMs : event.atMs,
  };
}

/** What a channel wants of a Package Server: one package, on its terms. */
export interface ReplicationWish {
  readonly terms: ChannelTerms;
  readonly isExpired: boolean;
  readonly isWithdrawn: boolean;
  readonly blockCount: number;
}

/** The clocks, read at one moment. */
export interface ReplicationNow {
  readonly wallTimeMs: number;
  /** By the clocks of the Package Server's site. */
  readonly minuteOfWeek: number;
}

export interface Replication {
  readonly state: ReplicationState;
  readonly blocks: number;
  readonly blockCount: number;
  /** Why it failed, or was deleted; else empty. */
  readonly detail: string;
  /** Since when the Package Server is in the state that it told; null = it told none. */
  readonly sinceMs: number | null;
}

/** Where a copy stands, from what is wanted, what the Package Server told and what the clocks say. */
export function replicationOf(wish: ReplicationWish, copy: PackageCopy | null, now: ReplicationNow): Replication {
  const blockCount = copy === null || copy.blockCount === 0 ? wish.blockCount : copy.blockCount;
  const blocks = Math.min(copy?.blocks ?? 0, blockCount);
  const state = stateOf(wish, copy, blocks >= blockCount, now);
  return { state, blocks, blockCount, detail: copy?.detail ?? '', sinceMs: copy?.atMs ?? null };
}

function stateOf(
  { isWithdrawn, isExpired, terms }: ReplicationWish,
  copy: PackageCopy | null,
  isWhole: boolean,
  now: ReplicationNow,
): ReplicationState {
  if (isWithdrawn) return 'withdrawn';
  if (isExpired) return 'expired';
  switch (copy?.state) {
    case 'downloading':
      return 'copying';
    case 'failed':
      return isWhole ? 'complete' : 'failed';
    case 'ready':
    case 'installing':
    case 'installed':
      // Without all blocks it was deleted since, and comes again.
      if (isWhole) return 'complete';
      break;
  }
  const { availableFromMs, windows, priority } = terms;
  if (availableFromMs !== null && now.wallTimeMs < availableFromMs) return 'not-before';
  const isOpen = windows.length === 0 || priority === 'emergency';
  return isOpen || isCovered(windows.flatMap(minuteSpansOf), now.minuteOfWeek) ? 'waiting' : 'outside-window';
}
