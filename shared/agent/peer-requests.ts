import { doublingBackoffMs } from '../base/back-off.ts';
import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockRequest, BlockRequests } from './block-requests.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import { pickRarest } from './rarest-first.ts';
import type { Swarm } from './swarm.ts';

/** In flight per peer: one on the wire, one on its way, so that a peer is never idle between two requests. */
const requestsPerPeer = 2;
/** End-game: a block is asked from a second peer when the first has had it for this long … */
const endGameAfterMs = 2000;
/** … and for so many times what a block takes now: where everybody is slow, asking twice makes all slower. */
const endGameAfterTypical = 2;
/** Weight of the newest block in what a block takes now. */
const typicalWeight = 0.2;
/** Maps are asked for at this pace where notices have not told enough. */
const mapSpacingMs = 2000;
/** A first failure pauses a peer for this long; each further one doubles it, up to the period between attempts. */
const firstPauseMs = 500;
/** So many failures in a row mean that nobody is there, until the peer is heard again. */
const failuresUntilUnreachable = 2;
const maxBusyPauseMs = 10_000;
const journalSpacingMs = 10_000;

interface SourceRecord {
  /** A peer that has started anew starts anew here too. */
  readonly bootId: number;
  failures: number;
  /** Not to be asked before. */
  pausedUntilMs: number;
  /** Paused by failures, not by a 503: such pauses end an attempt. */
  hasFailed: boolean;
}

export interface PeerRequestsOwner {
  /** Fetches a block and books it; the result comes back as an input. */
  fetch(block: number, peer: AgentId): void;
  /** The peer failed as if it were gone. */
  suspect(peer: AgentId): void;
  receiveMap(peer: AgentId, result: CommandResult): void;
}

/** Chooses which blocks to ask from which peers, and judges the peers by what comes. */
export class PeerRequests {
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #blocks: BlockSet;
  readonly #swarm: Swarm;
  readonly #requests: BlockRequests;
  readonly #owner: PeerRequestsOwner;
  readonly #sources = new Map<AgentId, SourceRecord>();
  readonly #dropped = new Set<AgentId>();
  #attempts = 0;
  #nextAttemptAtMs: number | null = null;
  #mapAskedAtMs = Number.NEGATIVE_INFINITY;
  #journalledAtMs = new Map<JournalReason, number>();
  /** What a block from a peer takes now; 0 until the first has come. */
  #typicalMs = 0;

  constructor(
    context: AgentContext,
    manifest: PackageManifest,
    blocks: BlockSet,
    swarm: Swarm,
    requests: BlockRequests,
    owner: PeerRequestsOwner,
  ) {
    this.#context = context;
    this.#manifest = manifest;
    this.#blocks = blocks;
    this.#swarm = swarm;
    this.#requests = requests;
    this.#owner = owner;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** All attempts failed: what peers hold counts as not there, and is claimed. */
  get areAttemptsUsedUp(): boolean {
    return this.#attempts >= this.#context.settings.maxAttempts;
  }

  /** The peer answers no requests now: it is paused by failures, not by want of a free slot. */
  hasFailed(peer: AgentId): boolean {
    const source = this.#sourceOf(peer);
    return source?.hasFailed === true && source.pausedUntilMs > this.#context.nowMs();
  }

  /** The ways to all peers are others now: failures from before say nothing about any. */
  restart(): void {
    this.#sources.clear();
    this.#attempts = 0;
    this.#nextAttemptAtMs = null;
    this.#mapAskedAtMs = Number.NEGATIVE_INFINITY;
  }

  isDropped(peer: AgentId): boolean {
    return this.#dropped.has(peer);
  }

  /** Asks for what can be asked for now; returns when to look again. */
  step(nowMs: number): number {
    if (this.#nextAttemptAtMs !== null) {
      const isDue = nowMs >= this.#nextAttemptAtMs;
      if (!isDue && !this.#hasAnotherChance(nowMs)) return this.#nextAttemptAtMs;
      this.#nextAttemptAtMs = null;
      if (isDue) for (const source of this.#sources.values()) source.pausedUntilMs = 0;
    }
    this.#request(nowMs);
    this.#requestAgain(nowMs);
    this.#askForMap(nowMs);
    this.#endAttempt(nowMs);
    return this.#nextLookMs(nowMs);
  }

  noteStored(request: BlockRequest, nowMs: number): void {
    this.#attempts = 0;
    this.#nextAttemptAtMs = null;
    if (request.peer === null) return;
    this.#sources.delete(request.peer);
    const tookMs = nowMs - request.startedAtMs;
    this.#typicalMs = this.#typicalMs === 0 ? tookMs : this.#typicalMs + (tookMs - this.#typicalMs) * typicalWeight;
  }

  noteFailed(request: BlockRequest, failure: TransferFailure, nowMs: number): void {
    const peer = request.peer;
    if (peer === null) return;
    const record = this.#context.peers.record(peer);
    switch (failure.code) {
      case 'busy':
        record.refusals++;
        this.#pause(peer, nowMs + Math.min(Math.max(failure.retryAfterMs, 50), maxBusyPauseMs), false);
        for (const other of failure.others) {
          if (this.#context.peers.isAlive(other.agentId)) this.#swarm.addLead(other.agentId, request.block);
        }
        this.#journal('peers-busy', peer, nowMs);
        return;
      case 'not-available':
        this.#swarm.removeBlock(peer, request.block);
        return;
      case 'timeout':
      case 'refused':
        record.refusals++;
        this.#noteFailure(peer, nowMs);
        this.#journal(failure.code === 'timeout' ? 'peer-timeout' : 'peer-refused', peer, nowMs);
        return;
      case 'identity-mismatch':
        record.refusals++;
        this.#drop(peer);
        this.#context.journal.decide(this.#manifest.key, 'peer-identity-mismatch', 'peer', peer);
        return;
      case 'hash-mismatch':
        record.badBlocks++;
        this.#drop(peer);
        this.#context.journal.decide(this.#manifest.key, 'hash-mismatch', 'peer', peer);
        return;
      default:
        return;
    }
  }

  /** The pause between attempts is for sources that failed: whoever did not, or has started anew, is asked at once. */
  #hasAnotherChance(nowMs: number): boolean {
    return this.#swarm
      .holders()
      .some(
        (peer) =>
          this.#sourceOf(peer)?.hasFailed !== true && this.#isUsable(peer, nowMs) && this.#hasSomethingFor(peer),
      );
  }

  #request(nowMs: number): void {
    let candidates = this.#askablePeers(nowMs);
    while (candidates.length > 0) {
      const block = pickRarest(
        this.#missingBlocksOf(candidates),
        (missing) => this.#swarm.holdersOf(missing),
        this.#context.ports.random,
      );
      if (block === null) return;
      const peer = this.#leastAsked(
        candidates.filter((candidate) => this.#swarm.blocksOf(candidate)?.has(block) === true),
      );
      if (peer === null) return;
      this.#owner.fetch(block, peer);
      candidates = this.#askablePeers(nowMs);
    }
  }

  /** End-game: what only one slow peer has been asked for is asked from another as well; the first answer counts. */
  #requestAgain(nowMs: number): void {
    for (const request of this.#requests.all) {
      if (request.peer === null || nowMs < this.#askAgainAtMs(request)) continue;
      if (this.#requests.ofBlock(request.block) > 1) continue;
      const idle = this.#askablePeers(nowMs).filter(
        (peer) => this.#requests.ofPeer(peer) === 0 && this.#swarm.blocksOf(peer)?.has(request.block) === true,
      );
      const peer = this.#leastAsked(idle);
      if (peer !== null) this.#owner.fetch(request.block, peer);
    }
  }

  #askAgainAtMs(request: BlockRequest): number {
    return request.startedAtMs + Math.max(endGameAfterMs, this.#typicalMs * endGameAfterTypical);
  }

  /** A peer that takes part but has told nothing to ask for is asked for its map; from then on it tells by itself. */
  #askForMap(nowMs: number): void {
    if (nowMs - this.#mapAskedAtMs < mapSpacingMs || this.#requests.peerCount >= this.#context.settings.peersPerAttempt)
      return;
    const unknown = [...new Set([...this.#swarm.followers(), ...this.#announcers()])].filter(
      (peer) => this.#isUsable(peer, nowMs) && this.#requests.ofPeer(peer) === 0 && !this.#hasSomethingFor(peer),
    );
    const peer = unknown[this.#context.ports.random.below(Math.max(1, unknown.length))];
    const endpoint = peer === undefined ? null : this.#context.peers.find(peer);
    if (peer === undefined || endpoint === null) return;
    this.#mapAskedAtMs = nowMs;
    const commandId = this.#context.commands.begin((result) => this.#owner.receiveMap(peer, result));
    this.#context.ports.transfers.fetchBlockMap({
      commandId,
      key: this.#manifest.key,
      peer: endpoint,
      timeoutMs: this.#context.settings.requestTimeoutMs,
    });
  }

  /** Nobody can be asked although somebody holds what is missing: the attempt has failed. */
  #endAttempt(nowMs: number): void {
    if (this.#requests.peerCount > 0 || this.#nextAttemptAtMs !== null || this.areAttemptsUsedUp) return;
    const holders = this.#swarm.holders().filter((peer) => this.#hasSomethingFor(peer));
    if (holders.length === 0) return;
    if (!holders.every((peer) => this.hasFailed(peer))) return;
    this.#attempts++;
    if (this.areAttemptsUsedUp) {
      this.#context.journal.decide(this.#manifest.key, 'attempts-used-up', null, null);
    } else this.#nextAttemptAtMs = nowMs + this.#context.settings.attemptPeriodMs;
  }

  #nextLookMs(nowMs: number): number {
    let nextMs = this.#nextAttemptAtMs ?? Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) {
      if (source.pausedUntilMs > nowMs) nextMs = Math.min(nextMs, source.pausedUntilMs);
    }
    for (const request of this.#requests.all) {
      const againMs = this.#askAgainAtMs(request);
      if (request.peer !== null && againMs > nowMs) nextMs = Math.min(nextMs, againMs);
    }
    return Math.min(nextMs, Math.max(nowMs, this.#mapAskedAtMs) + mapSpacingMs);
  }

  #askablePeers(nowMs: number): AgentId[] {
    const mayAskFurther = this.#requests.peerCount < this.#context.settings.peersPerAttempt;
    return this.#swarm.holders().filter((peer) => {
      const inFlight = this.#requests.ofPeer(peer);
      return inFlight < requestsPerPeer && (inFlight > 0 || mayAskFurther) && this.#isUsable(peer, nowMs);
    });
  }

  *#missingBlocksOf(peers: readonly AgentId[]): Generator<number> {
    const maps = peers.map((peer) => this.#swarm.blocksOf(peer));
    for (let block = 0; block < this.#manifest.blockCount; block++) {
      if (this.#blocks.has(block) || this.#requests.ofBlock(block) > 0) continue;
      if (maps.some((map) => map?.has(block) === true)) yield block;
    }
  }

  #leastAsked(peers: readonly AgentId[]): AgentId | null {
    let fewest = Number.POSITIVE_INFINITY;
    let least: AgentId[] = [];
    for (const peer of peers) {
      const inFlight = this.#requests.ofPeer(peer);
      if (inFlight < fewest) least = [];
      fewest = Math.min(fewest, inFlight);
      if (inFlight === fewest) least.push(peer);
    }
    return least[this.#context.ports.random.below(Math.max(1, least.length))] ?? null;
  }

  #hasSomethingFor(peer: AgentId): boolean {
    const map = this.#swarm.blocksOf(peer);
    return map?.ranges().some(([first, end]) => this.#isMissingOneOf(first, end)) === true;
  }

  #isMissingOneOf(first: number, end: number): boolean {
    for (let block = first; block < end; block++) if (!this.#blocks.has(block)) return true;
    return false;
  }

  #announcers(): AgentId[] {
    return this.#context.holderFinder.known(this.#manifest.key).map((holder) => holder.peer);
  }

  #isUsable(peer: AgentId, nowMs: number): boolean {
    return (
      !this.#dropped.has(peer) &&
      (this.#sourceOf(peer)?.pausedUntilMs ?? 0) <= nowMs &&
      this.#context.peers.isAlive(peer)
    );
  }

  #sourceOf(peer: AgentId): SourceRecord | null {
    const source = this.#sources.get(peer);
    if (source === undefined) return null;
    if (source.bootId === this.#bootIdOf(peer)) return source;
    this.#sources.delete(peer);
    return null;
  }

  #bootIdOf(peer: AgentId): number {
    return this.#context.peers.find(peer)?.bootId ?? 0;
  }

  #noteFailure(peer: AgentId, nowMs: number): void {
    const failures = (this.#sourceOf(peer)?.failures ?? 0) + 1;
    const pauseMs = doublingBackoffMs(firstPauseMs, failures - 1, this.#context.settings.attemptPeriodMs);
    this.#pause(peer, nowMs + pauseMs, true);
    const source = this.#sourceOf(peer);
    if (source !== null) source.failures = failures;
    this.#owner.suspect(peer);
    if (failures >= failuresUntilUnreachable) this.#context.peers.markUnreachable(peer);
  }

  #pause(peer: AgentId, untilMs: number, hasFailed: boolean): void {
    const failures = this.#sourceOf(peer)?.failures ?? 0;
    this.#sources.set(peer, { bootId: this.#bootIdOf(peer), failures, pausedUntilMs: untilMs, hasFailed });
  }

  #drop(peer: AgentId): void {
    this.#dropped.add(peer);
    this.#swarm.remove(peer);
  }

  #journal(reason: JournalReason, peer: AgentId, nowMs: number): void {
    if (nowMs - (this.#journalledAtMs.get(reason) ?? Number.NEGATIVE_INFINITY) < journalSpacingMs) return;
    this.#journalledAtMs.set(reason, nowMs);
    this.#context.journal.decide(this.#manifest.key, reason, 'peer', peer);
  }
}
