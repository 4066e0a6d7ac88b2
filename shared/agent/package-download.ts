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
import type { ClaimChange, ClaimSituation } from './claim.ts';
import { Claim } from './claim.ts';
import { ClaimChronicle } from './claim-chronicle.ts';
import { claimTimes, sourceBackoffMs } from './claim-times.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { DirectRequests } from './direct-requests.ts';
import { LaneWindow, laneWindowBlocks, unspreadBlocks } from './lane-window.ts';
import { MissingBlocks } from './missing-blocks.ts';
import { PeerRequests } from './peer-requests.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import { blocksMessage, ProgressNotices } from './progress-notices.ts';
import { ServerLimits } from './server-limits.ts';
import type { Swarm } from './swarm.ts';
import { WakeUp } from './timers.ts';

/** An emergency crosses the WAN through several computers at once; anything else through one. */
const emergencyLanes = 4;
/** Lanes of others that bring nothing for this long, or for two block times of the own lane, are given up. */
const laneStuckMs = 5000;
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
  readonly #window = new LaneWindow();
  readonly #serverLimits: ServerLimits;
  readonly #wakeUp: WakeUp;
  #directBackoffUntilMs = 0;
  #blockAtMs: number;
  #lastDirectBlockMs = 0;
  #hasGivenUpLanes = false;
  #directFailures = 0;
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
    this.#blockAtMs = context.nowMs();
    this.#fetches = new BlockFetches(context, manifest, {
      stored: (request) => this.#stored(request),
      failed: (request, codebase, failure) => this.#failed(request, codebase, failure),
      progressed: () => this.#claim.noteWanProgress(this.#fetches.directBytes, false),
      isEmergency: () => this.#isEmergency,
    });
    const { requests } = this.#fetches;
    this.#peerRequests = new PeerRequests(context, manifest, blocks, swarm, requests, {
      fetch: (block, peer) => this.#fetches.fetchFromPeer(block, peer, this.#peerReason(peer)),
      suspect: (peer) => this.#claim.suspect(peer),
      receiveMap: (peer, result) => this.#mapAnswered(peer, result),
    });
    this.#directRequests = new DirectRequests(context, manifest, requests, {
      fetch: (block, codebase) =>
        this.#fetches.fetchDirectly(block, codebase, this.#directReason ?? this.#laneReason()),
      allSourcesFailed: () => this.#sourcesFailed(),
      step: () => this.step(),
    });
    this.#missing = new MissingBlocks(blocks, swarm, requests, () => this.#peerRequests.areAttemptsUsedUp);
    const { key } = manifest;
    const send = {
      broadcast: (message: DatagramMessage) => context.voice.broadcast(message),
      tell: (peer: AgentId, message: DatagramMessage) => context.voice.tell(peer, message),
    };
    this.#notices = new ProgressNotices(key, send);
    this.#serverLimits = new ServerLimits(context, key);
    this.#chronicle = new ClaimChronicle(context, key);
    this.#claim = new Claim(context.ownId, key, {
      ...send,
      probe: (claimer) => this.#probe(claimer),
      changed: (change, epoch, peer) => this.#claimChanged(change, epoch, peer),
    });
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.step());
  }

  set priority(priority: DeliveryPriority) {
    this.#priority = priority;
    if (this.#isEmergency) this.#fetches.releaseThrottle();
  }

  get role(): ClaimRole {
    return this.#peerlessReason() !== null ? 'direct' : this.#claim.role;
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

  /** Ends the download; requests under way are aborted. A claim is given to the best follower. */
  stop(): void {
    if (this.#hasStopped) return;
    this.#releaseClaim(0, false);
    this.#end();
  }

  /**
   * Nothing new is asked for until `resume`. What is under way is completed, or ends as well with `isAtOnce`; after that an
   * own claim is given to the best follower.
   */
  suspend(isAtOnce: boolean): void {
    if (this.#hasStopped) return;
    this.#isSuspended = true;
    if (isAtOnce) {
      this.#fetches.cancelAll();
      this.#leaveClaim();
    }
    this.step();
  }

  resume(): void {
    this.#isSuspended = false;
    this.#blockAtMs = this.#context.nowMs();
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
    this.#directBackoffUntilMs = 0;
    this.#directFailures = 0;
    this.#prunedAtMs = Number.NEGATIVE_INFINITY;
  }

  heard(sender: AgentId, bootId: number, message: DatagramMessage): void {
    if (this.#hasStopped) return;
    const nowMs = this.#context.nowMs();
    this.#claim.heardBoot(sender, bootId);
    switch (message.kind) {
      case 'want':
        this.#swarm.noteWanted(sender, nowMs);
        this.#claim.heardWant(sender, nowMs);
        break;
      case 'claim':
        this.#heardClaim(sender, bootId, message, nowMs);
        break;
      case 'release':
        this.#claim.heardRelease(sender, message, nowMs);
        break;
      case 'blocks':
        this.#takeMap(sender, BlockSet.fromRanges(message.blockCount, message.ranges), message.mapVersion);
        break;
      case 'byebye':
        this.#claim.heardByebye(sender);
        this.#swarm.remove(sender);
        break;
      default:
        break;
    }
    this.step();
  }

  /** A peer asked for a block or the map: from now on it is told our progress. */
  noteInterest(peer: AgentId): void {
    const nowMs = this.#context.nowMs();
    this.#notices.noteInterest(peer, nowMs);
    this.#swarm.noteWanted(peer, nowMs);
    this.#window.noteFollowerFetched(nowMs);
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
    this.#claim.noteClaimerBlocks(sender, this.#swarm.blocksOf(sender)?.count ?? 0, nowMs);
    // The claimer fetches only what nobody holds: it has to know at once what we hold.
    if (this.#blocks.count > 0) this.#notices.answer(sender, this.#blocks, nowMs);
  }

  get #isEmergency(): boolean {
    return this.#priority === 'emergency';
  }

  /** The claim stands until its last block is here: whoever takes it over must not fetch that one again. */
  #stepSuspended(nowMs: number): number {
    const mustFinish = this.#claim.role === 'first-downloader' && this.#fetches.requests.directCount > 0;
    if (mustFinish) return Math.min(this.#claim.step(nowMs, this.#situation()), this.#stepNotices(nowMs));
    this.#leaveClaim();
    return Number.POSITIVE_INFINITY;
  }

  #leaveClaim(): void {
    if (this.#claim.role !== 'first-downloader') return;
    this.#context.voice.broadcast(blocksMessage(this.#manifest.key, this.#blocks));
    this.#releaseClaim(0, false);
  }

  #stepOnce(nowMs: number): number {
    if (this.#isSuspended) return this.#stepSuspended(nowMs);
    this.#prune(nowMs);
    const peerless = this.#peerlessReason();
    this.#noteMode(peerless);
    if (peerless !== null) return this.#stepDirectly(nowMs);
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

  /** Why peers have no part in this download, or null where they have. */
  #peerlessReason(): JournalReason | null {
    if (!this.#context.settings.peerDownloading) return 'peer-downloading-off';
    if (this.#manifest.totalSizeBytes < this.#context.settings.minPeerPackageBytes) return 'below-minimum-size';
    return null;
  }

  #noteMode(reason: JournalReason | null): void {
    if (reason === this.#directReason) return;
    this.#directReason = reason;
    if (reason === null) return;
    this.#releaseClaim(0, false);
    this.#context.journal.decide(this.#manifest.key, reason, 'notification-server', null);
  }

  #stepDirectly(nowMs: number): number {
    if (nowMs < this.#directBackoffUntilMs) return this.#directBackoffUntilMs;
    return this.#requestDirectly(nowMs, this.#missing.unrequested(), Number.POSITIVE_INFINITY);
  }

  #requestDirectly(nowMs: number, blocks: Iterable<number>, room: number): number {
    if (this.#fetches.requests.directCount > 0) this.#serverLimits.noteThrottle(this.#isEmergency);
    const isTooLate = this.#serverLimits.isTooLateFor(this.#lastDirectBlockMs, nowMs, this.#isEmergency);
    return isTooLate ? Number.POSITIVE_INFINITY : this.#directRequests.step(nowMs, blocks, room);
  }

  #stepLane(nowMs: number): number {
    const lane = this.#claim.wanLane(nowMs);
    // Who is no lane any more leaves its blocks to those who are.
    if (this.#claim.role === 'following') this.#fetches.cancelDirect(true);
    if (lane === null) return Number.POSITIVE_INFINITY;
    const liftAfterMs = this.#context.settings.requestTimeoutMs;
    const room = this.#window.room({
      nowMs,
      blockCount: this.#manifest.blockCount,
      followers: this.#swarm.followerCount,
      unspread: unspreadBlocks(this.#blocks, this.#swarm),
      inFlight: this.#fetches.requests.directCount,
      liftAfterMs,
    });
    const lastCount = this.#claim.hasTakenOver ? laneWindowBlocks(this.#manifest.blockCount) : 0;
    const blocks = this.#missing.ofLane(lane.index, lane.count, lastCount);
    const nextMs = this.#requestDirectly(nowMs, blocks, room);
    return Math.min(nextMs, this.#window.liftsAtMs(liftAfterMs), this.#watchLanes(nowMs, lane));
  }

  /** A claimer whose own lane is done takes over the blocks of lanes that bring nothing; returns when to look again. */
  #watchLanes(nowMs: number, lane: { readonly index: number; readonly count: number }): number {
    const isOwnLaneDone =
      this.#claim.role === 'first-downloader' &&
      this.#fetches.requests.directCount === 0 &&
      this.#missing.ofLane(lane.index, lane.count, 0).next().done === true;
    if (lane.count === 1 || !isOwnLaneDone || !this.#missing.needWan()) return Number.POSITIVE_INFINITY;
    const giveUpAtMs = this.#blockAtMs + Math.max(laneStuckMs, 2 * this.#lastDirectBlockMs);
    this.#hasGivenUpLanes = nowMs >= giveUpAtMs;
    return giveUpAtMs;
  }

  #stepNotices(nowMs: number): number {
    const isLane = this.#claim.wanLane(nowMs) !== null;
    const held = isLane ? unspreadBlocks(this.#blocks, this.#swarm) + this.#fetches.requests.directCount : 0;
    return this.#notices.step(nowMs, {
      blocks: this.#blocks,
      isLane,
      isWindowFull: isLane && held >= laneWindowBlocks(this.#manifest.blockCount),
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
      laneCount: this.#isEmergency && !this.#hasGivenUpLanes ? emergencyLanes : 1,
      rateCapBytesPerSecond: this.#serverLimits.rateCap(nowMs, this.#fetches.directBytes, this.#isEmergency),
      isStartPhase: this.#context.isStartPhase,
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
    if (this.#swarm.followerCount > 0) return 'lane';
    return this.#context.peers.alive().length === 0 ? 'no-peer-known' : 'no-holder-online';
  }

  #stored(request: BlockRequest): void {
    this.#blocks.add(request.block);
    this.#blockAtMs = this.#context.nowMs();
    if (request.peer === null) {
      this.#lastDirectBlockMs = this.#blockAtMs - request.startedAtMs;
      this.#directFailures = 0;
      this.#directRequests.noteStored(request);
      this.#claim.noteWanProgress(this.#fetches.directBytes, true);
    } else {
      this.#peerRequests.noteStored(request, this.#context.nowMs());
      this.#claim.noteSignOfLife(request.peer, this.#context.nowMs());
    }
    this.step();
  }

  #failed(request: BlockRequest, codebase: Codebase | null, failure: TransferFailure): void {
    if (this.#hasStopped) return;
    if (failure.code === 'disk-full' || failure.code === 'disk-error') {
      this.#releaseClaim(0, false);
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
    if (this.#directReason !== null) {
      this.#directFailures++;
      this.#directBackoffUntilMs = nowMs + sourceBackoffMs(this.#directFailures, scale);
    } else this.#releaseClaim(sourceBackoffMs(this.#claim.failures + 1, scale), true);
    this.step();
  }

  #claimChanged(change: ClaimChange, epoch: number, peer: AgentId | null): void {
    if (change === 'lost') this.#fetches.cancelDirect(true);
    // Whom it would follow, explains nothing while it does nothing.
    if (this.#isSuspended && change !== 'lost') return;
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
    if (this.#peerRequests.isDropped(peer)) return;
    this.#swarm.setMap(peer, blocks, mapVersion);
    if (!blocks.isFull) this.#swarm.noteWanted(peer, this.#context.nowMs());
    this.#claim.noteClaimerBlocks(peer, blocks.count, this.#context.nowMs());
  }

  #probe(claimer: AgentId): void {
    const endpoint = this.#context.peers.find(claimer);
    if (endpoint === null) {
      this.#claim.probeFailed(claimer, this.#context.nowMs(), this.#situation());
      return;
    }
    const commandId = this.#context.commands.begin((result) => this.#probeAnswered(claimer, result));
    // The map is asked for and not a bare hello: where the claimer lives, it also tells what need not cross the WAN again.
    const timeoutMs = claimTimes.probeTimeoutMs;
    this.#context.ports.transfers.fetchBlockMap({ commandId, key: this.#manifest.key, peer: endpoint, timeoutMs });
  }

  #probeAnswered(claimer: AgentId, result: CommandResult): void {
    if (this.#hasStopped) return;
    const nowMs = this.#context.nowMs();
    if (result.kind === 'blockMapReceived') {
      this.#mapAnswered(claimer, result);
      this.#claim.probeAnswered(claimer, true, nowMs);
    } else if (result.kind === 'peerRequestFailed' && result.code === 'not-available') {
      this.#claim.probeAnswered(claimer, false, nowMs);
    } else {
      this.#context.peers.markUnreachable(claimer);
      this.#swarm.remove(claimer);
      this.#claim.probeFailed(claimer, nowMs, this.#situation());
    }
    this.step();
  }

  #mapAnswered(peer: AgentId, result: CommandResult): void {
    if (this.#hasStopped || result.kind !== 'blockMapReceived') return;
    const presence = this.#context.peers.find(peer);
    if (presence !== null) this.#context.peers.heard(presence, presence.bootId, null);
    this.#context.peers.record(peer).roundTripMs = result.elapsedMs;
    this.#takeMap(peer, result.blocks, result.mapVersion);
    this.step();
  }

  #complete(): void {
    const claim = this.#claim.current;
    if (this.#claim.role === 'first-downloader' && claim !== null) {
      this.#context.voice.broadcast(blocksMessage(this.#manifest.key, this.#blocks));
      this.#chronicle.report(claim.epoch, 'completed');
    } else {
      const nowMs = this.#context.nowMs();
      for (const lane of this.#claim.foreignLanes) this.#notices.answer(lane, this.#blocks, nowMs);
    }
    this.#claim.complete();
    this.#end();
    this.#owner.completed();
  }

  #end(): void {
    this.#hasStopped = true;
    this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
    this.#fetches.cancelAll();
  }
}
