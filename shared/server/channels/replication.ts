import { isCovered, minuteSpansOf, minutesPerWeek, minutesUntilCovered, timeOfWeek } from '../../base/week-time.ts';
import type { ReplicationState } from '../../contracts/channels.ts';
import type { PackageCopy } from '../package-copy.ts';
import type { ChannelTerms } from './channel-terms.ts';

/** What a channel wants of a Package Server: one package, on its terms. */
export interface ReplicationWish {
  readonly terms: ChannelTerms;
  readonly isExpired: boolean;
  readonly isWithdrawn: boolean;
  readonly blockCount: number;
  readonly isOnline: boolean;
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
  /** Why it is in this state, in a sentence; '' where the state says it all. */
  readonly reason: string;
  /** Since when the Package Server is in the state that it told; null = it told none. */
  readonly sinceMs: number | null;
}

/** Where a copy stands, from what is wanted, what the Package Server told and what the clocks say. */
export function replicationOf(wish: ReplicationWish, copy: PackageCopy | null, now: ReplicationNow): Replication {
  const blockCount = copy === null || copy.blockCount === 0 ? wish.blockCount : copy.blockCount;
  const blocks = Math.min(copy?.blocks ?? 0, blockCount);
  const isWhole = blockCount > 0 && blocks >= blockCount;
  const state = stateOf(wish, copy, isWhole, now);
  return { state, blocks, blockCount, reason: reasonOf(state, wish, copy, now), sinceMs: copy?.atMs ?? null };
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
      return 'failed';
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

function reasonOf(
  state: ReplicationState,
  { terms, isOnline }: ReplicationWish,
  copy: PackageCopy | null,
  now: ReplicationNow,
): string {
  switch (state) {
    case 'not-before':
      return 'The time from which it may be copied has not come.';
    case 'outside-window': {
      const waitMinutes = minutesUntilCovered(terms.windows.flatMap(minuteSpansOf), now.minuteOfWeek);
      const opens = timeOfWeek((now.minuteOfWeek + waitMinutes) % minutesPerWeek);
      return `The window opens at ${opens}, by the clocks of its site.`;
    }
    case 'waiting':
      if (!isOnline) return 'The Package Server is offline.';
      return copy?.detail ?? '';
    case 'failed':
      return copy?.detail ?? '';
    case 'withdrawn':
      return 'This version was withdrawn.';
    case 'expired':
      return 'It is not to be kept any longer, and goes when nobody uses it.';
    case 'copying':
    case 'complete':
      return '';
  }
}
