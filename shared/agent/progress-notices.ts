import { BlockSet } from '../base/block-set.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { CrowdRing } from './crowd-ring.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { interestMs } from './swarm.ts';

/** Never more often than this, to anybody. */
const minSpacingMs = 50;
/** A notice may be lost: while a claim stands its two ends repeat theirs. */
const repeatMs = 1000;
/** Who asked us longest ago is told least; the rest learns by asking for the block map. */
const maxInterested = 32;
/** In a crowd, where everybody asks many. */
const maxInterestedOfCrowd = 4;
/** In a crowd each block is told along its ring: so many of those who have it first tell whoever fetches it for all … */
const witnessesOfBlock = 12;
/** … and other words become rarer in proportion, from so many that want the package on. */
const crowdPerWord = 16;

interface Told {
  atMs: number;
  blocks: number;
}

/** Everybody has been told everything: until something changes there is nothing to look at. */
interface Quiet {
  readonly untilMs: number;
  readonly blocks: number;
  readonly isLane: boolean;
  readonly foreignLanes: readonly AgentId[];
}

export interface NoticeSituation {
  readonly blocks: BlockSet;
  /** The block verified last; null before the first. */
  readonly newestBlock: number | null;
  /** Nothing holds the download up. */
  readonly isFetching: boolean;
  /** This agent fetches over the WAN. */
  readonly isLane: boolean;
  readonly isWindowFull: boolean;
  /** The lanes that others have. */
  readonly foreignLanes: readonly AgentId[];
  readonly blockProgressMs: number;
  /** How many blocks the peer is known to hold. */
  readonly blocksOfPeer: (peer: AgentId) => number;
  /** The peer is known to hold all that this agent holds. */
  readonly hasAllOfOurs: (peer: AgentId) => boolean;
  readonly holds: (peer: AgentId, block: number) => boolean;
  /** All that want the package. */
  readonly ring: CrowdRing;
}

/** Tells verified blocks: lanes by broadcast, others to the lanes and to peers that showed interest. */
export class ProgressNotices {
  readonly #key: PackageKey;
  readonly #send: {
    readonly broadcast: (message: DatagramMessage) => void;
    readonly tell: (peer: AgentId, message: DatagramMessage) => void;
  };
  readonly #interestedAtMs = new Map<AgentId, number>();
  readonly #told = new Map<AgentId, Told>();
  #quiet: Quiet | null = null;
  /** Blocks that have been told along the ring. */
  readonly #passedOn: BlockSet;
  #broadcast: Told = { atMs: Number.NEGATIVE_INFINITY, blocks: 0 };

  constructor(
    key: PackageKey,
    blockCount: number,
    send: {
      readonly broadcast: (message: DatagramMessage) => void;
      readonly tell: (peer: AgentId, message: DatagramMessage) => void;
    },
  ) {
    this.#key = key;
    this.#passedOn = new BlockSet(blockCount);
    this.#send = send;
  }

  noteInterest(peer: AgentId, nowMs: number): void {
    if (!this.#told.has(peer)) this.#quiet = null;
    this.#interestedAtMs.delete(peer);
    this.#interestedAtMs.set(peer, nowMs);
    if (this.#interestedAtMs.size > maxInterested) this.#forgetLongestAgo();
  }

  #forgetLongestAgo(): void {
    const [longestAgo] = this.#interestedAtMs.keys();
    if (longestAgo !== undefined) this.#interestedAtMs.delete(longestAgo);
  }

  /** An answer to a want or to a new claim: at once, outside of all pacing. */
  answer(peer: AgentId, blocks: BlockSet, isFetching: boolean, nowMs: number): void {
    this.#told.set(peer, { atMs: nowMs, blocks: blocks.count });
    this.#send.tell(peer, blocksMessage(this.#key, blocks, isFetching));
  }

  /** Everybody whom the blocks concern, whether it is due or not. */
  tellReceivers(nowMs: number, situation: NoticeSituation): void {
    this.#forgetOld(nowMs, situation);
    const { blocks, isFetching, foreignLanes } = situation;
    // A lane has to know whatever it holds itself: its window opens with it.
    for (const lane of foreignLanes) this.answer(lane, blocks, isFetching, nowMs);
    for (const peer of this.#interestedAtMs.keys()) {
      if (isNewsTo(peer, situation)) this.answer(peer, blocks, isFetching, nowMs);
    }
    this.#passOn(nowMs, situation);
  }

  /** The peer has yet to be told of some of these blocks, and what it says of its own decides when. */
  isToTell(peer: AgentId, blocks: BlockSet): boolean {
    if (this.#quiet?.blocks === blocks.count || !this.#interestedAtMs.has(peer)) return false;
    return this.#told.get(peer)?.blocks !== blocks.count;
  }

  /** Sends what is due; returns when the next notice is due. */
  step(nowMs: number, situation: NoticeSituation): number {
    const { blocks, isFetching } = situation;
    if (blocks.count === 0) return Number.POSITIVE_INFINITY;
    const quiet = this.#quiet;
    if (quiet !== null && isStillQuiet(quiet, nowMs, situation)) return quiet.untilMs;
    let nextMs = Number.POSITIVE_INFINITY;
    this.#passOn(nowMs, situation);
    if (situation.isLane) {
      const dueMs = this.#broadcastDueMs(situation);
      if (nowMs >= dueMs) {
        this.#broadcast = { atMs: nowMs, blocks: blocks.count };
        this.#send.broadcast(blocksMessage(this.#key, blocks, isFetching));
      }
      nextMs = this.#broadcastDueMs(situation);
    }
    const untoldDueMs = Math.min(this.#tellLanes(nowMs, situation), this.#tellInterested(nowMs, situation));
    const { isLane, foreignLanes } = situation;
    const isBroadcast = !isLane || this.#broadcast.blocks === blocks.count;
    nextMs = Math.min(nextMs, untoldDueMs, this.#repeatAtMs(situation));
    this.#quiet =
      untoldDueMs === Number.POSITIVE_INFINITY && isBroadcast
        ? { untilMs: nextMs, blocks: blocks.count, isLane, foreignLanes }
        : null;
    return nextMs;
  }

  /** In a crowd: what is new here is told at once to those who are to have it from this agent. */
  #passOn(nowMs: number, { ring, blocks, isFetching, isLane, holds }: NoticeSituation): void {
    if (!ring.isCrowd || this.#passedOn.count === blocks.count) return;
    const takers = new Set<AgentId>();
    for (const block of blocks.without(this.#passedOn, this.#passedOn)) {
      this.#passedOn.add(block);
      // What a lane has everybody hears.
      if (!isLane) for (const taker of ring.takersOf(block)) if (!holds(taker, block)) takers.add(taker);
    }
    for (const taker of takers) this.answer(taker, blocks, isFetching, nowMs);
  }

  /** Returns when the next is due that has yet to be told of some of these blocks. */
  #tellLanes(nowMs: number, situation: NoticeSituation): number {
    const { blocks, isFetching, foreignLanes } = situation;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const lane of foreignLanes) {
      const told = this.#told.get(lane);
      const isNew = told === undefined || (blocks.count > told.blocks && this.#isWitness(situation));
      // A lane waits for this word before it takes the next block over the WAN.
      const dueMs = told === undefined ? nowMs : told.atMs + (isNew ? minSpacingMs : this.#repeatMs(situation));
      if (nowMs >= dueMs) this.answer(lane, blocks, isFetching, nowMs);
      else if (isNew) nextMs = Math.min(nextMs, dueMs);
    }
    return nextMs;
  }

  /** Of a crowd some are enough to say that a block is there. */
  #isWitness({ ring, newestBlock }: NoticeSituation): boolean {
    return !ring.isCrowd || newestBlock === null || ring.placeFor(newestBlock) < witnessesOfBlock;
  }

  /** Returns when the next is due that has yet to be told of some of these blocks. */
  #tellInterested(nowMs: number, situation: NoticeSituation): number {
    const { blocks, isFetching, ring } = situation;
    this.#forgetOld(nowMs, situation);
    while (ring.isCrowd && this.#interestedAtMs.size > maxInterestedOfCrowd) this.#forgetLongestAgo();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [peer, askedAtMs] of this.#interestedAtMs) {
      // Whoever asks in a crowd is told by many.
      const told = this.#told.get(peer) ?? (ring.isCrowd ? { atMs: askedAtMs, blocks: 0 } : undefined);
      if (told?.blocks === blocks.count || !isNewsTo(peer, situation)) continue;
      const dueMs = told === undefined ? nowMs : this.#dueMs(peer, told, situation);
      if (nowMs >= dueMs) this.answer(peer, blocks, isFetching, nowMs);
      else nextMs = Math.min(nextMs, dueMs);
    }
    return nextMs;
  }

  #dueMs(peer: AgentId, told: Told, situation: NoticeSituation): number {
    if (situation.ring.isCrowd) return told.atMs + situation.blockProgressMs * rarity(situation);
    const hasNothingLeftToAsk = situation.blocksOfPeer(peer) >= told.blocks;
    return told.atMs + (hasNothingLeftToAsk ? minSpacingMs : situation.blockProgressMs);
  }

  #forgetOld(nowMs: number, { foreignLanes }: NoticeSituation): void {
    for (const [peer, atMs] of this.#interestedAtMs) {
      if (nowMs - atMs <= interestMs) break; // the others asked later
      this.#interestedAtMs.delete(peer);
    }
    for (const peer of this.#told.keys()) {
      if (!this.#interestedAtMs.has(peer) && !foreignLanes.includes(peer)) this.#told.delete(peer);
    }
  }

  #repeatAtMs(situation: NoticeSituation): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const lane of situation.foreignLanes) {
      const told = this.#told.get(lane);
      if (told !== undefined) nextMs = Math.min(nextMs, told.atMs + this.#repeatMs(situation));
    }
    return nextMs;
  }

  #repeatMs(situation: NoticeSituation): number {
    return Math.max(repeatMs, situation.blockProgressMs) * rarity(situation);
  }

  #broadcastDueMs(situation: NoticeSituation): number {
    const isNew = situation.blocks.count > this.#broadcast.blocks;
    if (!isNew) return this.#broadcast.atMs + this.#repeatMs(situation);
    return this.#broadcast.atMs + (situation.isWindowFull ? minSpacingMs : situation.blockProgressMs);
  }
}

/** How much rarer words become that need not be said at once. */
function rarity({ ring }: NoticeSituation): number {
  return ring.isCrowd ? Math.ceil(ring.size / crowdPerWord) : 1;
}

/** Who holds all this already has nothing to ask for here, and lanes are told as such. */
function isNewsTo(peer: AgentId, { foreignLanes, hasAllOfOurs }: NoticeSituation): boolean {
  return !foreignLanes.includes(peer) && !hasAllOfOurs(peer);
}

function isStillQuiet(quiet: Quiet, nowMs: number, { blocks, isLane, foreignLanes }: NoticeSituation): boolean {
  if (nowMs >= quiet.untilMs || blocks.count !== quiet.blocks || isLane !== quiet.isLane) return false;
  return (
    foreignLanes.length === quiet.foreignLanes.length &&
    foreignLanes.every((lane, index) => lane === quiet.foreignLanes[index])
  );
}

/** The map's version is the number of blocks: verified blocks are never taken back. */
export function blocksMessage(key: PackageKey, blocks: BlockSet, isFetching: boolean): DatagramMessage {
  const { count: mapVersion, size: blockCount } = blocks;
  return { kind: 'blocks', key, mapVersion, blockCount, isFetching, ranges: blocks.ranges() };
}
