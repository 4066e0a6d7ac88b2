import type { ToldLimitShare } from '../../../shared/server/divided-limits.ts';
import { DividedLimits } from '../../../shared/server/divided-limits.ts';
import type { Organisation } from '../organisation.ts';
import { minuteOfWeekIn } from '../sites/zone-clock.ts';

/** One limit of a site, in the hours of the site, and who sends under it. */
export interface SharedSiteLimit<Source> {
  readonly siteId: string;
  readonly timeZone: string;
  readonly limit: {
    readonly hasSchedule: boolean;
    /** Infinity = unlimited, 0 = closed. */
    bytesPerSecondAt(minuteOfWeek: number): number;
  };
  readonly sources: readonly Source[];
}

export interface SiteLimitSharesParts<Source> {
  readonly organisation: Organisation;
  /** Asked again when the organisation has changed. */
  readonly limits: () => readonly SharedSiteLimit<Source>[];
  readonly isOnline: (source: Source) => boolean;
  /** The `id` of a limit is that of its site. */
  readonly tell: (told: readonly ToldLimitShare<Source>[]) => void;
  readonly now: () => number;
}

/** What leaves the sites, or what enters them: each site's limit is divided among its senders, by who sends. */
export class SiteLimitShares<Source extends string> {
  readonly #parts: SiteLimitSharesParts<Source>;
  readonly #divided = new DividedLimits<Source>();
  #limits: readonly SharedSiteLimit<Source>[] = [];
  #generation = -1;

  constructor(parts: SiteLimitSharesParts<Source>) {
    this.#parts = parts;
  }

  connected(source: Source): void {
    this.#follow();
    this.#divided.connected(source, this.#parts.now());
    this.tick();
  }

  disconnected(source: Source): void {
    this.#divided.disconnected(source);
  }

  /** As it was known last. */
  get limits(): readonly SharedSiteLimit<Source>[] {
    return this.#limits;
  }

  /** Null = whatever limit it sends under. */
  used(source: Source, siteId: string | null): void {
    this.noteUse(source, siteId);
    this.tick();
  }

  /** The same, for the next tick. */
  noteUse(source: Source, siteId: string | null): void {
    this.#divided.used(source, siteId, this.#parts.now());
  }

  /** To be called every second: tells what has changed since, by the clock too. */
  tick(): void {
    this.#follow();
    for (const limit of this.#limits) {
      if (limit.limit.hasSchedule) this.#divided.setRate(limit.siteId, this.#rateOf(limit));
    }
    const told = this.#divided.tick(this.#parts.now());
    if (told.length > 0) this.#parts.tell(told);
  }

  /** Sites, their settings and their Package Servers may be others since. */
  #follow(): void {
    const { organisation, limits, isOnline, now } = this.#parts;
    if (this.#generation === organisation.generation) return;
    this.#generation = organisation.generation;
    this.#limits = limits();
    const divided = this.#limits.map((limit) => ({
      id: limit.siteId,
      bytesPerSecond: this.#rateOf(limit),
      sources: limit.sources,
    }));
    this.#divided.setLimits(divided, isOnline, now());
  }

  #rateOf({ limit, timeZone }: SharedSiteLimit<Source>): number {
    return limit.bytesPerSecondAt(limit.hasSchedule ? minuteOfWeekIn(timeZone, this.#parts.now()) : 0);
  }
}
