import type { Codebase } from '../contracts/agent-api.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockRequest, BlockRequests } from './block-requests.ts';
import type { PackageManifest } from './ports.ts';

/** Enough to hide the round trip of a request, little enough to lose when this computer dies. */
const maxDirectRequests = 2;
/**
 * Two requests that start together share the link and end together, and then the link idles while followers take both
 * blocks. Started a quarter of a block's time apart, one is under way while the other is handed on.
 */
const startSpacingDivisor = 4;
const firstStartSpacingMs = 250;
/** The catalogue of sources may change while a package is on its way. */
const codebasesValidMs = 600_000;
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
  readonly #manifest: PackageManifest;
  readonly #requests: BlockRequests;
  readonly #owner: DirectRequestsOwner;
  #codebases: readonly Codebase[] | null = null;
  #codebasesAtMs = Number.NEGATIVE_INFINITY;
  #isAsking = false;
  /** Tells answers to questions from before a restart. */
  #asked = 0;
  #current = 0;
  #pausedUntilMs = 0;
  #nextStartAtMs = 0;
  #hasStored = false;
  #startSpacingMs = firstStartSpacingMs;

  constructor(context: AgentContext, manifest: PackageManifest, requests: BlockRequests, owner: DirectRequestsOwner) {
    this.#context = context;
    this.#manifest = manifest;
    this.#requests = requests;
    this.#owner = owner;
  }

  /** The ways to the sources are others now, and the sources may be: what failed before is forgotten. */
  restart(): void {
    this.#codebases = null;
    this.#pausedUntilMs = 0;
    this.#isAsking = false;
    this.#asked++;
  }

  /** Blocks will be asked for soon: learns from where. */
  prepare(): void {
    this.#codebase(this.#context.nowMs());
  }

  /** Requests up to `room` of `blocks`, in their order; returns when to look again. */
  step(nowMs: number, blocks: Iterable<number>, room: number): number {
    // The first block alone: it is what everybody waits for.
    const most = this.#hasStored ? maxDirectRequests : 1;
    let free = Math.min(room, most - this.#requests.directCount);
    if (free <= 0) return Number.POSITIVE_INFINITY;
    if (nowMs < this.#pausedUntilMs) return this.#pausedUntilMs;
    for (const block of blocks) {
      if (this.#requests.directCount > 0 && nowMs < this.#nextStartAtMs) return this.#nextStartAtMs;
      const codebase = this.#codebase(nowMs);
      if (codebase === null) return Number.POSITIVE_INFINITY;
      this.#nextStartAtMs = nowMs + this.#startSpacingMs;
      this.#owner.fetch(block, codebase);
      free--;
      if (free <= 0) break;
    }
    return Number.POSITIVE_INFINITY;
  }

  noteStored(request: BlockRequest): void {
    this.#pausedUntilMs = 0;
    this.#hasStored = true;
    this.#startSpacingMs = (this.#context.nowMs() - request.startedAtMs) / startSpacingDivisor;
  }

  noteFailed(codebase: Codebase, failure: TransferFailure, nowMs: number): void {
    switch (failure.code) {
      case 'busy':
      case 'block-busy':
        this.#pausedUntilMs = nowMs + Math.min(Math.max(failure.retryAfterMs, 100), maxBusyPauseMs);
        return;
      case 'aborted':
      case 'disk-full':
      case 'disk-error':
        return;
      default:
        // Of two requests that fail together only the first moves on.
        if (this.#codebases?.[this.#current] !== codebase) return;
        this.#current++;
        if (this.#current < this.#codebases.length) return;
        this.#codebases = null;
        this.#owner.allSourcesFailed();
    }
  }

  #codebase(nowMs: number): Codebase | null {
    if (this.#codebases !== null && nowMs - this.#codebasesAtMs < codebasesValidMs)
      return this.#codebases[this.#current] ?? null;
    if (!this.#isAsking) this.#askForCodebases();
    return null;
  }

  #askForCodebases(): void {
    this.#isAsking = true;
    const asked = this.#asked;
    const commandId = this.#context.commands.begin((result) => {
      if (asked !== this.#asked) return;
      this.#isAsking = false;
      if (result.kind === 'codebasesReceived' && result.codebases.length > 0) {
        this.#codebases = result.codebases;
        this.#codebasesAtMs = this.#context.nowMs();
        this.#current = 0;
        this.#owner.step();
        return;
      }
      this.#owner.allSourcesFailed();
    });
    this.#context.ports.server.fetchCodebases(commandId, this.#manifest.guid, this.#manifest.version);
  }
}
