import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockRequest, BlockRequests } from './block-requests.ts';
import { CrowdTurns } from './crowd-turns.ts';
import type { PeerFailuresOwner } from './peer-failures.ts';
import { PeerFailures } from './peer-failures.ts';
import { PeerSources } from './peer-sources.ts';
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
/** Where notices have not told enough a map is asked for after this time, then after twice as long each time … */
const firstMapAfterMs = 5000;
/** … up to this: a crowd that waits for the first block has nothing to tell. */
const maxMapSpacingMs = 30_000;
/** Looking for somebody to ask goes through all that take part: not more often than this, whatever happens. */
const mapLookSpacingMs = 1000;

export interface PeerRequestsOwner extends PeerFailuresOwner {
  /** Fetches a block and books it; the result comes back as an input. */
  fetch(block: number, peer: AgentId): void;
  receiveMap(peer: AgentId, result: CommandResult): void;
  /** After the pause between attempts: sources that failed are asked again, and others may be known by now. */
  attemptBegins(): void;
}

interface Candidate {
  readonly peer: AgentId;
  readonly inFlight: number;
  readonly blockPauses: ReadonlyMap<number, number> | null;
}

/** Chooses which blocks to ask from which peers, and when an attempt has failed. */
export class PeerRequests {
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #blocks: BlockSet;
  readonly #swarm: Swarm;
  readonly #requests: BlockRequests;
  readonly #owner: PeerRequestsOwner;
  readonly #sources: PeerSources;
  readonly #failures: PeerFailures;
  readonly #crowdTurns: CrowdTurns;
  #attempts = 0;
  #nextAttemptAtMs: number | null = null;
  #mapAskedAtMs: number;
  #mapSpacingMs = firstMapAfterMs;
  /** In a crowd word comes along its ring while blocks do. */
  #fedUntilMs = Number.NEGATIVE_INFINITY;
  #mapLookedAtMs = Number.NEGATIVE_INFINITY;
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
    this.#sources = new PeerSources(context);
    this.#failures = new PeerFailures(context, manifest, { swarm, requests, sources: this.#sources }, owner);
    this.#crowdTurns = new CrowdTurns(context.ownId, swarm);
    // Who holds something answers the want.
    this.#mapAskedAtMs = context.nowMs();
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
    return this.#sources.hasFailed(peer);
  }

  /** The ways to all peers are others now: failures from before say nothing about any. */
  restart(): void {
    this.#sources.clear();
    this.#attempts = 0;
    this.#nextAttemptAtMs = null;
    this.#mapAskedAtMs = Number.NEGATIVE_INFINITY;
    this.#mapLookedAtMs = Number.NEGATIVE_INFINITY;
    this.#mapSpacingMs = firstMapAfterMs;
  }

  /** What the peer says of its blocks counts for nothing. */
  isIgnored(peer: AgentId): boolean {
    return this.#sources.isIgnored(peer, this.#context.nowMs());
  }

  /** What the peer has said of its blocks may change what is to be asked for. */
  waitsFor(peer: AgentId, nowMs: number): boolean {
    if (this.#nextAttemptAtMs !== null || this.areAttemptsUsedUp) return true;
    // Whoever holds a block that is long under way is asked for it as well.
    if (this.#requests.all.some((request) => request.peer !== null && nowMs >= this.#askAgainAtMs(request)))
      return true;
    if (!this.#swarm.holdsBeyond(peer, this.#blocks, this.#requests.blocks)) return false;
    return this.#swarm.held
      .without(this.#blocks, this.#requests.blocks)
      .some((block) => this.#crowdTurns.mayAsk(block, nowMs));
  }

  /** Whether this agent is among the first to ask a Package Server of the site for the block. */
  mayAskServer(block: number, nowMs: number): boolean {
    return this.#crowdTurns.mayAskServer(block, nowMs);
  }

  /** Those who want the package are a crowd. */
  get isCrowd(): boolean {
    return this.#crowdTurns.isCrowd;
  }

  /** When it is this agent's turn to ask somebody for a further block; Infinity where it waits for none. */
  nextTurnMs(nowMs: number): number {
    return this.#crowdTurns.nextEndMs(nowMs);
  }

  /** Asks for what can be asked for now; returns when to look again. */
  step(nowMs: number): number {
    if (this.#nextAttemptAtMs !== null) {
      const isDue = nowMs >= this.#nextAttemptAtMs;
      if (!isDue && !this.#hasAnotherChance(nowMs)) return this.#nextAttemptAtMs;
      this.#nextAttemptAtMs = null;
      if (isDue) {
        this.#sources.liftPauses();
        this.#owner.attemptBegins();
      }
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
    this.#crowdTurns.noteStored(request.block);
    if (request.peer === null) return;
    this.#mapSpacingMs = firstMapAfterMs;
    if (this.#crowdTurns.isCrowd) this.#fedUntilMs = nowMs + maxMapSpacingMs;
    this.#sources.noteStored(request.peer);
    const tookMs = nowMs - request.startedAtMs;
    this.#typicalMs = this.#typicalMs === 0 ? tookMs : this.#typicalMs + (tookMs - this.#typicalMs) * typicalWeight;
  }

  noteFailed(request: BlockRequest, failure: TransferFailure, nowMs: number): void {
    if (request.peer !== null) this.#failures.noteFailed(request, request.peer, failure, nowMs);
  }

  /** The pause between attempts is for sources that failed: whoever did not, or has started anew, is asked at once. */
  #hasAnotherChance(nowMs: number): boolean {
    return this.#swarm
      .holders()
      .some(
        (peer) =>
          this.#sources.isUnblemished(peer) && this.#sources.isUsable(peer, nowMs) && this.#hasSomethingFor(peer),
      );
  }

  #request(nowMs: number): void {
    let wanted = this.#obtainableBlocks(nowMs);
    while (wanted.length > 0) {
      const candidates = this.#askable(wanted, nowMs);
      const block = pickRarest(
        wanted.filter((missing) => candidates.some((candidate) => this.#canGive(candidate, missing, nowMs))),
        (missing) => this.#swarm.holdersOf(missing),
        this.#context.ports.random,
      );
      if (block === null) return;
      const peer = this.#leastAsked(candidates.filter((candidate) => this.#canGive(candidate, block, nowMs)));
      if (peer === null) return;
      this.#owner.fetch(block, peer);
      wanted = wanted.filter((missing) => missing !== block);
    }
  }

  /** Missing blocks that somebody holds and nobody is being asked for. */
  #obtainableBlocks(nowMs: number): number[] {
    const here = this.#swarm.held.without(this.#blocks, this.#requests.blocks);
    return here.filter((block) => this.#crowdTurns.mayAsk(block, nowMs));
  }

  /** End-game: what only one slow peer has been asked for is asked from another as well; the first answer counts. */
  #requestAgain(nowMs: number): void {
    for (const request of this.#requests.all) {
      if (request.peer === null || nowMs < this.#askAgainAtMs(request)) continue;
      if (this.#requests.ofBlock(request.block) > 1) continue;
      const idle = this.#askable([request.block], nowMs).filter(
        (candidate) => candidate.inFlight === 0 && this.#canGive(candidate, request.block, nowMs),
      );
      const peer = this.#leastAsked(idle);
      if (peer !== null) this.#owner.fetch(request.block, peer);
    }
  }

  #askAgainAtMs(request: BlockRequest): number {
    return request.startedAtMs + Math.max(endGameAfterMs, this.#typicalMs * endGameAfterTypical);
  }

  get #mapDueMs(): number {
    return Math.max(this.#mapAskedAtMs + this.#mapSpacingMs, this.#mapLookedAtMs + mapLookSpacingMs, this.#fedUntilMs);
  }

  /** A peer that takes part but has told nothing to ask for is asked for its map; from then on it tells by itself. */
  #askForMap(nowMs: number): void {
    if (nowMs < this.#mapDueMs || this.#requests.peerCount >= this.#context.settings.peersPerAttempt) return;
    this.#mapLookedAtMs = nowMs;
    // In the order of their ids: that in which they were heard is another for every computer.
    const unknown = [...new Set([...this.#swarm.followers(), ...this.#announcers()])]
      .filter(
        (peer) =>
          this.#sources.isUsable(peer, nowMs) && this.#requests.ofPeer(peer) === 0 && !this.#hasSomethingFor(peer),
      )
      .sort();
    const peer = unknown[this.#context.ports.random.below(Math.max(1, unknown.length))];
    const endpoint = peer === undefined ? null : this.#context.peers.find(peer);
    if (peer === undefined || endpoint === null) return;
    this.#mapAskedAtMs = nowMs;
    this.#mapSpacingMs = Math.min(2 * this.#mapSpacingMs, maxMapSpacingMs);
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
    if (!this.#swarm.hasOther(this.#blocks)) return;
    const holders = this.#swarm.holders().filter((peer) => this.#hasSomethingFor(peer));
    if (!holders.every((peer) => this.hasFailed(peer))) return;
    this.#attempts++;
    if (this.areAttemptsUsedUp) {
      this.#context.journal.decide(this.#manifest.key, 'attempts-used-up', null, null);
    } else this.#nextAttemptAtMs = nowMs + this.#context.settings.attemptPeriodMs;
  }

  #nextLookMs(nowMs: number): number {
    let nextMs = Math.min(this.#nextAttemptAtMs ?? Number.POSITIVE_INFINITY, this.#sources.nextEndMs(nowMs));
    for (const request of this.#requests.all) {
      const againMs = this.#askAgainAtMs(request);
      if (request.peer !== null && againMs > nowMs) nextMs = Math.min(nextMs, againMs);
    }
    nextMs = Math.min(nextMs, this.#crowdTurns.nextEndMs(nowMs));
    return Math.min(nextMs, Math.max(Math.max(nowMs, this.#mapAskedAtMs) + this.#mapSpacingMs, this.#fedUntilMs));
  }

  /** Peers that hold one of the blocks and may be asked for one more, in the order of ids. */
  #askable(wanted: readonly number[], nowMs: number): Candidate[] {
    const mayAskFurther = this.#requests.peerCount < this.#context.settings.peersPerAttempt;
    const candidates: Candidate[] = [];
    for (const peer of this.#swarm.holders()) {
      if (!this.#swarm.holdsAnyOf(peer, wanted)) continue;
      const inFlight = this.#requests.ofPeer(peer);
      if (inFlight >= requestsPerPeer || (inFlight === 0 && !mayAskFurther)) continue;
      if (!this.#sources.isUsable(peer, nowMs)) continue;
      candidates.push({ peer, inFlight, blockPauses: this.#sources.blockPausesOf(peer) });
    }
    return candidates;
  }

  #leastAsked(candidates: readonly Candidate[]): AgentId | null {
    let fewest = Number.POSITIVE_INFINITY;
    let least: AgentId[] = [];
    for (const { peer, inFlight } of candidates) {
      if (inFlight < fewest) least = [];
      fewest = Math.min(fewest, inFlight);
      if (inFlight === fewest) least.push(peer);
    }
    return least[this.#context.ports.random.below(Math.max(1, least.length))] ?? null;
  }

  #canGive({ peer, blockPauses }: Candidate, block: number, nowMs: number): boolean {
    return this.#swarm.holds(peer, block) && (blockPauses?.get(block) ?? 0) <= nowMs;
  }

  #hasSomethingFor(peer: AgentId): boolean {
    return this.#swarm.holdsOther(peer, this.#blocks);
  }

  #announcers(): AgentId[] {
    return this.#context.holderFinder.known(this.#manifest.key).map((holder) => holder.peer);
  }
}
