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
  /** Of this server, where others send into the site too: see `setShare`. */
  shareBytesPerSecond: number;
  askedAtMs: number;
}

/** Offsets of time zones are whole minutes, so that every change of an hour anywhere is at the beginning of a minute. */
const lookEveryMs = 60_000;
/** When the share of this server is worth nothing: others have it for the time being. */
const noShareSeconds = 3;
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
        const { timeZone } = site;
        const share = { shareBytesPerSecond: Number.POSITIVE_INFINITY, askedAtMs: Number.NEGATIVE_INFINITY };
        this.#limits.set(site.id, { pacer, link, timeZone, isClosed: false, ...share });
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

  /** Those into which others send as well; this server's share of each is told. Into the others it sends what the link allows. */
  setShared(siteIds: ReadonlySet<string>): void {
    for (const [siteId, { shareBytesPerSecond }] of this.#limits) {
      const isWhole = shareBytesPerSecond === Number.POSITIVE_INFINITY;
      if (!isWhole && !siteIds.has(siteId)) this.setShare(siteId, Number.POSITIVE_INFINITY);
    }
  }

  /** What this server may send into the site; Infinity = all that the link allows. */
  setShare(siteId: string, bytesPerSecond: number): void {
    const limit = this.#limits.get(siteId);
    if (limit === undefined) return;
    limit.shareBytesPerSecond = bytesPerSecond;
    this.#setRate(limit, this.#now());
  }

  /** Whether something was sent into the site, or asked for, within that time. */
  wasUsedWithin(siteId: string, spanMs: number): boolean {
    const limit = this.#limits.get(siteId);
    if (limit === undefined) return false;
    return this.#now() - limit.askedAtMs < spanMs || limit.pacer.wasAskedWithin(spanMs);
  }

  /** Somebody asks for something that enters the site: the seconds until it may be sent, 0 = now. */
  askedFor(siteId: string | null): number {
    const limit = this.#limitOf(siteId);
    if (limit === null) return 0;
    limit.askedAtMs = this.#now();
    if (!limit.isClosed) return limit.shareBytesPerSecond >= 1 ? 0 : noShareSeconds;
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
      this.#setRate(limit, nowMs);
      isWatched ||= limit.link.hasSchedule;
    }
    if (isWatched) this.#cancelLook = this.#clock.schedule(lookEveryMs - (nowMs % lookEveryMs), () => this.#follow());
  }

  #setRate(limit: SiteLimit, nowMs: number): void {
    const { link, timeZone, pacer, shareBytesPerSecond } = limit;
    const linkBytesPerSecond = link.bytesPerSecondAt(link.hasSchedule ? minuteOfWeekIn(timeZone, nowMs) : 0);
    limit.isClosed = linkBytesPerSecond === 0;
    const bytesPerSecond = Math.min(linkBytesPerSecond, shareBytesPerSecond);
    // What is under way when the link closes ends as it began: an answer that stood still would look like a broken server.
    if (bytesPerSecond >= 1) pacer.setRate(bytesPerSecond);
  }
}
