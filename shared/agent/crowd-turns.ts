import type { AgentId } from '../base/ids.ts';

/** Below it everybody asks: a holder lets so many wait, and sends them on as soon as there is another. */
const smallestCrowd = 8;
/** So many ask for a block for each that is known to hold it: one has it next, the others while it is passed on. */
const askersPerHolder = 3;
/** Between the first places of two blocks: who asks first for one of them does not for the next. */
const placesApart = 5;
/** Not everybody hears of every holder: the first ask after this time all the same, who comes later after as much again … */
const waitMs = 500;
/** … for so many places as holders can serve, and nobody later than this. */
const longestWaitMs = 5000;

/**
 * Where many want a block that hardly anybody holds, most requests would be in vain, and each costs both sides a
 * connection. All that want the package stand in a ring in the order of their ids, the first place another for each block;
 * so many of them ask as the holders can serve, more with every holder that is heard.
 */
export class CrowdTurns {
  readonly #ownId: AgentId;
  /** Blocks that this agent waits with, and until when at the latest. */
  readonly #waitsUntilMs = new Map<number, number>();
  #followers: readonly AgentId[] = [];
  #ownIndex = 0;

  constructor(ownId: AgentId) {
    this.#ownId = ownId;
  }

  /** `followers`: the others that want the package, sorted. */
  mayAsk(block: number, holders: number, followers: readonly AgentId[], nowMs: number): boolean {
    const wanting = followers.length + 1;
    const asking = holders * askersPerHolder;
    if (wanting <= Math.max(smallestCrowd, asking)) return true;
    const place = (this.#indexAmong(followers) + block * placesApart) % wanting;
    if (place < asking) return true;
    const untilMs = this.#waitsUntilMs.get(block) ?? nowMs + Math.min(waitMs * (place / asking), longestWaitMs);
    this.#waitsUntilMs.set(block, untilMs);
    return nowMs >= untilMs;
  }

  /** Like `mayAsk`; true as well where that has not been asked of the block yet. */
  isOpen(block: number, holders: number, followers: readonly AgentId[], nowMs: number): boolean {
    return !this.#waitsUntilMs.has(block) || this.mayAsk(block, holders, followers, nowMs);
  }

  noteStored(block: number): void {
    this.#waitsUntilMs.delete(block);
  }

  /** When the next wait ends; Infinity where there is none. */
  nextEndMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const untilMs of this.#waitsUntilMs.values()) if (untilMs > nowMs) nextMs = Math.min(nextMs, untilMs);
    return nextMs;
  }

  #indexAmong(followers: readonly AgentId[]): number {
    if (followers !== this.#followers) {
      this.#followers = followers;
      const after = followers.findIndex((follower) => follower > this.#ownId);
      this.#ownIndex = after < 0 ? followers.length : after;
    }
    return this.#ownIndex;
  }
}
