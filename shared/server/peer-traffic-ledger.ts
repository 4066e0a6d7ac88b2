import type { TrafficRing } from './traffic-ring.ts';

interface Account {
  bootId: number;
  /** Counter of the newest live report of this boot; null before the first where we missed the boot's beginning. */
  liveCounter: number | null;
  /** Live bytes minus event bytes of this boot. Above zero: shown, but not stored yet. Below: stored before seen live. */
  balanceBytes: number;
  lastShownAtMs: number;
}

/**
 * Peer bytes reach the server twice: as a rising counter in live reports (only while somebody looks, lost with a crash)
 * and as `transferred` events (always, stored exactly once). The chart needs both, and no byte twice. Per agent and boot:
 * 1. Whichever tells a byte first shows it; `balanceBytes` remembers how far one is ahead of the other.
 * 2. A live report shows its bytes at once. An event spreads them over the time since the agent last showed anything:
 *    without an audience events come once in a while, and a single peak would be a lie.
 * 3. A total is the stored bytes plus `unstoredBytes`, so that it neither lags nor jumps when the event arrives.
 * Says nothing about direct bytes: those are counted at the sending sockets.
 */
export class PeerTrafficLedger<Agent extends string> {
  readonly #ring: TrafficRing;
  readonly #accounts = new Map<Agent, Account>();

  constructor(ring: TrafficRing) {
    this.#ring = ring;
  }

  /** A `started` event: the counters of this boot begin at zero, and what an earlier boot never told as an event is gone. */
  bootStarted(agent: Agent, bootId: number, nowMs: number): void {
    if (this.#accounts.get(agent)?.bootId === bootId) return;
    this.#accounts.set(agent, { bootId, liveCounter: 0, balanceBytes: 0, lastShownAtMs: nowMs });
  }

  liveReported(agent: Agent, bootId: number, peerBytesIn: number, nowMs: number): void {
    let account = this.#accounts.get(agent);
    if (account === undefined || account.bootId !== bootId) {
      // Counting began before we listened: what is in the counter already came as events, or will.
      account = { bootId, liveCounter: null, balanceBytes: 0, lastShownAtMs: nowMs };
      this.#accounts.set(agent, account);
    }
    const grown = Math.max(0, peerBytesIn - (account.liveCounter ?? peerBytesIn));
    const known = Math.min(grown, Math.max(0, -account.balanceBytes));
    account.liveCounter = Math.max(peerBytesIn, account.liveCounter ?? 0);
    account.balanceBytes += grown;
    account.lastShownAtMs = nowMs;
    if (grown > known) this.#ring.addPeer(nowMs, grown - known);
  }

  /** `bytes` from peers in a `transferred` event that has just been stored. */
  eventStored(agent: Agent, bytes: number, nowMs: number): void {
    const account = this.#accounts.get(agent);
    const fresh = bytes - Math.min(bytes, this.unstoredBytesOf(agent));
    if (fresh > 0) this.#ring.spreadPeer(account?.lastShownAtMs ?? nowMs, nowMs, fresh);
    if (account === undefined) return;
    account.balanceBytes -= bytes;
    account.lastShownAtMs = nowMs;
  }

  unstoredBytesOf(agent: Agent): number {
    return Math.max(0, this.#accounts.get(agent)?.balanceBytes ?? 0);
  }

  unstoredBytes(): number {
    let sum = 0;
    for (const account of this.#accounts.values()) sum += Math.max(0, account.balanceBytes);
    return sum;
  }
}
