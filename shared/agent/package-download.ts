import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { Codebase } from '../contracts/agent-api.ts';
import type { ClaimRole } from '../contracts/diagnostics.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { DeliveryPriority } from '../contracts/package-state.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import { BlockFetches } from './block-fetches.ts';
import type { BlockRequest } from './block-requests.ts';
import type { Claim } from './claim.ts';
import { ClaimKeeper } from './claim-keeper.ts';
import { sourceBackoffMs } from './claim-times.ts';
import type { DatagramMessage } from './datagram-message.ts';
import type { EarlyWord } from './early-words.ts';
import { HolderLookup } from './holder-lookup.ts';
import { MissingBlocks } from './missing-blocks.ts';
import { PackageTalk } from './package-talk.ts';
import { PeerRequests } from './peer-requests.ts';
import { peerlessReason } from './peerless-reason.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import { ServerSources } from './server-sources.ts';
import { SiteServers } from './site-servers.ts';
import type { Swarm } from './swarm.ts';
import { WakeUp } from './timers.ts';
import { WanLane } from './wan-lane.ts';

/** An emergency crosses the WAN through several computers at once; anything else through one. */
const emergencyLanes = 4;
const pruneSpacingMs = 250;
const pruneSpacingPerPeerMs = 50;

export interface PackageDownloadOwner {
  /** A block is here, and may be served. */
  blockStored(block: number): void;
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
  readonly #servers: ServerSources;
  readonly #claim: Claim;
  readonly #claimKeeper: ClaimKeeper;
  readonly #talk: PackageTalk;
  readonly #lane: WanLane;
  readonly #site: SiteServers;
  readonly #wakeUp: WakeUp;
  #directReason: JournalReason | null = null;
  #prunedAtMs = Number.NEGATIVE_INFINITY;
  #hasStopped = false;
  #isSuspended = false;
  #hasBegun = false;
  #isStepping = false;

  constructor(
    context: AgentContext,
    manifest: PackageManifest,
    blocks: BlockSet,
    swarm: Swarm,
    facts: {
      readonly priority: DeliveryPriority;
      /** Blocks that somebody waits for; asked for before all others. */
      readonly demanded: ReadonlySet<number>;
    },
    owner: PackageDownloadOwner,
  ) {
    this.#context = context;
    this.#manifest = manifest;
    this.#blocks = blocks;
    this.#swarm = swarm;
    this.#priority = facts.priority;
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
      distrusted: (peer) => this.#claimKeeper.distrusted(peer),
      isUrgent: () => this.#isEmergency,
      suspect: (peer) => this.#claim.suspect(peer),
      receiveMap: (peer, result) => this.#mapAnswered(peer, result),
      attemptBegins: () => this.lookup.startAtOnce(),
    });
    this.lookup = new HolderLookup(context, manifest, swarm, {
      isNeedless: () => this.#claim.current !== null || this.#site.areUsed,
      receiveMap: this.#mapAnswered.bind(this),
      ended: () => this.step(),
    });
    this.#servers = new ServerSources(context, manifest, this.#fetches, {
      isEmergency: () => this.#isEmergency,
      reason: () => this.#whyDirect(),
      allFailed: () => this.#sourcesFailed(),
      step: () => this.step(),
    });
    const areAttemptsUsedUp = () => this.#peerRequests.areAttemptsUsedUp;
    this.#missing = new MissingBlocks(blocks, swarm, requests, areAttemptsUsedUp, facts.demanded);
    this.#site = new SiteServers(context, {
      askForCodebases: () => this.#servers.askForCodebases(),
      codebases: () => this.#servers.codebases,
      serversChanged: (servers) => this.#siteServersChanged(servers),
    });
    this.#claimKeeper = new ClaimKeeper(context, manifest, {
      blocks,
      swarm,
      missing: this.#missing,
      peerRequests: this.#peerRequests,
      lookup: this.lookup,
      servers: this.#servers,
      fetches: this.#fetches,
      laneCount: () => this.#laneCount(),
      isEmergency: () => this.#isEmergency,
      isFetching: () => !this.#isSuspended,
      receiveMap: (peer, result) => this.#mapAnswered(peer, result),
      step: () => this.step(),
    });
    const { claim } = this.#claimKeeper;
    this.#claim = claim;
    this.#talk = new PackageTalk(context, {
      manifest,
      blocks,
      swarm,
      claim,
      isIgnored: (peer) => this.#peerRequests.isIgnored(peer),
      isFetching: () => !this.#isSuspended,
    });
    this.#lane = new WanLane(context, {
      blocks,
      swarm,
      claim,
      requests,
      missing: this.#missing,
      servers: this.#servers,
      isGiving: () => context.peerDemand.isGiving(manifest.key),
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
    if (handsClaimOver) this.#claimKeeper.release();
    this.#end();
  }

  /**
   * Nothing new is asked for until `resume`. What is under way is completed, or ends as well with `isAtOnce`; after that an
   * own claim is given to the best follower. A download that has yet to begin does so with `resume`, and says nothing before.
   */
  suspend(isAtOnce: boolean): void {
    if (this.#hasStopped) return;
    const tookPart = this.#hasBegun && !this.#isSuspended;
    this.#isSuspended = true;
    if (isAtOnce) this.#fetches.cancelAll();
    if (this.#claim.role === 'first-downloader' ? isAtOnce : tookPart) this.#leave(false);
    this.step();
  }

  resume(): void {
    this.#isSuspended = false;
    if (!this.#hasBegun) this.begin([]);
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
      this.#claimKeeper.release();
      this.#claim.reset();
    }
    this.#fetches.cancelAll();
    this.#servers.restart();
    this.#peerRequests.restart();
    this.#prunedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Nobody will be heard for a while: what others claimed before says nothing afterwards. */
  fallSilent(): void {
    this.#claim.fallSilent();
  }

  /** No pause after a failure counts any longer. What is under way goes on. */
  retryNow(): void {
    if (this.#fetches.requests.size > 0) return;
    this.#servers.restart();
    this.#peerRequests.restart();
    if (this.#claim.current === null) this.#claim.reset();
    this.step();
  }

  /** `words`: what was said of the package before this download began. */
  begin(words: readonly EarlyWord[]): void {
    this.#hasBegun = true;
    const takesPart = peerlessReason(this.#context, this.#manifest) === null;
    if (takesPart) this.#site.begin();
    if (takesPart) this.#talk.begin(words);
    // Who claims has looked already.
    if (this.#claim.current === null) this.lookup.start();
  }

  heard(sender: AgentId, bootId: number, message: DatagramMessage): void {
    if (this.#hasStopped || this.#swarm.distrusts(sender) || this.#swarm.isLeftOut(sender)) return;
    if (message.kind === 'alive') this.#fetches.cancelWherePeerLeft(sender);
    const before = this.#claim.current;
    this.#talk.heard(sender, bootId, message, this.#context.nowMs());
    const after = this.#claim.current;
    const isSameClaim = after?.claimer === before?.claimer && after?.epoch === before?.epoch;
    if (!isSameClaim || this.#isNews(sender, message)) {
      // Along the ring of a crowd each block is told to an agent once: there is nothing to wait for.
      if (message.kind === 'blocks' && this.#peerRequests.isCrowd && isSameClaim) this.step();
      else this.#stepSoon();
    }
  }

  /** It may change what is to be done here. A crowd says everything many times. */
  #isNews(sender: AgentId, { kind }: DatagramMessage): boolean {
    const { role } = this.#claim;
    switch (kind) {
      case 'blocks':
        return this.#isOfUse(sender);
      case 'want':
        // Right after the start everybody waits for the wants of all.
        return role !== 'following' && !(role === 'wanting' && this.#context.isStartPhase);
      case 'claim':
        return role !== 'following';
      default:
        return kind === 'release' || kind === 'byebye';
    }
  }

  /** The peer waits here for what it claimed to fetch for all: who followed it would wait for itself. */
  askedAsServer(peer: AgentId): void {
    this.#claimKeeper.askedAsServer(peer);
  }

  /** A peer asked for a block or the map: from now on it is told our progress. */
  noteInterest(peer: AgentId): void {
    this.#talk.noteInterest(peer);
    this.followerFetched();
  }

  /** A peer has asked for a block, or its copy of one has ended. */
  followerFetched(): void {
    this.#lane.noteFollowerFetched(this.#context.nowMs());
  }

  /** Word of a `ready` announcement: the peer holds everything. */
  noteReady(peer: AgentId): void {
    if (this.#hasStopped) return;
    this.#talk.noteReady(peer);
    if (this.#isOfUse(peer)) this.#stepSoon();
  }

  /** A crowd speaks in the same moment: one step for all that has come. What a lost claim asks for is done by then. */
  #stepSoon(): void {
    this.#wakeUp.noLaterThan(this.#context.nowMs() + 1);
  }

  /**
   * What the peer has told of its blocks may change what is to be done here. In a crowd everybody hears of each block many
   * times, most of them when it is here already or under way.
   */
  #isOfUse(peer: AgentId): boolean {
    const isSettled = this.#claim.role === 'following' || this.#site.areUsed;
    if (!isSettled || this.#talk.waitsFor(peer)) return true;
    const nowMs = this.#context.nowMs();
    if (this.#peerRequests.waitsFor(peer, nowMs)) return true;
    this.#wakeUp.noLaterThan(this.#peerRequests.nextTurnMs(nowMs));
    return false;
  }

  get #isEmergency(): boolean {
    return this.#priority === 'emergency';
  }

  /** The claim stands until its last block is here: whoever takes it over must not fetch that one again. */
  #stepSuspended(nowMs: number): number {
    const mustFinish = this.#claim.role === 'first-downloader' && this.#fetches.requests.directCount > 0;
    if (mustFinish) return Math.min(this.#claimKeeper.step(nowMs), this.#stepNotices(nowMs));
    if (this.#claim.role === 'first-downloader') this.#leave(false);
    return Number.POSITIVE_INFINITY;
  }

  /** Others go on: they learn what is here, and the best of them gets the claim. */
  #leave(isFetching: boolean): void {
    this.#tellBlocks(isFetching);
    this.#claimKeeper.release();
  }

  #tellBlocks(isFetching: boolean): void {
    if (this.#directReason === null) this.#talk.tellAll(isFetching);
  }

  #stepOnce(nowMs: number): number {
    if (this.#isSuspended) return this.#stepSuspended(nowMs);
    this.#prune(nowMs);
    const peerless = peerlessReason(this.#context, this.#manifest);
    this.#noteMode(peerless);
    if (peerless !== null) {
      return this.#servers.request(nowMs, this.#missing.unrequested(), Number.POSITIVE_INFINITY);
    }
    this.#site.step(nowMs);
    if (this.#site.waitsUntilMs !== null) return this.#site.waitsUntilMs;
    if (this.#site.areUsed) return this.#stepSite(nowMs);
    // Who serves nobody is no use to followers as a claimer.
    if (this.#context.servesNobody && this.#swarm.followerCount > 0) this.#claimKeeper.release();
    let nextMs = this.#peerRequests.step(nowMs);
    nextMs = Math.min(nextMs, this.#claimKeeper.step(nowMs));
    nextMs = Math.min(nextMs, this.#stepLane(nowMs));
    return Math.min(nextMs, this.#stepNotices(nowMs));
  }

  /** Nobody claims: what peers hold comes from them, and the rest from the Package Servers of the site. */
  #stepSite(nowMs: number): number {
    const nextMs = this.#peerRequests.step(nowMs);
    const isOwnTurn = (block: number) => this.#peerRequests.mayAskServer(block, nowMs);
    const blocks = this.#missing.ofSite(this.#context.ports.random, isOwnTurn);
    const serverMs = this.#servers.request(nowMs, blocks, Number.POSITIVE_INFINITY);
    return Math.min(nextMs, this.#peerRequests.nextTurnMs(nowMs), serverMs, this.#talk.step(nowMs, false));
  }

  #siteServersChanged(servers: readonly AgentId[]): void {
    this.#swarm.leaveOut(servers);
    this.#claim.rest();
    if (servers.length === 0) {
      this.lookup.start();
      return;
    }
    for (const server of servers) this.#claim.heardByebye(server);
    this.#talk.introduce();
  }

  #whyDirect(): JournalReason {
    return this.#directReason ?? (this.#site.areUsed ? 'package-server-of-site' : this.#claimKeeper.whyDirect());
  }

  /** Who follows a Package Server takes what it gives: none of them fetches for it. */
  #laneCount(): number {
    if (!this.#isEmergency || this.#lane.hasGivenUpLanes || this.#context.packageServer !== null) return 1;
    return emergencyLanes;
  }

  /** Not at every step: that would cost more than all the rest. What fails meanwhile is not asked anyway. */
  #prune(nowMs: number): void {
    if (nowMs - this.#prunedAtMs < pruneSpacingMs + this.#swarm.peerCount * pruneSpacingPerPeerMs) return;
    this.#prunedAtMs = nowMs;
    this.#swarm.prune((peer) => this.#context.peers.isThere(peer), nowMs);
  }

  #noteMode(reason: JournalReason | null): void {
    if (reason === this.#directReason) return;
    this.#directReason = reason;
    if (reason === null) return;
    this.#claimKeeper.release();
    // Nobody will be heard any more: who comes back to the others asks them anew before it claims.
    this.#claim.rest();
    const sentence = reason === 'excepted' ? this.#context.conditions.exceptionSentence : null;
    this.#context.journal.decide(this.#manifest.key, reason, 'notification-server', null, sentence);
  }

  #stepLane(nowMs: number): number {
    // Who is no lane any more leaves its blocks to those who are.
    if (this.#claim.role === 'following') this.#fetches.cancelDirect(true);
    return this.#lane.step(nowMs);
  }

  #stepNotices(nowMs: number): number {
    return this.#talk.step(nowMs, this.#lane.isWindowFull(nowMs));
  }

  #peerReason(peer: AgentId): JournalReason {
    const isFollowing = this.#claim.role === 'following' || this.#claim.role === 'lane';
    return isFollowing && !this.#swarm.isComplete(peer) ? 'following-claim' : 'peer-has-block';
  }

  #stored(request: BlockRequest): void {
    this.#blocks.add(request.block);
    this.#talk.noteStored(request.block);
    this.#owner.blockStored(request.block);
    const nowMs = this.#context.nowMs();
    this.#lane.noteStored(nowMs);
    if (request.peer === null) {
      this.#servers.noteStored(request);
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
    else this.#servers.noteFailed(codebase, failure, nowMs);
    this.step();
  }

  /** Every server failed. The pause belongs to the claim, so that one computer of the subnet tries again and not all. */
  #sourcesFailed(): void {
    if (this.#hasStopped) return;
    this.#site.allFailed();
    this.#context.journal.decide(this.#manifest.key, 'source-back-off', 'notification-server', null);
    const scale = this.#context.settings.sourceBackoffScale;
    if (this.#claim.role === 'first-downloader') {
      this.#claimKeeper.release(sourceBackoffMs(this.#claim.failures + 1, scale), true);
    } else this.#servers.backOff(this.#context.nowMs());
    this.step();
  }

  #mapAnswered(peer: AgentId, result: CommandResult): void {
    if (this.#hasStopped || result.kind !== 'blockMapReceived') return;
    this.#talk.receiveMap(peer, result);
    this.step();
  }

  #complete(): void {
    if (this.#directReason === null) this.#talk.tellComplete();
    this.#claimKeeper.complete();
    this.#end();
    this.#owner.completed();
  }

  #end(): void {
    this.#hasStopped = true;
    this.#claimKeeper.end();
    this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
    this.#fetches.cancelAll();
    this.lookup.stop();
  }
}
