import { doublingBackoffMs } from '../base/back-off.ts';
import type { AgentId } from '../base/ids.ts';
import type { BlockRequest } from './block-requests.ts';
import type { EffectiveSettings } from './effective-settings.ts';
import type { PeerTable } from './peer-table.ts';

/** A first failure pauses a peer for this long; each further one doubles it, up to the period between attempts. */
const firstPauseMs = 500;
/** So many failures in a row mean that nobody is there, until the peer is heard again. */
const failuresUntilUnreachable = 2;
const maxBusyPauseMs = 10_000;
/** Who finds a peer busy again asks it after twice as long each time, up to this often: where all ask one, answering takes all it has. */
const busyDoublings = 4;
const minBusyPauseMs = 20;
/** A peer that was heard this lately, and in the second half of the time in which it sent no byte, is not gone: it stalls. */
const heardLatelyMs = 15_000;
/** So many stalled requests in a row, and the peer counts as holding nothing … */
const stallsUntilSetAside = 2;
/** … for this long: what stalled it may pass, and its blocks need not cross the WAN again then. */
const setAsideMs = 600_000;
/** Who has not said for so long that it installs has ended that, and may have begun anew. */
const sameInstallationMs = 60_000;

interface SourceRecord {
  /** A peer that has started anew starts anew here too. */
  readonly bootId: number;
  failures: number;
  stalls: number;
  /** When the last of them was noticed. */
  stalledAtMs: number;
  /** Answers in a row that all slots are taken. */
  busyAnswers: number;
  /** Not to be asked before. */
  pausedUntilMs: number;
  /** Paused by failures, not by a 503: such pauses end an attempt. */
  hasFailed: boolean;
  setAsideUntilMs: number;
  /** Since when it has answered nothing else than that it installs, and when it did so last. */
  installing: { readonly sinceMs: number; readonly answeredAtMs: number } | null;
  /** Blocks that it cannot give just now, and until when. Bounded by what it was asked for since they were looked at. */
  readonly blockPauses: Map<number, number>;
}

/** What it takes from the agent. */
export interface PeerSourcesContext {
  nowMs(): number;
  readonly settings: Pick<EffectiveSettings, 'attemptPeriodMs'>;
  readonly peers: Pick<PeerTable, 'isAlive' | 'lastHeardMs' | 'markUnreachable'> & {
    find(agentId: AgentId): { readonly bootId: number } | null;
  };
}

/** How the peers of one package have behaved as sources. It asks nobody and chooses nobody. */
export class PeerSources {
  readonly #context: PeerSourcesContext;
  readonly #sources = new Map<AgentId, SourceRecord>();
  readonly #dropped = new Set<AgentId>();

  constructor(context: PeerSourcesContext) {
    this.#context = context;
  }

  /** The peer answers no requests now: it is paused by failures, not by want of a free slot. */
  hasFailed(peer: AgentId): boolean {
    const source = this.#find(peer);
    return source?.hasFailed === true && source.pausedUntilMs > this.#context.nowMs();
  }

  /** It has never failed since its last block, or has started anew. */
  isUnblemished(peer: AgentId): boolean {
    return this.#find(peer)?.hasFailed !== true;
  }

  /** What it says of its blocks counts for nothing: it lied, is another, or takes requests and sends nothing. */
  isIgnored(peer: AgentId, nowMs: number): boolean {
    return this.#dropped.has(peer) || (this.#find(peer)?.setAsideUntilMs ?? 0) > nowMs;
  }

  isUsable(peer: AgentId, nowMs: number): boolean {
    return (
      !this.isIgnored(peer, nowMs) &&
      (this.#find(peer)?.pausedUntilMs ?? 0) <= nowMs &&
      this.#context.peers.isAlive(peer)
    );
  }

  /** Until when it cannot give certain blocks, milliseconds of the monotonic clock by block. */
  blockPausesOf(peer: AgentId): ReadonlyMap<number, number> | null {
    return this.#find(peer)?.blockPauses ?? null;
  }

  noteStored(peer: AgentId): void {
    this.#sources.delete(peer);
  }

  /** All its slots are taken. */
  noteBusy(peer: AgentId, retryAfterMs: number, nowMs: number): void {
    const source = this.#record(peer);
    source.pausedUntilMs = nowMs + busyPauseMs(retryAfterMs * (1 << source.busyAnswers));
    source.busyAnswers = Math.min(source.busyAnswers + 1, busyDoublings);
    source.hasFailed = false;
  }

  /** It gives other blocks, but this one later. */
  noteBlockBusy(peer: AgentId, block: number, retryAfterMs: number, nowMs: number): void {
    const { blockPauses } = this.#record(peer);
    for (const [paused, untilMs] of blockPauses) if (untilMs <= nowMs) blockPauses.delete(paused);
    blockPauses.set(block, nowMs + busyPauseMs(retryAfterMs));
  }

  /**
   * It gives nothing to anybody while it installs something: it is asked again, and what it holds counts. False where that
   * has been so for longer than `patienceMs`.
   */
  noteInstalling(peer: AgentId, retryAfterMs: number, nowMs: number, patienceMs: number): boolean {
    const source = this.#record(peer);
    const known = source.installing;
    const isSame = known !== null && nowMs - known.answeredAtMs <= sameInstallationMs;
    const sinceMs = isSame ? known.sinceMs : nowMs;
    source.installing = { sinceMs, answeredAtMs: nowMs };
    if (nowMs - sinceMs >= patienceMs) return false;
    source.pausedUntilMs = nowMs + Math.min(busyPauseMs(retryAfterMs), sinceMs + patienceMs - nowMs);
    source.hasFailed = false;
    return true;
  }

  /** It gives nothing to anybody for a while: what it holds is not to be counted on. */
  noteNotServing(peer: AgentId, retryAfterMs: number, nowMs: number): void {
    this.#record(peer).setAsideUntilMs = nowMs + Math.min(retryAfterMs, setAsideMs);
  }

  noteFailure(peer: AgentId, nowMs: number): void {
    const source = this.#record(peer);
    source.failures++;
    source.hasFailed = true;
    source.pausedUntilMs =
      nowMs + doublingBackoffMs(firstPauseMs, source.failures - 1, this.#context.settings.attemptPeriodMs);
    if (source.failures >= failuresUntilUnreachable) this.#context.peers.markUnreachable(peer);
  }

  /**
   * A request ran into its timeout. True where the peer was heard all the while and this happened before: then it is set
   * aside, and what only it holds counts as held by nobody. A peer that was silent as well is cut off, not stalled, and
   * what it holds must not cross the WAN again for that.
   */
  noteTimeout(request: BlockRequest, peer: AgentId, nowMs: number): boolean {
    const heardAtMs = this.#context.peers.lastHeardMs(peer);
    const latelyMs = Math.min(heardLatelyMs, (nowMs - request.startedAtMs) / 2);
    const isStalled = heardAtMs !== null && nowMs - heardAtMs <= latelyMs;
    this.noteFailure(peer, nowMs);
    const source = this.#record(peer);
    if (!isStalled) source.stalls = 0;
    // Requests that were under way together end together: that is one stall.
    else if (request.startedAtMs >= source.stalledAtMs) {
      source.stalls++;
      source.stalledAtMs = nowMs;
    }
    if (source.stalls < stallsUntilSetAside) return false;
    source.setAsideUntilMs = nowMs + setAsideMs;
    return true;
  }

  /** Never again for this package: it lied or is another. */
  drop(peer: AgentId): void {
    this.#dropped.add(peer);
  }

  /** Everybody starts anew, except who was dropped. */
  clear(): void {
    this.#sources.clear();
  }

  /** A new attempt: everybody gets another chance, except who was set aside. */
  liftPauses(): void {
    for (const source of this.#sources.values()) source.pausedUntilMs = 0;
  }

  /** When the next pause ends; Infinity where there is none. */
  nextEndMs(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) {
      if (source.pausedUntilMs > nowMs) nextMs = Math.min(nextMs, source.pausedUntilMs);
      for (const untilMs of source.blockPauses.values()) if (untilMs > nowMs) nextMs = Math.min(nextMs, untilMs);
    }
    return nextMs;
  }

  #find(peer: AgentId): SourceRecord | null {
    const source = this.#sources.get(peer);
    if (source === undefined) return null;
    if (source.bootId === this.#bootIdOf(peer)) return source;
    this.#sources.delete(peer);
    return null;
  }

  #record(peer: AgentId): SourceRecord {
    const known = this.#find(peer);
    if (known !== null) return known;
    const made: SourceRecord = {
      bootId: this.#bootIdOf(peer),
      failures: 0,
      stalls: 0,
      stalledAtMs: Number.NEGATIVE_INFINITY,
      busyAnswers: 0,
      pausedUntilMs: 0,
      hasFailed: false,
      setAsideUntilMs: 0,
      installing: null,
      blockPauses: new Map(),
    };
    this.#sources.set(peer, made);
    return made;
  }

  #bootIdOf(peer: AgentId): number {
    return this.#context.peers.find(peer)?.bootId ?? 0;
  }
}

function busyPauseMs(retryAfterMs: number): number {
  return Math.min(Math.max(retryAfterMs, minBusyPauseMs), maxBusyPauseMs);
}
