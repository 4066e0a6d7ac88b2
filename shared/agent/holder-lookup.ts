import { BlockSet } from '../base/block-set.ts';
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
  receiveMap(peer: AgentId, result: CommandResult): void;
  /** Not from inside `start`. */
  ended(): void;
}

/** The look-up with which a download, and each further attempt of it, begins. Holders of the DHT are asked for their maps. */
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

  /** Does nothing while one is under way. */
  start(): void {
    if (this.#underWay > 0) return;
    const { holderFinder, settings } = this.#context;
    const { key, totalSizeBytes } = this.#manifest;
    for (const holder of holderFinder.known(key)) this.#noteAnnounced(holder);
    if (totalSizeBytes < settings.minPeerPackageBytes) return;
    this.#startedAtMs = this.#context.nowMs();
    this.#asked = 0;
    this.#underWay = 1;
    if (this.#context.isStartPhase) this.#context.timers.after(afterStartMs, () => this.#lookUp());
    else {
      this.#isStarting = true;
      this.#lookUp();
      this.#isStarting = false;
    }
  }

  #lookUp(): void {
    if (this.#isOver) return;
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
