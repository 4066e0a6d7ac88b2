import type { BlockSet } from '../base/block-set.ts';
import type { Swarm } from './swarm.ts';

/** A lane holds at most so many blocks that no other live peer has verified, those under way included. */
export function laneWindowBlocks(blockCount: number): number {
  return Math.max(2, Math.ceil(blockCount / 100));
}

/** Own blocks that no live peer holds: what would cross the WAN again if this computer died now. */
export function unspreadBlocks(blocks: BlockSet, swarm: Swarm): number {
  let unspread = 0;
  for (const [first, end] of blocks.ranges()) {
    for (let block = first; block < end; block++) if (swarm.holdersOf(block) === 0) unspread++;
  }
  return unspread;
}

/**
 * Bounds what a death of the first downloader can cost. The limit holds while somebody follows, and lifts where followers
 * exist by name only: none has fetched anything for the HTTP request timeout although there was something to fetch.
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
  }): number {
    if (subject.followers === 0) {
      this.#fullSinceMs = null;
      return Number.POSITIVE_INFINITY;
    }
    const room = laneWindowBlocks(subject.blockCount) - subject.unspread - subject.inFlight;
    if (room > 0 || subject.inFlight > 0) {
      this.#fullSinceMs = null;
      return Math.max(0, room);
    }
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
