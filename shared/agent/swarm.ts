import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import { placeAmong } from './crowd-ring.ts';
import type { PeerNumbers } from './peer-numbers.ts';
import { SwarmRows } from './swarm-rows.ts';

/** Peers whose block maps are kept per package; equals the bound of the subnet directory. */
const maxMaps = 1024;
/** How long a peer that wanted, asked or told counts as taking part, without a further word of it … */
export const interestMs = 30_000;
/** … where so many take part; where more do, each of them says less. */
const talkativePeers = 16;
/** More than a 503 names. */
const enoughHolders = 12;

/** What this agent knows of the other agents that hold or want one package. It asks nobody and decides nothing. */
export class Swarm {
  readonly blockCount: number;
  readonly #rows: SwarmRows;
  /** Sorted; null where it has changed since. */
  #holders: readonly AgentId[] | null = null;
  /** Sent a damaged block of this package: what they say of it is worth nothing. */
  readonly #distrusted = new Set<AgentId>();
  /** Are asked as servers, by another way: what they say as peers is not heeded. */
  #leftOut: ReadonlySet<AgentId> = new Set();
  /** Sorted; null until somebody asks. Who has asked keeps the array as it was: after that a change is made in a copy. */
  #followers: AgentId[] | null = null;
  #areFollowersOut = false;

  constructor(blockCount: number, numbers?: PeerNumbers) {
    this.blockCount = blockCount;
    this.#rows = new SwarmRows(blockCount, numbers);
  }

  /** A peer's own word on its blocks. An older one than is known is ignored: datagrams overtake each other. */
  setMap(peer: AgentId, blocks: BlockSet, mapVersion: number): boolean {
    if (blocks.size !== this.blockCount || this.#isIgnored(peer)) return false;
    const rows = this.#rows;
    const known = rows.find(peer);
    const hadMap = rows.hasMap(known);
    if (hadMap && mapVersion < rows.mapVersion(known)) return false;
    if (!hadMap && rows.mapCount >= maxMaps) return false;
    const row = rows.take(peer);
    if (rows.count(row) > 0 !== blocks.count > 0) this.#holders = null;
    rows.setMap(row, blocks, mapVersion);
    if (blocks.isFull) this.#forgetWant(peer);
    return true;
  }

  /** Another's word that a peer holds a block: less worth than its own, but a lead. */
  addLead(peer: AgentId, block: number): void {
    if (block >= this.blockCount || this.#isIgnored(peer)) return;
    const rows = this.#rows;
    if (!rows.hasMap(rows.find(peer)) && rows.mapCount >= maxMaps) return;
    const row = rows.take(peer);
    if (rows.count(row) === 0) this.#holders = null;
    rows.addBlock(row, block);
  }

  /**
   * The peer answered that it has not got this block. Where it had said so itself, it has lost its disk since, or found it
   * damaged: its next map counts, though it is of fewer blocks.
   */
  removeBlock(peer: AgentId, block: number): void {
    const row = this.#rows.find(peer);
    if (this.#rows.removeBlock(row, block)) this.#holders = null;
  }

  noteWanted(peer: AgentId, nowMs: number): void {
    const rows = this.#rows;
    const known = rows.find(peer);
    if (this.#isIgnored(peer) || this.#isFull(known)) return;
    const isWanting = rows.isWanting(known);
    if (!isWanting && rows.wantingCount >= maxMaps) return;
    if (!isWanting) this.#changeFollowers((followers) => followers.splice(placeAmong(followers, peer), 0, peer));
    rows.setWanting(rows.take(peer), nowMs);
  }

  /** By its own word the peer takes no part now; what it holds can be had from it. A want of it ends that. */
  setResting(peer: AgentId, isResting: boolean): void {
    const rows = this.#rows;
    if (!isResting) rows.endRest(rows.find(peer));
    else {
      this.#forgetWant(peer);
      if (rows.restingCount < maxMaps) rows.beginRest(rows.take(peer));
    }
  }

  /** It is not known that the peer is in that state. Who has everything need not know of everybody else who has. */
  isNews(peer: AgentId, state: 'downloading' | 'ready', isDownloading: boolean): boolean {
    const row = this.#rows.find(peer);
    if (state === 'downloading') return isDownloading && !this.#rows.isWanting(row);
    return !this.#isFull(row) && (isDownloading || !this.knowsEnoughHolders);
  }

  /** More than are ever named to anybody. */
  get knowsEnoughHolders(): boolean {
    return this.holders().length >= enoughHolders;
  }

  isResting(peer: AgentId): boolean {
    return this.#rows.isResting(this.#rows.find(peer));
  }

  /** It has not said that it is done or does not fetch: over a slow link it may say nothing for a long time. */
  mayBeFetching(peer: AgentId): boolean {
    const row = this.#rows.find(peer);
    return !this.#rows.isResting(row) && !this.#isIgnored(peer) && !this.#isFull(row);
  }

  remove(peer: AgentId): void {
    this.#rows.endRest(this.#rows.find(peer));
    this.forgetMap(peer);
    this.#forgetWant(peer);
  }

  /** The peer counts as holding nothing; what it wants is another matter. */
  forgetMap(peer: AgentId): void {
    if (this.#rows.forgetMap(this.#rows.find(peer))) this.#holders = null;
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

  /** Peers of whom something is known. */
  get peerCount(): number {
    return this.#rows.size;
  }

  /** Drops everybody for whom `isThere` is false, and wants that nobody repeated. */
  prune(isThere: (peer: AgentId) => boolean, nowMs: number): void {
    const patienceMs = interestMs * Math.max(1, Math.ceil(this.#rows.wantingCount / talkativePeers));
    this.#rows.forEach((peer, row) => {
      if (!isThere(peer)) this.remove(peer);
      else if (nowMs - this.#rows.wantedAtMs(row) > patienceMs) this.#forgetWant(peer);
    });
  }

  /** It has told its blocks, or others have told of one. */
  hasMapOf(peer: AgentId): boolean {
    return this.#rows.hasMap(this.#rows.find(peer));
  }

  /** How many blocks the peer is known to hold. */
  countOf(peer: AgentId): number {
    return this.#rows.count(this.#rows.find(peer));
  }

  isComplete(peer: AgentId): boolean {
    return this.#isFull(this.#rows.find(peer));
  }

  /** The peer is known to hold the block. */
  holds(peer: AgentId, block: number): boolean {
    return this.#rows.holds(this.#rows.find(peer), block);
  }

  holdsAnyOf(peer: AgentId, blocks: readonly number[]): boolean {
    const row = this.#rows.find(peer);
    return blocks.some((block) => this.#rows.holds(row, block));
  }

  /** The peer has told that it holds every block of `blocks`. */
  holdsAll(peer: AgentId, blocks: BlockSet): boolean {
    const row = this.#rows.find(peer);
    return this.#rows.hasMap(row) && this.#rows.holdsAll(row, blocks);
  }

  /** The peer is known to hold a block that is not in `blocks`. */
  holdsOther(peer: AgentId, blocks: BlockSet): boolean {
    return this.#rows.holdsOther(this.#rows.find(peer), blocks);
  }

  /** The peer is known to hold a block that is in none of the two sets. */
  holdsBeyond(peer: AgentId, here: BlockSet, requested: BlockSet): boolean {
    return this.#rows.holdsBeyond(this.#rows.find(peer), here, requested);
  }

  /** Each of them, one at least, said that it wants the package, or what it holds of it. */
  areAllHeard(peers: readonly { readonly agentId: AgentId }[]): boolean {
    if (peers.length === 0) return false;
    return peers.every(({ agentId }) => {
      const row = this.#rows.find(agentId);
      return this.#rows.isWanting(row) || this.#rows.hasMap(row);
    });
  }

  /** Blocks that at least one peer is known to hold. Not to be changed. */
  get held(): BlockSet {
    return this.#rows.held;
  }

  /** How many peers hold the block. */
  holdersOf(block: number): number {
    return this.#rows.holdersOf(block);
  }

  /** Somebody is known to hold a block that is not in `blocks`. */
  hasOther(blocks: BlockSet): boolean {
    return !blocks.containsAll(this.#rows.held);
  }

  /** Peers that hold at least one block, in the order of their ids. */
  holders(): readonly AgentId[] {
    this.#holders ??= this.#rows.peers((row) => this.#rows.count(row) > 0).sort();
    return this.#holders;
  }

  get completeCount(): number {
    return this.#rows.peers((row) => this.#isFull(row)).length;
  }

  /** Peers that are still missing blocks and said so lately, in the order of their ids. */
  followers(): readonly AgentId[] {
    this.#followers ??= this.#rows.peers((row) => this.#rows.isWanting(row)).sort();
    this.#areFollowersOut = true;
    return this.#followers;
  }

  /** The follower that has most already; equal ones in the order of their ids. */
  bestFollower(): AgentId | null {
    let best: AgentId | null = null;
    let most = -1;
    for (const follower of this.followers()) {
      const blocks = this.countOf(follower);
      if (blocks > most) best = follower;
      most = Math.max(most, blocks);
    }
    return best;
  }

  get followerCount(): number {
    return this.#rows.wantingCount;
  }

  #isFull(row: number): boolean {
    return this.#rows.hasMap(row) && this.#rows.count(row) === this.blockCount;
  }

  #isIgnored(peer: AgentId): boolean {
    return this.#distrusted.has(peer) || this.#leftOut.has(peer);
  }

  #forgetWant(peer: AgentId): void {
    if (!this.#rows.endWant(this.#rows.find(peer))) return;
    this.#changeFollowers((followers) => followers.splice(placeAmong(followers, peer), 1));
  }

  #changeFollowers(change: (followers: AgentId[]) => void): void {
    if (this.#followers === null) return;
    if (this.#areFollowersOut) this.#followers = [...this.#followers];
    this.#areFollowersOut = false;
    change(this.#followers);
  }
}
