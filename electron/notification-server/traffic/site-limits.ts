import type { PacerClock } from '../../../shared/base/fair-pacer.ts';
import { FairPacer } from '../../../shared/base/fair-pacer.ts';
import { ScheduledLink } from '../../../shared/server/site-schedule.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { minuteOfWeekIn } from '../sites/zone-clock.ts';
import { systemClock } from './system-clock.ts';

interface SiteLimit {
  readonly pacer: FairPacer;
  link: ScheduledLink;
  timeZone: string;
  isClosed: boolean;
}

/** Offsets of time zones are whole minutes, so that every change of an hour anywhere is at the beginning of a minute. */
const lookEveryMs = 60_000;
/** Nobody can say when it opens, but it may be changed. */
const longestClosedSeconds = 3600;

/**
 * One pacer per site, and an unlimited one for agents without a site. The pacers follow the hours of the sites by the clock
 * of each. Clocks that are set, and the change to summer time, are noticed within a minute.
 */
export class SiteLimits {
  readonly #clock: PacerClock;
  readonly #now: () => number;
  readonly #limits = new Map<string, SiteLimit>();
  readonly #unassigned: FairPacer;
  #cancelLook: (() => void) | null = null;

  /** `now` in milliseconds since 1970. */
  constructor(now: () => number, clock: PacerClock = systemClock) {
    this.#clock = clock;
    this.#now = now;
    this.#unassigned = new FairPacer(Number.POSITIVE_INFINITY, clock);
  }

  /** Answers that are running feel a changed limit at once. */
  setSites(sites: readonly StoredSite[]): void {
    const ids = new Set(sites.map(({ id }) => id));
    for (const [id, { pacer }] of this.#limits) {
      if (ids.has(id)) continue;
      // What is under way there belongs to no site any more.
      pacer.setRate(Number.POSITIVE_INFINITY);
      this.#limits.delete(id);
    }
    for (const site of sites) {
      const link = new ScheduledLink(site, 'acquisition');
      const known = this.#limits.get(site.id);
      if (known === undefined) {
        const pacer = new FairPacer(Number.POSITIVE_INFINITY, this.#clock);
        this.#limits.set(site.id, { pacer, link, timeZone: site.timeZone, isClosed: false });
      } else {
        known.link = link;
        known.timeZone = site.timeZone;
      }
    }
    this.#follow();
  }

  pacerOf(siteId: string | null): FairPacer {
    return this.#limitOf(siteId)?.pacer ?? this.#unassigned;
  }

  /** Seconds until something may be sent into the site; 0 = now. */
  closedForSeconds(siteId: string | null): number {
    const limit = this.#limitOf(siteId);
    if (!limit?.isClosed) return 0;
    const minutes = limit.link.minutesUntilOpen(minuteOfWeekIn(limit.timeZone, this.#now()));
    return Math.min(longestClosedSeconds, Math.max(1, minutes * 60));
  }

  stop(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
  }

  #limitOf(siteId: string | null): SiteLimit | null {
    return siteId === null ? null : (this.#limits.get(siteId) ?? null);
  }

  #follow(): void {
    this.stop();
    const nowMs = this.#now();
    let isWatched = false;
    for (const limit of this.#limits.values()) {
      const minuteOfWeek = limit.link.hasSchedule ? minuteOfWeekIn(limit.timeZone, nowMs) : 0;
      const bytesPerSecond = limit.link.bytesPerSecondAt(minuteOfWeek);
      limit.isClosed = bytesPerSecond === 0;
      // What is under way when the link closes ends as it began: an answer that stood still would look like a broken server.
      if (!limit.isClosed) limit.pacer.setRate(bytesPerSecond);
      isWatched ||= limit.link.hasSchedule;
    }
    if (isWatched) this.#cancelLook = this.#clock.schedule(lookEveryMs - (nowMs % lookEveryMs), () => this.#follow());
  }
}
