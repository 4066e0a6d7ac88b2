import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { SiteSettings } from '../contracts/site-settings.ts';
import type { LinkedSite } from './site-schedule.ts';
import { ScheduledLink } from './site-schedule.ts';

/** What the Package Servers of a site may send out of it, together: the WAN link in its hours, and the shared outbound limit. */
export class OutboundLimit {
  readonly #link: ScheduledLink;
  readonly #sharedBytesPerSecond: number;
  /** False where nothing is ever limited. */
  readonly binds: boolean;

  constructor(site: LinkedSite, settings: Pick<SiteSettings, 'sharedOutboundKilobytesPerSecond'>) {
    this.#link = new ScheduledLink(site, 'distribution');
    this.#sharedBytesPerSecond = bytesPerSecondOfKilobytes(settings.sharedOutboundKilobytesPerSecond);
    this.binds = settings.sharedOutboundKilobytesPerSecond > 0 || this.#link.binds;
  }

  /** False where the clock plays no part. */
  get hasSchedule(): boolean {
    return this.#link.hasSchedule;
  }

  /** Infinity = unlimited, 0 = closed. `minuteOfWeek` by the clocks of the site. */
  bytesPerSecondAt(minuteOfWeek: number): number {
    return Math.min(this.#sharedBytesPerSecond, this.#link.bytesPerSecondAt(minuteOfWeek));
  }
}
