import type { AgentId, PackageKey } from '../base/ids.ts';

/** Beyond it nobody is made to wait: a subnet has at most some hundred computers, and a lane some blocks that they ask for. */
const maxHeld = 256;
/** Who was sent elsewhere so often for a block gets it here. */
const maxReferrals = 3;
/** Blocks that somebody was sent elsewhere for; a lane's window holds far fewer. */
const maxReferredBlocks = 128;

export interface HeldRequest {
  readonly requestId: number;
  readonly peer: AgentId;
  readonly key: PackageKey;
  readonly block: number;
  /** Longer than this it does not wait. */
  readonly untilMs: number;
}

interface Referrals {
  /** How often a peer was sent elsewhere for the block. */
  readonly timesOfPeer: Map<AgentId, number>;
  /** Holders that a share of those who wait was sent to. */
  readonly holders: Set<AgentId>;
}

/** Requests that wait here for their answer, and who was sent elsewhere. It answers none. */
export class HeldRequests {
  /** Another array after each change: who walks through it answers some of them. */
  #all: readonly HeldRequest[] = [];
  readonly #referrals = new Map<string, Referrals>();

  get isFull(): boolean {
    return this.#all.length >= maxHeld;
  }

  /** Oldest first. */
  get all(): readonly HeldRequest[] {
    return this.#all;
  }

  add(request: HeldRequest): void {
    this.#all = [...this.#all, request];
  }

  remove(requestId: number): void {
    this.#all = this.#all.filter((held) => held.requestId !== requestId);
  }

  /** Infinity where nobody waits. */
  nextEndMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const held of this.#all) nextMs = Math.min(nextMs, held.untilMs);
    return nextMs;
  }

  mayRefer(key: PackageKey, block: number, peer: AgentId): boolean {
    return (this.#referrals.get(`${key}/${block}`)?.timesOfPeer.get(peer) ?? 0) < maxReferrals;
  }

  noteReferred(key: PackageKey, block: number, peer: AgentId): void {
    const { timesOfPeer } = this.#referralsOf(key, block);
    timesOfPeer.set(peer, (timesOfPeer.get(peer) ?? 0) + 1);
  }

  /** True the first time: then a share of those who wait for the block is sent to this holder. */
  noteHolder(key: PackageKey, block: number, holder: AgentId): boolean {
    const { holders } = this.#referralsOf(key, block);
    if (holders.has(holder)) return false;
    holders.add(holder);
    return true;
  }

  #referralsOf(key: PackageKey, block: number): Referrals {
    const name = `${key}/${block}`;
    const known = this.#referrals.get(name);
    if (known !== undefined) return known;
    const made: Referrals = { timesOfPeer: new Map(), holders: new Set() };
    this.#referrals.set(name, made);
    const [oldest] = this.#referrals.keys();
    if (oldest !== undefined && this.#referrals.size > maxReferredBlocks) this.#referrals.delete(oldest);
    return made;
  }
}
