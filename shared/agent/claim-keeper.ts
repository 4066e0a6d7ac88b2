import type { BlockSet } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { BlockFetches } from './block-fetches.ts';
import type { ClaimChange } from './claim.ts';
import { Claim } from './claim.ts';
import { ClaimChronicle } from './claim-chronicle.ts';
import { heedsClaimsOf } from './claim-reach.ts';
import type { ClaimSituation } from './claim-situation.ts';
import { probeClaimer } from './claimer-probe.ts';
import type { HolderLookup } from './holder-lookup.ts';
import type { MissingBlocks } from './missing-blocks.ts';
import type { PeerRequests } from './peer-requests.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import type { ServerSources } from './server-sources.ts';
import type { Swarm } from './swarm.ts';

export interface ClaimKeeperParts {
  readonly blocks: BlockSet;
  readonly swarm: Swarm;
  readonly missing: MissingBlocks;
  readonly peerRequests: PeerRequests;
  readonly lookup: HolderLookup;
  readonly servers: ServerSources;
  readonly fetches: BlockFetches;
  /** Lanes to appoint under an own claim. */
  laneCount(): number;
  isEmergency(): boolean;
  /** Nothing holds the download up. */
  isFetching(): boolean;
  receiveMap(peer: AgentId, result: CommandResult): void;
  step(): void;
}

/**
 * The claim on one package in its surroundings: tells it how things stand, and carries out what it asks for – its words, the
 * look after a silent claimer, the end of requests over the WAN.
 */
export class ClaimKeeper {
  readonly claim: Claim;
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #parts: ClaimKeeperParts;
  readonly #chronicle: ClaimChronicle;
  #isOver = false;

  constructor(context: AgentContext, manifest: PackageManifest, parts: ClaimKeeperParts) {
    this.#context = context;
    this.#manifest = manifest;
    this.#parts = parts;
    this.#chronicle = new ClaimChronicle(context, manifest.key);
    this.claim = new Claim(context.ownId, manifest.key, {
      broadcast: (message) => context.voice.broadcast(message),
      tell: (peer, message) => context.voice.tell(peer, message),
      probe: (claimer) => this.#probe(claimer),
      changed: (change, epoch, peer) => this.#changed(change, epoch, peer),
    });
  }

  /** Does what is due; returns when it has to be called again at the latest. */
  step(nowMs: number): number {
    const claimer = this.claim.current?.claimer ?? this.#context.ownId;
    // The role of a Package Server may be newer than the claim.
    if (claimer !== this.#context.ownId && !heedsClaimsOf(this.#context, claimer)) this.distrusted(claimer);
    return this.claim.step(nowMs, this.#situation(nowMs));
  }

  /** The peer's word on this package counts no longer. */
  distrusted(peer: AgentId): void {
    const nowMs = this.#context.nowMs();
    this.claim.distrusted(peer, nowMs, this.#situation(nowMs));
  }

  /** The peer waits for this Package Server to fetch what it claimed to fetch itself: it is taken over from at once. */
  askedAsServer(peer: AgentId): void {
    const nowMs = this.#context.nowMs();
    this.claim.distrusted(peer, nowMs, { ...this.#situation(nowMs), followers: [] });
  }

  /** Gives an own claim to the best follower; nobody claims before `retryAfterMs`. */
  release(retryAfterMs = 0, hasFailed = false): void {
    const own = this.#ownEpoch;
    if (own === null) return;
    this.#parts.fetches.cancelDirect(false);
    this.claim.release(this.#context.nowMs(), retryAfterMs, hasFailed, this.#parts.swarm.bestFollower());
    this.#chronicle.report(own, 'released');
  }

  /** The package is complete: an own claim has served its purpose. */
  complete(): void {
    const own = this.#ownEpoch;
    if (own !== null) this.#chronicle.report(own, 'completed');
    this.claim.complete();
  }

  /** The download has ended: answers that are under way say nothing any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Why the server and not a peer: the question that the journal exists to answer. */
  whyDirect(): JournalReason {
    const { swarm, peerRequests } = this.#parts;
    if (peerRequests.areAttemptsUsedUp) return 'attempts-used-up';
    if (swarm.followerCount > 0 && !this.claim.isAlone) return 'lane';
    return this.#context.peers.alive().length === 0 ? 'no-peer-known' : 'no-holder-online';
  }

  #situation(nowMs: number): ClaimSituation {
    const { blocks, swarm, missing, lookup, servers, laneCount } = this.#parts;
    const claimer = this.claim.current?.claimer ?? null;
    return {
      needsWan: missing.needWan(),
      blocksHere: blocks.count,
      isUpToDateWithClaimer: claimer === null || this.#hasTakenAllOf(claimer),
      followers: swarm.followers(),
      isStillFetching: (peer) => this.#context.peers.isAlive(peer) && swarm.mayBeFetching(peer),
      laneCount: laneCount(),
      rateCapBytesPerSecond: servers.rateCap(nowMs),
      isStartPhase: this.#context.isStartPhase,
      haveAllSpoken: () => swarm.areAllHeard(this.#context.peers.alive()),
      isLookingUp: lookup.delaysClaim(nowMs),
      isLagging: this.#context.timers.isLagging,
      isServing: !this.#context.servesNobody,
      isInstalling: this.#context.conditions.servingProblem === 'installing',
      isEmergency: this.#parts.isEmergency(),
    };
  }

  /** Nothing is left to take from the claimer: because it is here, or because the claimer gives nothing. */
  #hasTakenAllOf(claimer: AgentId): boolean {
    const { missing, peerRequests } = this.#parts;
    return missing.areNoneAt(claimer) || peerRequests.hasFailed(claimer) || peerRequests.areAttemptsUsedUp;
  }

  get #ownEpoch(): number | null {
    return this.claim.role === 'first-downloader' ? (this.claim.current?.epoch ?? null) : null;
  }

  #changed(change: ClaimChange, epoch: number, peer: AgentId | null): void {
    if (change === 'lost') this.#parts.fetches.cancelDirect(true);
    // Whom it would follow, explains nothing while it does nothing.
    else if (!this.#parts.isFetching()) return;
    if (change === 'claimed' || change === 'taken-over') this.#parts.servers.prepare();
    this.#chronicle.changed(change, epoch, peer, this.whyDirect());
  }

  #probe(claimer: AgentId): void {
    const then = (effect: (nowMs: number) => void): void => {
      if (this.#isOver) return;
      effect(this.#context.nowMs());
      this.#parts.step();
    };
    probeClaimer(this.#context, this.#manifest.key, claimer, {
      answered: (result) =>
        then((nowMs) => {
          this.#parts.receiveMap(claimer, result);
          this.claim.probeAnswered(claimer, true, nowMs);
        }),
      answeredWithout: () => then((nowMs) => this.claim.probeAnswered(claimer, false, nowMs)),
      failed: () =>
        then((nowMs) => {
          this.#parts.swarm.remove(claimer);
          this.claim.probeFailed(claimer, nowMs, this.#situation(nowMs));
        }),
    });
  }
}
