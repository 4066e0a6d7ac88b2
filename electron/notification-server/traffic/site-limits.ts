import { FairPacer } from '../../../shared/base/fair-pacer.ts';
import { bytesPerSecondOfKilobits } from '../../../shared/base/units.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { systemClock } from './system-clock.ts';

/** One pacer per site, and an unlimited one for agents without a site. */
export class SiteLimits {
  readonly #pacers = new Map<string, FairPacer>();
  readonly #unassigned = new FairPacer(Number.POSITIVE_INFINITY, systemClock);

  /** Answers that are running feel a changed limit at once. */
  setSites(sites: readonly StoredSite[]): void {
    for (const site of sites) {
      const rate = bytesPerSecondOfKilobits(site.wanKilobitsPerSecond);
      const pacer = this.#pacers.get(site.id);
      if (pacer === undefined) this.#pacers.set(site.id, new FairPacer(rate, systemClock));
      else pacer.setRate(rate);
    }
  }

  pacerOf(siteId: string | null): FairPacer {
    return (siteId === null ? undefined : this.#pacers.get(siteId)) ?? this.#unassigned;
  }
}
