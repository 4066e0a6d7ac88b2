import type { BlockSet } from '../base/block-set.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { interestMs } from './swarm.ts';

/** Never more often than this, to anybody. */
const minSpacingMs = 50;
/** A notice may be lost: while a claim stands its two ends repeat theirs. */
const repeatMs = 1000;
/** Who asked us longest ago is told least; the rest learns by asking for the block map. */
const maxInterested = 32;

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
  #broadcast: Told = { atMs: Number.NEGATIVE_INFINITY, blocks: 0 };

  constructor(
    key: PackageKey,
    send: {
      readonly broadcast: (message: DatagramMessage) => void;
      readonly tell: (peer: AgentId, message: DatagramMessage) => void;
    },
  ) {
    this.#key = key;
    this.#send = send;
  }

  noteInterest(peer: AgentId, nowMs: number): void {
    if (!this.#told.has(peer)) this.#quiet = null;
    this.#interestedAtMs.delete(peer);
    this.#interestedAtMs.set(peer, nowMs);
    if (this.#interestedAtMs.size <= maxInterested) return;
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
    for (const peer of this.#receivers(nowMs, situation)) {
      if (isNewsTo(peer, situation)) this.answer(peer, situation.blocks, situation.isFetching, nowMs);
    }
  }

  /** Sends what is due; returns when the next notice is due. */
  step(nowMs: number, situation: NoticeSituation): number {
    const { blocks, isFetching } = situation;
    if (blocks.count === 0) return Number.POSITIVE_INFINITY;
    const quiet = this.#quiet;
    if (quiet !== null && isStillQuiet(quiet, nowMs, situation)) return quiet.untilMs;
    let nextMs = Number.POSITIVE_INFINITY;
    if (situation.isLane) {
      const dueMs = this.#broadcastDueMs(situation);
      if (nowMs >= dueMs) {
        this.#broadcast = { atMs: nowMs, blocks: blocks.count };
        this.#send.broadcast(blocksMessage(this.#key, blocks, isFetching));
      }
      nextMs = this.#broadcastDueMs(situation);
    }
    let isEverybodyTold = true;
    for (const peer of this.#receivers(nowMs, situation)) {
      if (nowMs >= this.#dueMs(peer, situation)) this.answer(peer, blocks, isFetching, nowMs);
      nextMs = Math.min(nextMs, this.#dueMs(peer, situation));
      if (this.#told.get(peer)?.blocks !== blocks.count && isNewsTo(peer, situation)) isEverybodyTold = false;
    }
    const { isLane, foreignLanes } = situation;
    const isBroadcast = !isLane || this.#broadcast.blocks === blocks.count;
    this.#quiet =
      isEverybodyTold && isBroadcast ? { untilMs: nextMs, blocks: blocks.count, isLane, foreignLanes } : null;
    return nextMs;
  }

  #receivers(nowMs: number, situation: NoticeSituation): AgentId[] {
    for (const [peer, atMs] of this.#interestedAtMs) if (nowMs - atMs > interestMs) this.#interestedAtMs.delete(peer);
    const receivers = new Set([...situation.foreignLanes, ...this.#interestedAtMs.keys()]);
    for (const peer of this.#told.keys()) if (!receivers.has(peer)) this.#told.delete(peer);
    return [...receivers].sort();
  }

  #broadcastDueMs(situation: NoticeSituation): number {
    const isNew = situation.blocks.count > this.#broadcast.blocks;
    if (!isNew) return this.#broadcast.atMs + Math.max(repeatMs, situation.blockProgressMs);
    return this.#broadcast.atMs + (situation.isWindowFull ? minSpacingMs : situation.blockProgressMs);
  }

  #dueMs(peer: AgentId, situation: NoticeSituation): number {
    if (!isNewsTo(peer, situation)) return Number.POSITIVE_INFINITY;
    const told = this.#told.get(peer);
    if (told === undefined) return Number.NEGATIVE_INFINITY;
    const isNew = situation.blocks.count > told.blocks;
    if (situation.foreignLanes.includes(peer)) {
      // A lane waits for this word before it takes the next block over the WAN.
      return told.atMs + (isNew ? minSpacingMs : Math.max(repeatMs, situation.blockProgressMs));
    }
    if (!isNew) return Number.POSITIVE_INFINITY;
    const hasNothingLeftToAsk = situation.blocksOfPeer(peer) >= told.blocks;
    return told.atMs + (hasNothingLeftToAsk ? minSpacingMs : situation.blockProgressMs);
  }
}

/** Who holds all this already has nothing to ask for here. A lane has to know nonetheless: its window opens with it. */
function isNewsTo(peer: AgentId, { foreignLanes, hasAllOfOurs }: NoticeSituation): boolean {
  return foreignLanes.includes(peer) || !hasAllOfOurs(peer);
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
