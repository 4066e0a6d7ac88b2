import { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { Codebase } from '../contracts/agent-api.ts';
import type { ClaimRole } from '../contracts/diagnostics.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { DeliveryPriority } from '../contracts/package-state.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import { BlockFetches } from './block-fetches.ts';
import type { BlockRequest } from './block-requests.ts';
import type { ClaimChange } from './claim.ts';
import { Claim } from './claim.ts';
import { ClaimChronicle } from './claim-chronicle.ts';
import type { ClaimSituation } from './claim-situation.ts';
import { sourceBackoffMs } from './claim-times.ts';
import { probeClaimer } from './claimer-probe.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { DirectBackoff } from './direct-backoff.ts';
import { DirectRequests } from './direct-requests.ts';
import { HolderLookup } from './holder-lookup.ts';
import { MissingBlocks } from './missing-blocks.ts';
import { PeerRequests } from './peer-requests.ts';
import { peerlessReason } from './peerless-reason.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import { blocksMessage, ProgressNotices } from './progress-notices.ts';
import { ServerLimits } from './server-limits.ts';
import type { Swarm } from './swarm.ts';
import { WakeUp } from './timers.ts';
import { WanLane } from './wan-lane.ts';

/** An emergency crosses the WAN through several computers at once; anything else through one. */
const emergencyLanes = 4;
const pruneSpacingMs = 250;

export interface PackageDownloadOwner {
  completed(): void;
  /** The disk refused: the download has stopped. */
  storeFailed(code: 'disk-full' | 'disk-error', detail: string): void;
}

/**
 * Brings the missing blocks of one package here: from peers while they hold them, over the WAN while this agent has the
 * right to. Everything due is done by `step`, which is safe to call at any time; inputs change what is known and call it.
 */
export class PackageDownload {
  readonly lookup: HolderLookup;
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #blocks: BlockSet;
  readonly #swarm: Swarm;
  readonly #owner: PackageDownloadOwner;
  #priority: DeliveryPriority;
  readonly #fetches: BlockFetches;
  readonly #missing: MissingBlocks;
  readonly #peerRequests: PeerRequests;
  readonly #directRequests: DirectRequests;
  readonly #claim: Claim;
  readonly #chronicle: ClaimChronicle;
  readonly #notices: ProgressNotices;
  readonly #lane: WanLane;
  readonly #serverLimits: ServerLimits;
  readonly #wakeUp: WakeUp;
  readonly #directBackoff: DirectBackoff;
  #directReason: JournalReason | null = null;
  #prunedAtMs = Number.NEGATIVE_INFINITY;
  #hasStopped = false;
  #isSuspended = false;
  #isStepping = false;

  constructor(
    context: AgentContext,
    manifest: PackageManifest,
    blocks: BlockSet,
    swarm: Swarm,
    priority: DeliveryPriority,
    owner: PackageDownloadOwner,
  ) {
    this.#context = context;
    this.#manifest = manifest;
    this.#blocks = blocks;
    this.#swarm = swarm;
    this.#priority = priority;
    this.#owner = owner;
    this.#fetches = new BlockFetches(context, manifest, {
      stored: (request) => this.#stored(request),
      failed: (request, codebase, failure) => this.#failed(request, codebase, failure),
      progressed: () => this.#claim.noteWanProgress(this.#fetches.directBytes, false),
      isEmergency: () => this.#isEmergency,
    });
    const { requests } = this.#fetches;
    this.#peerRequests = new PeerRequests(context, manifest, blocks, swarm, requests, {
      fetch: (block, peer) => this.#fetches.fetchFromPeer(block, peer, this.#peerReason(peer)),
      distrusted: (peer) => this.#claim.distrusted(peer, context.nowMs(), this.#situation()),
      suspect: (peer) => this.#claim.suspect(peer),
      receiveMap: (peer, result) => this.#mapAnswered(peer, result),
      attemptBegins: () => this.lookup.start(),
    });
    const lookup = { receiveMap: this.#mapAnswered.bind(this), ended: () => this.step() };
    this.lookup = new HolderLookup(context, manifest, swarm, lookup);
    this.#directRequests = new DirectRequests(context, manifest, requests, {
      fetch: (block, codebase) =>
        this.#fetches.fetchDirectly(block, codebase, this.#directReason ?? this.#laneReason()),
      allSourcesFailed: () => this.#sourcesFailed(),
      step: () => this.step(),
    });
    this.#missing = new MissingBlocks(blocks, swarm, requests, () => this.#peerRequests.areAttemptsUsedUp);
    this.#notices = new ProgressNotices(manifest.key, context.voice);
    this.#serverLimits = new ServerLimits(context, manifest.key);
    this.#directBackoff = new DirectBackoff(context);
    this.#chronicle = new ClaimChronicle(context, manifest.key);
    this.#claim = new Claim(context.ownId, manifest.key, {
      broadcast: (message) => context.voice.broadcast(message),
      tell: (peer, message) => context.voice.tell(peer, message),
      probe: (claimer) => this.#probe(claimer),
      changed: (change, epoch, peer) => this.#claimChanged(change, epoch, peer),
    });
    this.#lane = new WanLane(context, {
      blocks,
      swarm,
      claim: this.#claim,
      requests,
      missing: this.#missing,
      request: (nowMs, wanted, room) => this.#requestDirectly(nowMs, wanted, room),
    });
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.step());
  }

  set priority(priority: DeliveryPriority) {
    this.#priority = priority;
    if (this.#isEmergency) this.#fetches.releaseThrottle();
  }

  /** What only this agent holds comes first: see `WanLane`. `copyMs`: what a copy to a peer takes now. */
  isWaitingForCopies(copyMs: number): boolean {
    return !this.#hasStopped && this.#lane.isWaitingForCopies(this.#context.nowMs(), copyMs);
  }

  get role(): ClaimRole {
    return peerlessReason(this.#context, this.#manifest) !== null ? 'direct' : this.#claim.role;
  }

  get claim(): Claim['current'] {
    return this.#claim.current;
  }

  get attempts(): number {
    return this.#peerRequests.attempts;
  }

  get inFlight(): readonly BlockRequest[] {
    return this.#fetches.requests.all;
  }

  /** Does everything that is due and sets the next wake-up. Never re-entered: effects that call it again come to nothing. */
  step(): void {
    if (this.#hasStopped || this.#isStepping) return;
    this.#isStepping = true;
    const nowMs = this.#context.nowMs();
    const nextMs = this.#blocks.isFull ? Number.POSITIVE_INFINITY : this.#stepOnce(nowMs);
    this.#isStepping = false;
    if (this.#blocks.isFull) this.#complete();
    else if (!this.#hasStopped) this.#wakeUp.setAt(Math.max(nextMs, nowMs + 1));
  }

  /** Ends the download; requests under way are aborted. A claim is given to the best follower, unless nobody is to have it. */
  stop(handsClaimOver: boolean): void {
    if (this.#hasStopped) return;
    if (handsClaimOver) this.#releaseClaim(0, false);
    this.#end();
  }

  /**
   * Nothing new is asked for until `resume`. What is under way is completed, or ends as well with `isAtOnce`; after that an
   * own claim is given to the best follower.
   */
  suspend(isAtOnce: boolean): void {
    if (this.#hasStopped) return;
    this.#isSuspended = true;
    if (isAtOnce) this.#fetches.cancelAll();
    if (isAtOnce || this.#claim.role !== 'first-downloader') this.#leave(false);
    this.step();
  }

  resume(): void {
    this.#isSuspended = false;
    this.#lane.rest();
    this.#claim.rest();
    this.step();
  }

  /**
   * An own address is gone: every connection over it is dead, and no failure of it says anything about a source. With
   * `hasLeftSubnet` the claim is over too: it was for the computers left behind. Blocks stay.
   */
  addressGone(hasLeftSubnet: boolean): void {
    if (hasLeftSubnet) {
      this.#releaseClaim(0, false);
      this.#claim.reset();
    }
    this.#fetches.cancelAll();
    this.#directRequests.restart();
    this.#peerRequests.restart();
    this.#directBackoff.restart();
    this.#prunedAtMs = Number.NEGATIVE_INFINITY;
  }

  heard(sender: AgentId, bootId: number, message: DatagramMessage): void {
    if (this.#hasStopped || this.#swarm.distrusts(sender)) return;
    const nowMs = this.#context.nowMs();
    this.#claim.heardBoot(sender, bootId);
    switch (message.kind) {
      case 'want':
        this.#swarm.noteWanted(sender, nowMs);
        this.#notices.noteInterest(sender, nowMs);
        this.#claim.heardWant(sender, nowMs);
        break;
      case 'claim':
        this.#heardClaim(sender, bootId, message, nowMs);
        break;
      case 'release':
        this.#claim.heardRelease(sender, message, nowMs);
        break;
      case 'blocks':
        this.#swarm.setResting(sender, !message.isFetching);
        this.#takeMap(sender, BlockSet.fromRanges(message.blockCount, message.ranges), message.mapVersion);
        break;
      case 'byebye':
        this.#claim.heardByebye(sender);
        this.#swarm.remove(sender);
        break;
      default:
        break;
    }
    // A crowd wants and tells in the same moment: one step for all of it.
    const isUrgent = message.kind === 'want' ? this.#claim.role === 'first-downloader' : message.kind !== 'blocks';
    if (isUrgent) this.step();
    else this.#wakeUp.noLaterThan(nowMs + 1);
  }

  /** A peer asked for a block or the map: from now on it is told our progress. */
  noteInterest(peer: AgentId): void {
    const nowMs = this.#context.nowMs();
    this.#notices.noteInterest(peer, nowMs);
    this.#swarm.noteWanted(peer, nowMs);
    this.#lane.noteFollowerFetched(nowMs);
  }

  /** Word of a `ready` announcement: the peer holds everything. */
  noteReady(peer: AgentId): void {
    if (this.#hasStopped) return;
    this.#takeMap(peer, BlockSet.full(this.#manifest.blockCount), this.#manifest.blockCount);
    this.step();
  }

  #heardClaim(
    sender: AgentId,
    bootId: number,
    message: Extract<DatagramMessage, { readonly kind: 'claim' }>,
    nowMs: number,
  ): void {
    const before = this.#claim.current;
    this.#swarm.noteWanted(sender, nowMs);
    this.#claim.heardClaim(sender, bootId, message, nowMs);
    const after = this.#claim.current;
    const isNewClaim = after?.claimer === sender && (before?.claimer !== sender || before.epoch !== after.epoch);
    if (!isNewClaim) return;
    // The claimer fetches only what nobody holds: it has to know at once what we hold.
    if (this.#blocks.count > 0) this.#notices.answer(sender, this.#blocks, !this.#isSuspended, nowMs);
  }

  get #isEmergency(): boolean {
    return this.#priority === 'emergency';
  }

  /** The claim stands until its last block is here: whoever takes it over must not fetch that one again. */
  #stepSuspended(nowMs: number): number {
    const mustFinish = this.#claim.role === 'first-downloader' && this.#fetches.requests.directCount > 0;
    if (mustFinish) return Math.min(this.#claim.step(nowMs, this.#situation()), this.#stepNotices(nowMs));
    if (this.#claim.role === 'first-downloader') this.#leave(false);
    return Number.POSITIVE_INFINITY;
  }

  #leave(isFetching: boolean): void {
    this.#tellBlocks(isFetching);
    this.#releaseClaim(0, false);
  }

  #tellBlocks(isFetching: boolean): void {
    const message = blocksMessage(this.#manifest.key, this.#blocks, isFetching);
    if (this.#directReason === null) this.#context.voice.broadcast(message);
  }

  #stepOnce(nowMs: number): number {
    if (this.#isSuspended) return this.#stepSuspended(nowMs);
    this.#prune(nowMs);
    const peerless = peerlessReason(this.#context, this.#manifest);
    this.#noteMode(peerless);
    if (peerless !== null) return this.#stepDirectly(nowMs);
    // Who serves nobody is no use to followers as a claimer.
    if (!this.#isServing && this.#swarm.followerCount > 0) this.#releaseClaim(0, false);
    let nextMs = this.#peerRequests.step(nowMs);
    nextMs = Math.min(nextMs, this.#claim.step(nowMs, this.#situation()));
    nextMs = Math.min(nextMs, this.#stepLane(nowMs));
    return Math.min(nextMs, this.#stepNotices(nowMs));
  }

  /** Not at every step: that would cost more than all the rest. What fails meanwhile is not asked anyway. */
  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAtMs < pruneSpacingMs) return;
    this.#prunedAtMs = nowMs;
    this.#swarm.prune((peer) => this.#context.peers.isAlive(peer), nowMs);
  }

  get #isServing(): boolean {
    return this.#context.conditions.servingProblem === null;
  }

  #noteMode(reason: JournalReason | null): void {
    if (reason === this.#directReason) return;
    this.#directReason = reason;
    if (reason === null) return;
    this.#releaseClaim(0, false);
    const sentence = reason === 'excepted' ? this.#context.conditions.exceptionSentence : null;
    this.#context.journal.decide(this.#manifest.key, reason, 'notification-server', null, sentence);
  }

  #stepDirectly(nowMs: number): number {
    if (nowMs < this.#directBackoff.untilMs) return this.#directBackoff.untilMs;
    return this.#requestDirectly(nowMs, this.#missing.unrequested(), Number.POSITIVE_INFINITY);
  }

  #requestDirectly(nowMs: number, blocks: Iterable<number>, room: number): number {
    if (this.#fetches.requests.directCount > 0) this.#serverLimits.noteThrottle(this.#isEmergency);
    const isTooLate = this.#serverLimits.isTooLateFor(this.#lane.lastDirectBlockMs, nowMs, this.#isEmergency);
    return isTooLate ? Number.POSITIVE_INFINITY : this.#directRequests.step(nowMs, blocks, room);
  }

  #stepLane(nowMs: number): number {
    // Who is no lane any more leaves its blocks to those who are.
    if (this.#claim.role === 'following') this.#fetches.cancelDirect(true);
    return this.#lane.step(nowMs);
  }

  #stepNotices(nowMs: number): number {
    const isLane = this.#claim.wanLane(nowMs) !== null;
    return this.#notices.step(nowMs, {
      blocks: this.#blocks,
      isFetching: !this.#isSuspended,
      isLane,
      isWindowFull: isLane && this.#lane.isWindowFull(nowMs),
      foreignLanes: this.#claim.foreignLanes,
      blockProgressMs: this.#context.settings.blockProgressMs,
      blocksOfPeer: (peer) => this.#swarm.blocksOf(peer)?.count ?? 0,
    });
  }

  #situation(): ClaimSituation {
    const nowMs = this.#context.nowMs();
    const claimer = this.#claim.current?.claimer ?? null;
    return {
      needsWan: this.#missing.needWan(),
      isUpToDateWithClaimer: claimer === null || this.#hasTakenAllOf(claimer),
      followers: this.#swarm.followers(),
      laneCount: this.#isEmergency && !this.#lane.hasGivenUpLanes ? emergencyLanes : 1,
      rateCapBytesPerSecond: this.#serverLimits.rateCap(nowMs, this.#fetches.directBytes, this.#isEmergency),
      isStartPhase: this.#context.isStartPhase,
      haveAllSpoken: () => this.#swarm.areAllHeard(this.#context.peers.alive()),
      isLookingUp: this.lookup.delaysClaim(this.#context.nowMs()),
      isLagging: this.#context.timers.isLagging,
      isServing: this.#isServing,
    };
  }

  /** Nothing is left to take from the claimer: because it is here, or because the claimer gives nothing. */
  #hasTakenAllOf(claimer: AgentId): boolean {
    if (this.#missing.areNoneAt(claimer)) return true;
    return this.#peerRequests.hasFailed(claimer) || this.#peerRequests.areAttemptsUsedUp;
  }

  #peerReason(peer: AgentId): JournalReason {
    const isFollowing = this.#claim.role === 'following' || this.#claim.role === 'lane';
    return isFollowing && this.#swarm.blocksOf(peer)?.isFull !== true ? 'following-claim' : 'peer-has-block';
  }

  /** Why the server and not a peer: the question that the journal exists to answer. */
  #laneReason(): JournalReason {
    if (this.#peerRequests.areAttemptsUsedUp) return 'attempts-used-up';
    if (this.#swarm.followerCount > 0 && !this.#claim.isAlone) return 'lane';
    return this.#context.peers.alive().length === 0 ? 'no-peer-known' : 'no-holder-online';
  }

  #stored(request: BlockRequest): void {
    this.#blocks.add(request.block);
    const nowMs = this.#context.nowMs();
    this.#lane.noteStored(request, nowMs);
    if (request.peer === null) {
      this.#directBackoff.noteStored();
      this.#directRequests.noteStored(request);
      this.#claim.noteWanProgress(this.#fetches.directBytes, true);
      if (!this.#isEmergency && this.#lane.mayOthersBeFaster()) this.#leave(true);
    } else {
      this.#peerRequests.noteStored(request, nowMs);
      this.#claim.noteSignOfLife(request.peer, nowMs);
    }
    this.step();
  }

  #failed(request: BlockRequest, codebase: Codebase | null, failure: TransferFailure): void {
    if (this.#hasStopped) return;
    if (failure.code === 'disk-full' || failure.code === 'disk-error') {
      this.#leave(false);
      this.#end();
      this.#owner.storeFailed(failure.code, failure.code === 'disk-error' ? failure.detail : '');
      return;
    }
    const nowMs = this.#context.nowMs();
    if (codebase === null) this.#peerRequests.noteFailed(request, failure, nowMs);
    else this.#directRequests.noteFailed(codebase, failure, nowMs);
    this.step();
  }

  /** Every server failed. The pause belongs to the claim, so that one computer of the subnet tries again and not all. */
  #sourcesFailed(): void {
    if (this.#hasStopped) return;
    const nowMs = this.#context.nowMs();
    this.#context.journal.decide(this.#manifest.key, 'source-back-off', 'notification-server', null);
    const scale = this.#context.settings.sourceBackoffScale;
    if (this.#directReason !== null) this.#directBackoff.noteFailed(nowMs);
    else this.#releaseClaim(sourceBackoffMs(this.#claim.failures + 1, scale), true);
    this.step();
  }

  #claimChanged(change: ClaimChange, epoch: number, peer: AgentId | null): void {
    if (change === 'lost') this.#fetches.cancelDirect(true);
    // Whom it would follow, explains nothing while it does nothing.
    if (this.#isSuspended && change !== 'lost') return;
    if (change === 'claimed' || change === 'taken-over') this.#directRequests.prepare();
    this.#chronicle.changed(change, epoch, peer, this.#laneReason());
  }

  #releaseClaim(retryAfterMs: number, hasFailed: boolean): void {
    const claim = this.#claim.current;
    if (this.#claim.role !== 'first-downloader' || claim === null) return;
    this.#fetches.cancelDirect(false);
    this.#claim.release(this.#context.nowMs(), retryAfterMs, hasFailed, this.#swarm.bestFollower());
    this.#chronicle.report(claim.epoch, 'released');
  }

  #takeMap(peer: AgentId, blocks: BlockSet, mapVersion: number): void {
    if (this.#peerRequests.isIgnored(peer)) return;
    this.#swarm.setMap(peer, blocks, mapVersion);
    if (!blocks.isFull && !this.#swarm.isResting(peer)) this.#swarm.noteWanted(peer, this.#context.nowMs());
    this.#claim.noteSignOfLife(peer, this.#context.nowMs());
  }

  #probe(claimer: AgentId): void {
    const then = (effect: (nowMs: number) => void): void => {
      if (this.#hasStopped) return;
      effect(this.#context.nowMs());
      this.step();
    };
    probeClaimer(this.#context, this.#manifest.key, claimer, {
      answered: (_, result) =>
        then((nowMs) => {
          this.#mapAnswered(claimer, result);
          this.#claim.probeAnswered(claimer, true, nowMs);
        }),
      answeredWithout: () => then((nowMs) => this.#claim.probeAnswered(claimer, false, nowMs)),
      failed: () =>
        then((nowMs) => {
          this.#swarm.remove(claimer);
          this.#claim.probeFailed(claimer, nowMs, this.#situation());
        }),
    });
  }

  #mapAnswered(peer: AgentId, result: CommandResult): void {
    if (this.#hasStopped || result.kind !== 'blockMapReceived') return;
    this.#context.peers.answered(peer, result.elapsedMs);
    this.#takeMap(peer, result.blocks, result.mapVersion);
    this.step();
  }

  #complete(): void {
    const claim = this.#claim.current;
    // The announcement comes within a second. This comes now: who waits for a block elsewhere may get it here.
    this.#tellBlocks(false);
    if (this.#claim.role === 'first-downloader' && claim !== null) this.#chronicle.report(claim.epoch, 'completed');
    this.#claim.complete();
    this.#end();
    this.#owner.completed();
  }

  #end(): void {
    this.#hasStopped = true;
    this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
    this.#fetches.cancelAll();
    this.lookup.stop();
  }
}
