import type { Codebase } from '../contracts/agent-api.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockRequest, BlockRequests } from './block-requests.ts';
import { Codebases } from './codebases.ts';
import type { PackageManifest } from './ports.ts';

/** Enough to hide the round trip of a request, little enough to lose when this computer dies. */
const maxDirectRequests = 2;
/**
 * Two requests that start together share the link and end together, and then the link idles while followers take both
 * blocks. Started a quarter of a block's time apart, one is under way while the other is handed on.
 */
const startSpacingDivisor = 4;
const firstStartSpacingMs = 250;
const maxBusyPauseMs = 30_000;

export interface DirectRequestsOwner {
  fetch(block: number, codebase: Codebase): void;
  /** Every codebase has failed, or the server named none. */
  allSourcesFailed(): void;
  /** Codebases are there: look again. */
  step(): void;
}

/** Fetches blocks from the codebases of the server, in their order; who may do so, and which blocks, others decide. */
export class DirectRequests {
  readonly #context: AgentContext;
  readonly #requests: BlockRequests;
  readonly #owner: DirectRequestsOwner;
  readonly #codebases: Codebases;
  #pausedUntilMs = 0;
  #nextStartAtMs = 0;
  #hasStored = false;
  #startSpacingMs = firstStartSpacingMs;

  constructor(context: AgentContext, manifest: PackageManifest, requests: BlockRequests, owner: DirectRequestsOwner) {
    this.#context = context;
    this.#requests = requests;
    this.#owner = owner;
    this.#codebases = new Codebases(context, manifest, {
      known: () => owner.step(),
      allFailed: () => owner.allSourcesFailed(),
    });
  }

  /** What is known of them and has not failed; null while they are asked for. */
  get codebases(): readonly Codebase[] | null {
    return this.#codebases.known;
  }

  /** The ways to the sources are others now, and the sources may be: what failed before is forgotten. */
  restart(): void {
    this.#codebases.restart();
    this.#pausedUntilMs = 0;
  }

  /** Blocks will be asked for soon: learns from where. */
  prepare(): void {
    this.#codebases.current(this.#context.nowMs());
  }

  /** Requests up to `room` of `blocks`, in their order; returns when to look again. */
  step(nowMs: number, blocks: Iterable<number>, room: number): number {
    const isNear = this.#codebases.isOwnSite;
    // The first block alone: it is what everybody waits for. On the own LAN nobody waits for this computer.
    const most = this.#hasStored || isNear ? maxDirectRequests : 1;
    let free = Math.min(room, most - this.#requests.directCount);
    if (free <= 0) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs;
    for (const block of blocks) {
      if (!isNear && this.#requests.directCount > 0 && nowMs < this.#nextStartAtMs) return this.#nextStartAtMs;
      const codebase = this.#codebases.current(nowMs);
      if (codebase === null) return this.#codebases.busyUntilMs(nowMs);
      this.#nextStartAtMs = nowMs + this.#startSpacingMs;
      this.#owner.fetch(block, codebase);
      free--;
      if (free <= 0) break;
    }
    return Number.POSITIVE_INFINITY;
  }

  noteStored(request: BlockRequest): void {
    this.#codebases.noteStored(this.#context.nowMs());
    this.#pausedUntilMs = 0;
    this.#hasStored = true;
    this.#startSpacingMs = (this.#context.nowMs() - request.startedAtMs) / startSpacingDivisor;
  }

  noteFailed(codebase: Codebase, failure: TransferFailure, nowMs: number): void {
    switch (failure.code) {
      case 'busy':
      case 'block-busy': {
        const untilMs = nowMs + Math.min(Math.max(failure.retryAfterMs, 100), maxBusyPauseMs);
        // Another Package Server of the site has the same way here; one further away does not.
        if (codebase.source === 'package-server-own-site') this.#codebases.noteBusy(codebase, untilMs);
        else this.#pausedUntilMs = untilMs;
        return;
      }
      case 'aborted':
      case 'disk-full':
      case 'disk-error':
        return;
      default:
        this.#codebases.noteFailed(codebase, nowMs);
    }
  }
}
