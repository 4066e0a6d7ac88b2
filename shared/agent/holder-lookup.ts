import { BlockSet } from '../base/block-set.ts';
import { hrwWeight } from '../base/hrw.ts';
import type { AgentId } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import { claimTimes } from './claim-times.ts';
import type { FoundHolder } from './holder-finder.ts';
import type { CommandResult } from './pending-commands.ts';
import type { PackageManifest } from './ports.ts';
import type { Swarm } from './swarm.ts';

/** The claim waits so long for a lookup: nodes that do not answer cost a second, a holder that is gone another. */
const maxClaimDelayMs = 2000;
/** Who has just started knows nobody to ask: peers answer its announcement within half a second, and wants are gathered for one. */
const afterStartMs = 700;

export interface HolderLookupOwner {
  /** Somebody claims, and has looked already; or the package comes from Package Servers of the site. */
  isNeedless(): boolean;
  receiveMap(peer: AgentId, result: CommandResult): void;
  /** Not from inside `start`. */
  ended(): void;
}

/**
 * The look-up with which a download, and each further attempt of it, begins. Holders of the DHT are asked for their maps. What
 * it may spare is a copy over the WAN: of those who begin together each looks before it would be its turn to claim, so that
 * hundreds who follow a claim ask nobody.
 */
export class HolderLookup {
  readonly #context: AgentContext;
  readonly #manifest: PackageManifest;
  readonly #swarm: Swarm;
  readonly #owner: HolderLookupOwner;
  #startedAtMs = 0;
  /** The search itself, and maps asked for. */
  #underWay = 0;
  #asked = 0;
  #isStarting = false;
  #isOver = false;

  constructor(context: AgentContext, manifest: PackageManifest, swarm: Swarm, owner: HolderLookupOwner) {
    this.#context = context;
    this.#manifest = manifest;
    this.#swarm = swarm;
    this.#owner = owner;
  }

  /** Nothing should cross the WAN yet: somebody near may hold the package. */
  delaysClaim(nowMs: number): boolean {
    return this.#underWay > 0 && nowMs < this.#startedAtMs + maxClaimDelayMs;
  }

  /** The download has ended: nobody is asked any more. */
  stop(): void {
    this.#isOver = true;
  }

  /** Takes its turn among those who want the package. Does nothing while one is under way. */
  start(): void {
    if (!this.#begin()) return;
    this.#awaitTurn(0, this.#context.isStartPhase ? afterStartMs : claimTimes.shortestGatherMs);
  }

  /** For an attempt after one that failed: it needs other holders, whoever claims. */
  startAtOnce(): void {
    if (!this.#begin()) return;
    this.#isStarting = true;
    this.#lookUp();
    this.#isStarting = false;
  }

  /** False where nothing has to be looked up, or that is being done. */
  #begin(): boolean {
    if (this.#underWay > 0) return false;
    const { holderFinder, settings } = this.#context;
    const { key, totalSizeBytes } = this.#manifest;
    for (const holder of holderFinder.known(key)) this.#noteAnnounced(holder);
    if (totalSizeBytes < settings.minPeerPackageBytes) return false;
    this.#startedAtMs = this.#context.nowMs();
    this.#asked = 0;
    this.#underWay = 1;
    return true;
  }

  #awaitTurn(turn: number, delayMs: number): void {
    this.#context.timers.after(delayMs, () => {
      if (this.#isOver) return;
      if (this.#owner.isNeedless()) {
        this.#settle();
        return;
      }
      const rank = this.#rank();
      if (rank <= turn) this.#lookUp();
      else this.#awaitTurn(rank, (rank - turn) * claimTimes.turnMs);
    });
  }

  /** So many of those heard wanting come before, as when it is claimed. */
  #rank(): number {
    const { key } = this.#manifest;
    const ownWeight = hrwWeight(this.#context.ownId, key);
    let rank = 0;
    for (const follower of this.#swarm.followers()) {
      if (hrwWeight(follower, key) > ownWeight) rank++;
      if (rank === claimTimes.maxTurns) break;
    }
    return rank;
  }

  #lookUp(): void {
    const listener = { found: (peer: AgentId) => this.#found(peer), ended: () => this.#settle() };
    this.#context.holderFinder.lookUp(this.#manifest.key, listener);
  }

  #noteAnnounced({ peer, state }: FoundHolder): void {
    const { blockCount } = this.#manifest;
    if (state === 'downloading') this.#swarm.noteWanted(peer, this.#context.nowMs());
    else if (!this.#swarm.hasMapOf(peer)) this.#swarm.setMap(peer, BlockSet.full(blockCount), blockCount);
  }

  #found(peer: AgentId): void {
    const endpoint = this.#context.peers.find(peer);
    // What the peer itself has told of its blocks is newer than what the DHT knows.
    if (this.#isOver || endpoint === null || this.#swarm.hasMapOf(peer)) return;
    if (this.#asked >= this.#context.settings.peersPerAttempt) return;
    this.#asked++;
    this.#underWay++;
    const commandId = this.#context.commands.begin((result) => {
      this.#owner.receiveMap(peer, result);
      this.#settle();
    });
    const timeoutMs = claimTimes.probeTimeoutMs;
    this.#context.ports.transfers.fetchBlockMap({ commandId, key: this.#manifest.key, peer: endpoint, timeoutMs });
  }

  #settle(): void {
    this.#underWay--;
    if (this.#underWay === 0 && !this.#isStarting) this.#owner.ended();
  }
}
