import type { AgentId } from '../base/ids.ts';
import { CrowdRing, nextPlaces } from './crowd-ring.ts';
import type { Swarm } from './swarm.ts';

/** Below it everybody asks: a holder lets so many wait, and sends them on as soon as there is another. */
const fewestTakingTurns = 8;
/** Not everybody hears of every holder: the first ask after this time all the same, who comes later after as much again … */
const waitMs = 500;
/** … for so many places as holders can serve, and nobody later than this. */
const longestWaitMs = 5000;
/** A Package Server fetches over the WAN what the first ask it for. Should they be gone, others ask, nobody later than this. */
const longestServerWaitMs = 120_000;
/** … so many at a time. */
const serverTurnMs = 20_000;

/**
 * Where many want a block that hardly anybody holds, most requests would be in vain, and each costs both sides a
 * connection. So many of the ring of those who want it ask as the holders can serve, more with every holder that is heard.
 */
export class CrowdTurns {
  readonly #swarm: Pick<Swarm, 'followers' | 'holdersOf' | 'holds'>;
  readonly #ring: CrowdRing;
  /** Blocks that this agent waits with, and until when at the latest. */
  readonly #waitsUntilMs = new Map<number, number>();

  constructor(ownId: AgentId, swarm: Pick<Swarm, 'followers' | 'holdersOf' | 'holds'>) {
    this.#swarm = swarm;
    this.#ring = new CrowdRing(ownId);
  }

  get isCrowd(): boolean {
    return this.#ring.isCrowd;
  }

  /** Whether to ask a peer for the block. */
  mayAsk(block: number, nowMs: number): boolean {
    const ring = this.#ringNow();
    const asking = this.#swarm.holdersOf(block) * nextPlaces;
    if (ring.size <= Math.max(fewestTakingTurns, asking)) return true;
    const place = ring.placeFor(block);
    if (place < asking || this.#isHeldByGiver(block, ring)) return true;
    return this.#hasWaited(block, waitMs * (place / asking), longestWaitMs, nowMs);
  }

  /** Whether to ask a Package Server of the site for a block that no peer is known to hold. */
  mayAskServer(block: number, nowMs: number): boolean {
    const ring = this.#ringNow();
    if (!ring.isCrowd) return true;
    const place = ring.placeFor(block);
    return (
      place < nextPlaces ||
      this.#hasWaited(block, serverTurnMs * Math.floor(place / nextPlaces), longestServerWaitMs, nowMs)
    );
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

  #isHeldByGiver(block: number, ring: CrowdRing): boolean {
    const giver = ring.giverOf(block);
    return giver !== null && this.#swarm.holds(giver, block);
  }

  #hasWaited(block: number, ms: number, longestMs: number, nowMs: number): boolean {
    const plannedMs = this.#waitsUntilMs.get(block) ?? Number.POSITIVE_INFINITY;
    const untilMs = Math.min(plannedMs, nowMs + Math.min(ms, longestMs));
    if (untilMs < plannedMs) this.#waitsUntilMs.set(block, untilMs);
    return nowMs >= untilMs;
  }

  #ringNow(): CrowdRing {
    this.#ring.follow(this.#swarm.followers());
    return this.#ring;
  }
}
