import { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';

/** Peers whose block maps are kept per package; equals the bound of the subnet directory. */
const maxMaps = 1024;
/** How long a peer that wanted, asked or told counts as taking part, without a further word of it. */
export const interestMs = 30_000;

interface Holding {
  readonly blocks: BlockSet;
  mapVersion: number;
}

/** What this agent knows of the other agents that hold or want one package. It asks nobody and decides nothing. */
export class Swarm {
  readonly blockCount: number;
  readonly #holdings = new Map<AgentId, Holding>();
  /** For each block the number of peers known to hold it. */
  readonly #holdersOfBlock: Uint16Array;
  /** Blocks that at least one peer is known to hold. */
  readonly #held: BlockSet;
  /** Sorted; null where it has changed since. */
  #holders: readonly AgentId[] | null = null;
  readonly #wantedAtMs = new Map<AgentId, number>();
  /** Hold a part and do not fetch the rest: held up, or without room for it. */
  readonly #resting = new Set<AgentId>();
  /** Sent a damaged block of this package: what they say of it is worth nothing. */
  readonly #distrusted = new Set<AgentId>();
  /** Are asked as servers, by another way: what they say as peers is not heeded. */
  #leftOut: ReadonlySet<AgentId> = new Set();
  /** Sorted; null where the set has changed since. */
  #followers: readonly AgentId[] | null = null;

  constructor(blockCount: number) {
    this.blockCount = blockCount;
    this.#holdersOfBlock = new Uint16Array(blockCount);
    this.#held = new BlockSet(blockCount);
  }

  /** A peer's own word on its blocks. An older one than is known is ignored: datagrams overtake each other. */
  setMap(peer: AgentId, blocks: BlockSet, mapVersion: number): boolean {
    if (blocks.size !== this.blockCount || this.#isIgnored(peer)) return false;
    const known = this.#holdings.get(peer);
    if (known !== undefined && mapVersion < known.mapVersion) return false;
    if (known === undefined && this.#holdings.size >= maxMaps) return false;
    for (const block of blocks.differences(known?.blocks ?? new BlockSet(this.blockCount))) {
      this.#adjust(block, blocks.has(block) ? 1 : -1);
    }
    if ((known?.blocks.count ?? 0) > 0 !== blocks.count > 0) this.#holders = null;
    this.#holdings.set(peer, { blocks, mapVersion });
    if (blocks.isFull) this.#forgetWant(peer);
    return true;
  }

  /** Another's word that a peer holds a block: less worth than its own, but a lead. */
  addLead(peer: AgentId, block: number): void {
    if (block >= this.blockCount || this.#isIgnored(peer)) return;
    const known = this.#holdings.get(peer);
    if (known === undefined) {
      const blocks = new BlockSet(this.blockCount);
      blocks.add(block);
      this.setMap(peer, blocks, 0);
    } else if (known.blocks.add(block)) {
      this.#adjust(block, 1);
      this.#holders = null;
    }
  }

  /**
   * The peer answered that it has not got this block. Where it had said so itself, it has lost its disk since, or found it
   * damaged: its next map counts, though it is of fewer blocks.
   */
  removeBlock(peer: AgentId, block: number): void {
    const known = this.#holdings.get(peer);
    if (known?.blocks.delete(block) !== true) return;
    known.mapVersion = 0;
    this.#adjust(block, -1);
    this.#holders = null;
  }

  noteWanted(peer: AgentId, nowMs: number): void {
    if (this.#isIgnored(peer) || this.#holdings.get(peer)?.blocks.isFull === true) return;
    const isKnown = this.#wantedAtMs.has(peer);
    if (!isKnown && this.#wantedAtMs.size >= maxMaps) return;
    if (!isKnown) this.#followers = null;
    this.#resting.delete(peer);
    this.#wantedAtMs.set(peer, nowMs);
  }

  /** By its own word the peer takes no part now; what it holds can be had from it. A want of it ends that. */
  setResting(peer: AgentId, isResting: boolean): void {
    if (!isResting) this.#resting.delete(peer);
    else if (this.#resting.size < maxMaps) this.#resting.add(peer);
    if (isResting) this.#forgetWant(peer);
  }

  isResting(peer: AgentId): boolean {
    return this.#resting.has(peer);
  }

  /** It has not said that it is done or does not fetch: over a slow link it may say nothing for a long time. */
  mayBeFetching(peer: AgentId): boolean {
    return !this.#resting.has(peer) && !this.#isIgnored(peer) && this.#holdings.get(peer)?.blocks.isFull !== true;
  }

  remove(peer: AgentId): void {
    this.#resting.delete(peer);
    this.forgetMap(peer);
    this.#forgetWant(peer);
  }

  /** The peer counts as holding nothing; what it wants is another matter. */
  forgetMap(peer: AgentId): void {
    const known = this.#holdings.get(peer);
    if (known === undefined) return;
    for (const [first, end] of known.blocks.ranges())
      for (let block = first; block < end; block++) this.#adjust(block, -1);
    this.#holdings.delete(peer);
    this.#holders = null;
  }

  /** From now on the peer neither holds nor wants anything of this package, whatever it or others say. */
  distrust(peer: AgentId): void {
    this.remove(peer);
    this.#distrusted.add(peer);
  }

  distrusts(peer: AgentId): boolean {
    return this.#distrusted.has(peer);
  }

  /** From now on exactly these count as no peers: they neither hold nor want anything. */
  leaveOut(peers: readonly AgentId[]): void {
    for (const peer of peers) this.remove(peer);
    this.#leftOut = new Set(peers);
  }

  /** Neither a peer for this package nor told as one. */
  isLeftOut(peer: AgentId): boolean {
    return this.#leftOut.has(peer);
  }

  /** Drops everybody for whom `isAlive` is false, and wants that nobody repeated. */
  prune(isAlive: (peer: AgentId) => boolean, nowMs: number): void {
    for (const peer of [...this.#holdings.keys(), ...this.#resting]) if (!isAlive(peer)) this.remove(peer);
    for (const [peer, atMs] of [...this.#wantedAtMs]) {
      if (!isAlive(peer) || nowMs - atMs > interestMs) this.#forgetWant(peer);
    }
  }

  blocksOf(peer: AgentId): BlockSet | null {
    return this.#holdings.get(peer)?.blocks ?? null;
  }

  /** Each of them, one at least, said that it wants the package, or what it holds of it. */
  areAllHeard(peers: readonly { readonly agentId: AgentId }[]): boolean {
    if (peers.length === 0) return false;
    return peers.every(({ agentId }) => this.#wantedAtMs.has(agentId) || this.#holdings.has(agentId));
  }

  /** Blocks that at least one peer is known to hold. Not to be changed. */
  get held(): BlockSet {
    return this.#held;
  }

  /** How many peers hold the block. */
  holdersOf(block: number): number {
    return this.#holdersOfBlock[block] ?? 0;
  }

  /** Peers that hold at least one block, in the order of their ids. */
  holders(): readonly AgentId[] {
    this.#holders ??= [...this.#holdings]
      .filter(([, holding]) => holding.blocks.count > 0)
      .map(([peer]) => peer)
      .sort();
    return this.#holders;
  }

  /** Peers that are still missing blocks and said so lately, in the order of their ids. */
  followers(): readonly AgentId[] {
    this.#followers ??= [...this.#wantedAtMs.keys()].sort();
    return this.#followers;
  }

  /** The follower that has most already; equal ones in the order of their ids. */
  bestFollower(): AgentId | null {
    let best: AgentId | null = null;
    let most = -1;
    for (const follower of this.followers()) {
      const blocks = this.blocksOf(follower)?.count ?? 0;
      if (blocks > most) best = follower;
      most = Math.max(most, blocks);
    }
    return best;
  }

  get followerCount(): number {
    return this.#wantedAtMs.size;
  }

  #isIgnored(peer: AgentId): boolean {
    return this.#distrusted.has(peer) || this.#leftOut.has(peer);
  }

  #forgetWant(peer: AgentId): void {
    if (this.#wantedAtMs.delete(peer)) this.#followers = null;
  }

  #adjust(block: number, change: 1 | -1): void {
    const holders = (this.#holdersOfBlock[block] ?? 0) + change;
    this.#holdersOfBlock[block] = holders;
    if (holders > 0) this.#held.add(block);
    else this.#held.delete(block);
  }
}
