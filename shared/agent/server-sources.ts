import type { Codebase } from '../contracts/agent-api.ts';
import type { JournalReason } from '../contracts/journal.ts';
import type { AgentContext } from './agent-context.ts';
import type { TransferFailure } from './agent-input.ts';
import type { BlockFetches } from './block-fetches.ts';
import type { BlockRequest } from './block-requests.ts';
import { DirectBackoff } from './direct-backoff.ts';
import { DirectRequests } from './direct-requests.ts';
import type { PackageManifest } from './ports.ts';
import { ServerLimits } from './server-limits.ts';

export interface ServerSourcesOwner {
  isEmergency(): boolean;
  /** Why a block comes from a server and not from a peer. */
  reason(): JournalReason;
  /** Every server has failed. */
  allFailed(): void;
  /** Servers are known: look again. */
  step(): void;
}

/** The servers as the source of one package: what the policy and the calendar leave of them, and when they may be asked again. */
export class ServerSources {
  readonly #context: AgentContext;
  readonly #fetches: BlockFetches;
  readonly #owner: ServerSourcesOwner;
  readonly #requests: DirectRequests;
  readonly #limits: ServerLimits;
  readonly #backoff: DirectBackoff;
  #lastBlockMs = 0;

  constructor(context: AgentContext, manifest: PackageManifest, fetches: BlockFetches, owner: ServerSourcesOwner) {
    this.#context = context;
    this.#fetches = fetches;
    this.#owner = owner;
    this.#limits = new ServerLimits(context, manifest.key);
    this.#backoff = new DirectBackoff(context);
    this.#requests = new DirectRequests(context, manifest, fetches.requests, {
      fetch: (block, codebase) => fetches.fetchDirectly(block, codebase, owner.reason()),
      allSourcesFailed: () => owner.allFailed(),
      step: () => owner.step(),
    });
  }

  /** What the last block took over the WAN; 0 before the first. */
  get lastBlockMs(): number {
    return this.#lastBlockMs;
  }

  /** A claim's promise in bytes per second; 0 = none. */
  rateCap(nowMs: number): number {
    return this.#limits.rateCap(nowMs, this.#fetches.directBytes, this.#owner.isEmergency());
  }

  /** What is known of the codebases and has not failed; null while they are asked for. */
  get codebases(): readonly Codebase[] | null {
    return this.#requests.codebases;
  }

  /** Learns from where blocks come. */
  askForCodebases(): void {
    this.#requests.prepare();
  }

  /** An own claim begins, and with it its pauses: learns from where blocks come. */
  prepare(): void {
    this.#backoff.restart();
    this.#requests.prepare();
  }

  /** The ways to the servers are others now. */
  restart(): void {
    this.#requests.restart();
    this.#backoff.restart();
  }

  /** Requests up to `room` of `blocks`, in their order; returns when to look again. */
  request(nowMs: number, blocks: Iterable<number>, room: number): number {
    if (nowMs < this.#backoff.untilMs) return this.#backoff.untilMs;
    const isEmergency = this.#owner.isEmergency();
    const { directCount } = this.#fetches.requests;
    if (directCount > 0) this.#limits.noteThrottle(isEmergency);
    const inTime = this.#limits.roomBeforeBlockout(this.#lastBlockMs, directCount, nowMs, isEmergency);
    return inTime === 0 ? Number.POSITIVE_INFINITY : this.#requests.step(nowMs, blocks, Math.min(room, inTime));
  }

  /** Every server has failed an agent that has no claim of its own, to which the pause would belong. */
  backOff(nowMs: number): void {
    this.#backoff.noteFailed(nowMs);
  }

  noteStored(request: BlockRequest): void {
    this.#lastBlockMs = this.#context.nowMs() - request.startedAtMs;
    this.#backoff.noteStored();
    this.#requests.noteStored(request);
  }

  noteFailed(codebase: Codebase, failure: TransferFailure, nowMs: number): void {
    this.#requests.noteFailed(codebase, failure, nowMs);
  }
}
