import { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import type { Claim } from './claim.ts';
import { heedsClaimsOf } from './claim-reach.ts';
import { enoughWanting } from './claim-times.ts';
import { CrowdRing } from './crowd-ring.ts';
import type { DatagramMessage } from './datagram-message.ts';
import type { EarlyWord } from './early-words.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import type { NoticeSituation } from './progress-notices.ts';
import { blocksMessage, ProgressNotices } from './progress-notices.ts';
import type { Swarm } from './swarm.ts';

/** Complete peers that everybody knows: more than anybody asks at a time. */
const enoughComplete = 12;

export interface PackageTalkParts {
  readonly manifest: PackageManifest;
  readonly blocks: BlockSet;
  readonly swarm: Swarm;
  readonly claim: Claim;
  /** What the peer says of its blocks counts for nothing. */
  isIgnored(peer: AgentId): boolean;
  /** Nothing holds the download up. */
  isFetching(): boolean;
}

/** What peers say of one package while it is downloaded, noted where it belongs; and what they are told of its progress. */
export class PackageTalk {
  readonly #context: AgentContext;
  readonly #parts: PackageTalkParts;
  readonly #notices: ProgressNotices;
  readonly #ring: CrowdRing;
  #newestBlock: number | null = null;

  constructor(context: AgentContext, parts: PackageTalkParts) {
    this.#context = context;
    this.#parts = parts;
    this.#notices = new ProgressNotices(parts.manifest.key, parts.manifest.blockCount, context.voice);
    this.#ring = new CrowdRing(context.ownId);
  }

  /** `words`: what was said of the package before it was begun here. */
  begin(words: readonly EarlyWord[]): void {
    const { swarm, claim, manifest, blocks } = this.#parts;
    for (const { sender, bootId, message, heardAtMs } of words) this.heard(sender, bootId, message, heardAtMs);
    const claimer = claim.role === 'first-downloader' ? null : (claim.current?.claimer ?? null);
    if (claimer === null) return;
    // There is nothing to gather, but others should know how many they are, and who may take over: as far as it matters.
    if (swarm.followerCount < enoughWanting) this.#context.voice.broadcast({ kind: 'want', key: manifest.key });
    else this.#notices.answer(claimer, blocks, this.#parts.isFetching(), this.#context.nowMs());
  }

  /** Nothing is claimed, but others should know who takes part, and who holds blocks should say so: as far as it matters. */
  introduce(): void {
    const { swarm, manifest } = this.#parts;
    if (swarm.followerCount < enoughWanting) this.#context.voice.broadcast({ kind: 'want', key: manifest.key });
  }

  /** `atMs`: when it was heard. */
  heard(sender: AgentId, bootId: number, message: DatagramMessage, atMs: number): void {
    const { swarm, claim } = this.#parts;
    claim.heardBoot(sender, bootId);
    switch (message.kind) {
      case 'want':
        this.noteInterest(sender);
        claim.heardWant(sender, atMs);
        return;
      case 'claim':
        this.#heardClaim(sender, bootId, message, atMs);
        return;
      case 'release':
        if (heedsClaimsOf(this.#context, sender)) claim.heardRelease(sender, message, atMs);
        return;
      case 'blocks':
        swarm.setResting(sender, !message.isFetching);
        this.#takeMap(sender, BlockSet.fromRanges(message.blockCount, message.ranges), message.mapVersion);
        return;
      case 'byebye':
        claim.heardByebye(sender);
        swarm.remove(sender);
        return;
      default:
    }
  }

  /** The peer wants the package or asked for a part of it: from now on it is told our progress. */
  noteInterest(peer: AgentId): void {
    const nowMs = this.#context.nowMs();
    this.#notices.noteInterest(peer, nowMs);
    this.#parts.swarm.noteWanted(peer, nowMs);
  }

  /** Word of a `ready` announcement: the peer holds everything. */
  noteReady(peer: AgentId): void {
    const { blockCount } = this.#parts.manifest;
    this.#takeMap(peer, BlockSet.full(blockCount), blockCount);
  }

  /** The answer to a question for the peer's block map. */
  receiveMap(peer: AgentId, result: CommandResult): void {
    if (result.kind !== 'blockMapReceived') return;
    this.#context.peers.answered(peer, result.elapsedMs);
    this.#takeMap(peer, result.blocks, result.mapVersion);
  }

  /** To everybody, at once. */
  tellAll(isFetching: boolean): void {
    const { manifest, blocks } = this.#parts;
    this.#context.voice.broadcast(blocksMessage(manifest.key, blocks, isFetching));
  }

  /**
   * The package is complete: who waits for a block elsewhere may get it here. Where many have said so already, some of the
   * others say it to everybody, and the rest only to those whom it concerns.
   */
  tellComplete(): void {
    const { swarm, claim } = this.#parts;
    this.#ring.follow(swarm.followers());
    // A crowd is done nearly at once: nobody has heard yet how many are.
    const complete = Math.max(swarm.completeCount, this.#ring.largestCrowd);
    const isFollower = claim.role === 'following' || claim.role === 'none';
    if (!isFollower || complete < enoughComplete || this.#context.ports.random.below(complete) < enoughComplete)
      this.tellAll(false);
    else this.#notices.tellReceivers(this.#context.nowMs(), this.#situation(false));
  }

  noteStored(block: number): void {
    this.#newestBlock = block;
  }

  /** What the peer says decides when it is told of what is here. */
  waitsFor(peer: AgentId): boolean {
    return !this.#ring.isCrowd && this.#notices.isToTell(peer, this.#parts.blocks);
  }

  /** Sends the notices that are due; returns when the next one is. */
  step(nowMs: number, isWindowFull: boolean): number {
    return this.#notices.step(nowMs, this.#situation(isWindowFull));
  }

  #situation(isWindowFull: boolean): NoticeSituation {
    const { blocks, swarm, claim } = this.#parts;
    this.#ring.follow(swarm.followers());
    return {
      blocks,
      newestBlock: this.#newestBlock,
      ring: this.#ring,
      holds: (peer, block) => swarm.holds(peer, block),
      isFetching: this.#parts.isFetching() && !blocks.isFull,
      isLane: claim.wanLane(this.#context.nowMs()) !== null,
      isWindowFull,
      foreignLanes: claim.foreignLanes,
      blockProgressMs: this.#context.settings.blockProgressMs,
      blocksOfPeer: (peer) => swarm.countOf(peer),
      hasAllOfOurs: (peer) => swarm.holdsAll(peer, blocks),
    };
  }

  #heardClaim(
    sender: AgentId,
    bootId: number,
    message: Extract<DatagramMessage, { readonly kind: 'claim' }>,
    atMs: number,
  ): void {
    const { blocks, swarm, claim } = this.#parts;
    const before = claim.current;
    swarm.noteWanted(sender, atMs);
    if (!heedsClaimsOf(this.#context, sender)) return;
    claim.heardClaim(sender, bootId, message, atMs);
    const after = claim.current;
    const isNewClaim = after?.claimer === sender && (before?.claimer !== sender || before.epoch !== after.epoch);
    // The claimer fetches only what nobody holds: it has to know at once what we hold.
    if (isNewClaim && blocks.count > 0)
      this.#notices.answer(sender, blocks, this.#parts.isFetching(), this.#context.nowMs());
  }

  #takeMap(peer: AgentId, blocks: BlockSet, mapVersion: number): void {
    const { swarm, claim } = this.#parts;
    if (this.#parts.isIgnored(peer)) return;
    const nowMs = this.#context.nowMs();
    swarm.setMap(peer, blocks, mapVersion);
    if (!blocks.isFull && !swarm.isResting(peer)) swarm.noteWanted(peer, nowMs);
    claim.noteSignOfLife(peer, nowMs);
  }
}
