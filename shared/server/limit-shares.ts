import { halvedShare } from '../base/share-halving.ts';

/** What a source is told: from now on it sends at most so much under the limit. Infinity = the limit does not bind now. */
export interface ToldShare<Source> {
  readonly source: Source;
  readonly bytesPerSecond: number;
}

/** A source that used its share within this time is given one that is worth having. */
const shareUsedMs = 10_000;
/** Shares in use are told again so often: three times before one would halve. */
const renewEveryMs = 20_000;
/** A smaller share may take so long to arrive; until then the larger one counts. */
const settleMs = 2000;
/** So long the last word to a source that is gone may have been under way. */
const latestArrivalMs = 30_000;
/** This part of the limit is left to those that send nothing, so that they can begin. */
const idlePart = 1 / 8;
/** Smaller raises are not worth a message, unless they are the last. */
const leastRaisePart = 1 / 64;

interface SourceState {
  isOnline: boolean;
  toldBytesPerSecond: number;
  toldAtMs: number;
  /** What it was told before, which may hold until `toldAtMs + settleMs`. */
  earlierBytesPerSecond: number;
  usedAtMs: number;
  isToBeTold: boolean;
}

/**
 * Divides one limit among the sources that send under it, by who sends: what the sources may believe, at every moment, adds up
 * to the limit at most. Shares are lowered at once and raised only when what was taken away has arrived; those of sources
 * that cannot be told any more are waited out, while they halve. Sends nothing: `tick` says what is to be told.
 */
export class LimitShares<Source extends string> {
  readonly #sources = new Map<Source, SourceState>();
  #limitBytesPerSecond: number;

  /** Sources may have been told by a former life of the server what nobody here knows: an equal share each is reckoned with. */
  constructor(bytesPerSecond: number, sources: readonly Source[], nowMs: number) {
    this.#limitBytesPerSecond = bytesPerSecond;
    for (const source of sources) this.#add(source, bytesPerSecond / sources.length, nowMs);
  }

  /** Infinity = not now, 0 = nothing may be sent. */
  setLimit(bytesPerSecond: number): void {
    this.#limitBytesPerSecond = bytesPerSecond;
  }

  /** Those that are none any more count until their shares are over. */
  setSources(sources: readonly Source[], isOnline: (source: Source) => boolean, nowMs: number): void {
    for (const source of sources) if (!this.#sources.has(source)) this.#add(source, 0, nowMs);
    const wanted = new Set(sources);
    for (const [source, state] of this.#sources) {
      state.isOnline = wanted.has(source) && isOnline(source);
      if (!wanted.has(source) && reckonedOf(state, nowMs) < 1) this.#sources.delete(source);
    }
  }

  /** It can be told from now on, and may have forgotten what it was told before. */
  connected(source: Source, nowMs: number): void {
    const state = this.#sources.get(source);
    if (state === undefined) return;
    const mostBytesPerSecond = Math.floor(reckonedOf(state, nowMs));
    state.isOnline = true;
    state.isToBeTold = true;
    state.toldBytesPerSecond = mostBytesPerSecond;
    state.earlierBytesPerSecond = mostBytesPerSecond;
    state.toldAtMs = nowMs;
  }

  disconnected(source: Source): void {
    const state = this.#sources.get(source);
    if (state !== undefined) state.isOnline = false;
  }

  /** It sends under the limit, or would if it might. */
  used(source: Source, nowMs: number): void {
    const state = this.#sources.get(source);
    if (state !== undefined) state.usedAtMs = nowMs;
  }

  /** What is to be told now. To be called every second or so, and after whatever may change a share. */
  tick(nowMs: number): ToldShare<Source>[] {
    const targets = this.#targets(nowMs);
    const told: ToldShare<Source>[] = [];
    for (const [source, state] of this.#sources) {
      const target = targets.get(source);
      if (target !== undefined && target < state.toldBytesPerSecond) told.push(tell(source, state, target, nowMs));
    }
    told.push(...this.#raises(targets, nowMs));
    for (const [source, state] of this.#sources) {
      if (!state.isOnline || (!state.isToBeTold && nowMs - state.toldAtMs < renewEveryMs)) continue;
      told.push(tell(source, state, state.toldBytesPerSecond, nowMs));
    }
    return told;
  }

  #add(source: Source, reckonedBytesPerSecond: number, nowMs: number): void {
    this.#sources.set(source, {
      isOnline: false,
      toldBytesPerSecond: reckonedBytesPerSecond,
      toldAtMs: nowMs,
      earlierBytesPerSecond: 0,
      usedAtMs: Number.NEGATIVE_INFINITY,
      isToBeTold: true,
    });
  }

  /** What each that can be told should have in the end. */
  #targets(nowMs: number): Map<Source, number> {
    const limit = this.#limitBytesPerSecond;
    const online = [...this.#sources].filter(([, { isOnline }]) => isOnline);
    if (limit === Number.POSITIVE_INFINITY) return new Map(online.map(([source]) => [source, limit]));
    let free = limit;
    for (const state of this.#sources.values()) if (!state.isOnline) free -= reckonedOf(state, nowMs);
    free = Math.max(0, free);
    const idle = online.filter(([, { usedAtMs }]) => nowMs - usedAtMs >= shareUsedMs);
    const using = online.length - idle.length;
    const forIdle =
      using === 0 ? free : idle.length === 0 ? 0 : Math.min(free * idlePart, (free * idle.length) / online.length);
    return new Map(
      online.map(([source, state]) => {
        const isIdle = nowMs - state.usedAtMs >= shareUsedMs;
        return [source, Math.floor(isIdle ? forIdle / idle.length : (free - forIdle) / using)];
      }),
    );
  }

  /** Only what nobody may believe to have is given away. */
  #raises(targets: ReadonlyMap<Source, number>, nowMs: number): ToldShare<Source>[] {
    const limit = this.#limitBytesPerSecond;
    const wanting = [...this.#sources].filter(
      ([source, state]) => (targets.get(source) ?? 0) > state.toldBytesPerSecond,
    );
    if (limit === Number.POSITIVE_INFINITY) {
      return wanting.map(([source, state]) => tell(source, state, limit, nowMs));
    }
    let reckoned = 0;
    for (const state of this.#sources.values()) reckoned += reckonedOf(state, nowMs);
    let wanted = 0;
    for (const [source, state] of wanting) wanted += (targets.get(source) ?? 0) - state.toldBytesPerSecond;
    const part = Math.min(1, Math.max(0, limit - reckoned) / wanted);
    const told: ToldShare<Source>[] = [];
    for (const [source, state] of wanting) {
      const raise = Math.floor(((targets.get(source) ?? 0) - state.toldBytesPerSecond) * part);
      const isWorthIt = raise >= limit * leastRaisePart || (part === 1 && raise >= 1);
      if (isWorthIt) told.push(tell(source, state, state.toldBytesPerSecond + raise, nowMs));
    }
    return told;
  }
}

/** The most that the source may believe to have. */
function reckonedOf(state: SourceState, nowMs: number): number {
  const { toldBytesPerSecond, toldAtMs, earlierBytesPerSecond, isOnline } = state;
  const ageMs = nowMs - toldAtMs;
  const most = ageMs < settleMs || !isOnline ? Math.max(toldBytesPerSecond, earlierBytesPerSecond) : toldBytesPerSecond;
  return isOnline ? most : halvedShare(most, ageMs - latestArrivalMs);
}

function tell<Source>(source: Source, state: SourceState, bytesPerSecond: number, nowMs: number): ToldShare<Source> {
  const isSettled = nowMs - state.toldAtMs >= settleMs;
  state.earlierBytesPerSecond = isSettled
    ? state.toldBytesPerSecond
    : Math.max(state.earlierBytesPerSecond, state.toldBytesPerSecond);
  state.toldBytesPerSecond = bytesPerSecond;
  state.toldAtMs = nowMs;
  state.isToBeTold = false;
  return { source, bytesPerSecond };
}
