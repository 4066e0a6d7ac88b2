import type { ScheduleCell } from '../base/bandwidth-schedule.ts';
import { cellAt, hoursPerWeek, parseSchedule } from '../base/bandwidth-schedule.ts';
import { bytesPerSecondOfKilobits } from '../base/units.ts';
import type { Site } from '../contracts/sites-api.ts';

/** `acquisition`: what enters the site; `distribution`: what its Package Servers send to other sites. */
export type LinkDirection = 'acquisition' | 'distribution';

export type LinkedSite = Pick<
  Site,
  'wanKilobitsPerSecond' | 'wanOutKilobitsPerSecond' | 'acquisitionSchedule' | 'distributionSchedule'
>;

/** The WAN link of a site in one direction, and what of it may be used in which hour of the site's week. */
export class ScheduledLink {
  readonly #kilobitsPerSecond: number;
  readonly #cells: readonly ScheduleCell[] | null;

  constructor(site: LinkedSite, direction: LinkDirection) {
    const isIn = direction === 'acquisition';
    this.#kilobitsPerSecond = isIn ? site.wanKilobitsPerSecond : site.wanOutKilobitsPerSecond;
    const text = isIn ? site.acquisitionSchedule : site.distributionSchedule;
    const parsed = text === '' ? null : parseSchedule(text);
    this.#cells = parsed?.ok ? parsed.value : null;
  }

  /** False where nothing is ever limited. */
  get binds(): boolean {
    return this.#kilobitsPerSecond > 0 || this.#cells !== null;
  }

  /** False where the clock plays no part. */
  get hasSchedule(): boolean {
    return this.#cells !== null;
  }

  /** Infinity = unlimited, 0 = closed. `minuteOfWeek` by the clocks of the site. */
  bytesPerSecondAt(minuteOfWeek: number): number {
    const link = bytesPerSecondOfKilobits(this.#kilobitsPerSecond);
    if (this.#cells === null) return link;
    const cell = cellAt(this.#cells, minuteOfWeek);
    switch (cell.kind) {
      case 'closed':
        return 0;
      case 'rate':
        return Math.min(link, bytesPerSecondOfKilobits(cell.kilobitsPerSecond));
      case 'percent':
        // In this order nothing is rounded: a kilobit is 125 bytes.
        return link === Number.POSITIVE_INFINITY ? link : (link * cell.percent) / 100;
    }
  }

  /** Minutes of the site's clocks until an hour that is not closed; 0 = now, Infinity = there is none. */
  minutesUntilOpen(minuteOfWeek: number): number {
    const intoHour = minuteOfWeek % 60;
    for (let hours = 0; hours < hoursPerWeek; hours++) {
      const minute = (minuteOfWeek - intoHour + hours * 60) % (hoursPerWeek * 60);
      if (this.bytesPerSecondAt(minute) > 0) return hours === 0 ? 0 : hours * 60 - intoHour;
    }
    return Number.POSITIVE_INFINITY;
  }
}
