import { bytesPerSecondOfKilobits } from '../../../shared/base/units.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { SitePacer } from './site-pacer.ts';

/** One pacer per site, and an unlimited one for agents without a site. */
export class SiteLimits {
  readonly #pacers = new Map<string, SitePacer>();
  readonly #unassigned = new SitePacer(Number.POSITIVE_INFINITY);

  /** Answers that are running feel a changed limit at once. */
  setSites(sites: readonly StoredSite[]): void {
    for (const site of sites) {
      const rate = bytesPerSecondOfKilobits(site.wanKilobitsPerSecond);
      const pacer = this.#pacers.get(site.id);
      if (pacer === undefined) this.#pacers.set(site.id, new SitePacer(rate));
      else pacer.setRate(rate);
    }
  }

  pacerOf(siteId: string | null): SitePacer {
    return (siteId === null ? undefined : this.#pacers.get(siteId)) ?? this.#unassigned;
  }
}
