import { LimitShares } from './limit-shares.ts';

export interface DividedLimit<Source> {
  readonly id: string;
  /** Infinity = unlimited, 0 = nothing may be sent. */
  readonly bytesPerSecond: number;
  /** Those that send under it. */
  readonly sources: readonly Source[];
}

/** From now on the source sends at most so much under the limit; Infinity = the limit does not bind now. */
export interface ToldLimitShare<Source> {
  readonly id: string;
  readonly source: Source;
  readonly bytesPerSecond: number;
}

/** Many limits of one kind, each divided among those that send under it; a source may send under several. */
export class DividedLimits<Source extends string> {
  readonly #byId = new Map<string, LimitShares<Source>>();
  readonly #idsOf = new Map<Source, string[]>();

  /** The limits that there are from now on. Rates that follow a clock are set by `setRate` too. */
  setLimits(limits: readonly DividedLimit<Source>[], isOnline: (source: Source) => boolean, nowMs: number): void {
    this.#idsOf.clear();
    const kept = new Set(limits.map(({ id }) => id));
    for (const id of this.#byId.keys()) if (!kept.has(id)) this.#byId.delete(id);
    for (const { id, bytesPerSecond, sources } of limits) {
      const shares = this.#byId.get(id) ?? new LimitShares(bytesPerSecond, sources, nowMs);
      this.#byId.set(id, shares);
      shares.setLimit(bytesPerSecond);
      shares.setSources(sources, isOnline, nowMs);
      for (const source of sources) this.#idsOf.set(source, [...(this.#idsOf.get(source) ?? []), id]);
    }
  }

  setRate(id: string, bytesPerSecond: number): void {
    this.#byId.get(id)?.setLimit(bytesPerSecond);
  }

  /** It can be told from now on, and may have forgotten what it was told before. */
  connected(source: Source, nowMs: number): void {
    for (const shares of this.#sharesOf(source)) shares.connected(source, nowMs);
  }

  disconnected(source: Source): void {
    for (const shares of this.#sharesOf(source)) shares.disconnected(source);
  }

  /** It sends under the limit, or would if it might. Null = whatever limit it has. */
  used(source: Source, id: string | null, nowMs: number): void {
    if (id !== null) this.#byId.get(id)?.used(source, nowMs);
    else for (const shares of this.#sharesOf(source)) shares.used(source, nowMs);
  }

  /** What is to be told now: to be called every second or so, and after whatever may change a share. */
  tick(nowMs: number): ToldLimitShare<Source>[] {
    return [...this.#byId].flatMap(([id, shares]) => shares.tick(nowMs).map((told) => ({ id, ...told })));
  }

  #sharesOf(source: Source): readonly LimitShares<Source>[] {
    return (this.#idsOf.get(source) ?? []).flatMap((id) => this.#byId.get(id) ?? []);
  }
}
