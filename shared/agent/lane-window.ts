import type { BlockSet } from '../base/block-set.ts';
import type { Swarm } from './swarm.ts';

/** The part of a package that the death of a lane may cost, where the package is large enough for it to be 2 blocks. */
const windowShare = 1 / 32;
const smallestWindowBlocks = 2;
/** With 16 blocks between a lane and its followers no link waits for another; more would only be lost with a lane. */
const amplyBlocks = 16;

/**
 * A lane holds at most so many blocks that no other live peer has verified, those under way included. Behind a slow WAN
 * link two are never exceeded, because two are under way; behind a fast one the rest hides the time in which a block is
 * copied and told: 256 MiB to 8 agents behind an open link take 9 s with a window of 4, and 12 s with one of 2.
 */
export function laneWindowBlocks(blockCount: number): number {
  return Math.max(smallestWindowBlocks, Math.min(Math.floor(blockCount * windowShare), amplyBlocks));
}

/** Own blocks that no live peer holds: what would cross the WAN again if this computer died now. */
export function unspreadBlocks(blocks: BlockSet, swarm: Swarm): number {
  return blocks.countWithout(swarm.held);
}

/**
 * Bounds what a death of the first downloader can cost. The limit holds while somebody follows, and lifts where followers
 * exist by name only: none has fetched anything for the HTTP request timeout although there was something to fetch. Over a
 * slow way a copy takes longer than that: whoever is being given one fetches.
 */
export class LaneWindow {
  #fullSinceMs: number | null = null;

  /** How many more blocks may be requested over the WAN. */
  room(subject: {
    readonly nowMs: number;
    readonly blockCount: number;
    readonly followers: number;
    readonly unspread: number;
    readonly inFlight: number;
    readonly liftAfterMs: number;
    /** A copy is on its way to a follower. Asked only while the window is full. */
    isGiving(): boolean;
  }): number {
    if (subject.followers === 0) {
      this.#fullSinceMs = null;
      return Number.POSITIVE_INFINITY;
    }
    const room = laneWindowBlocks(subject.blockCount) - subject.unspread - subject.inFlight;
    const hasLifted = this.liftsAtMs(subject.liftAfterMs) <= subject.nowMs;
    if (room > 0 || subject.inFlight > 0) {
      // Once it has lifted, it stays so while nobody fetches: block after block, not one in each timeout.
      if (room > 0 || !hasLifted) this.#fullSinceMs = null;
      return Math.max(0, room);
    }
    if (subject.isGiving()) this.#fullSinceMs = subject.nowMs;
    this.#fullSinceMs ??= subject.nowMs;
    return subject.nowMs - this.#fullSinceMs >= subject.liftAfterMs ? 1 : 0;
  }

  /** When a full window lifts if nobody fetches; Infinity while it is not full. */
  liftsAtMs(liftAfterMs: number): number {
    return this.#fullSinceMs === null ? Number.POSITIVE_INFINITY : this.#fullSinceMs + liftAfterMs;
  }

  noteFollowerFetched(nowMs: number): void {
    if (this.#fullSinceMs !== null) this.#fullSinceMs = nowMs;
  }
}
