import type { MinuteSpan } from '../base/week-time.ts';
import { coveredMinutes, isCovered, minuteSpansOf, minutesPerWeek, minutesUntilCovered } from '../base/week-time.ts';
import type { AgentSettings } from '../contracts/settings.ts';

/** `none` < `downloads` < `total`: each forbids what the one before it does, and more. */
export type BlockoutKind = 'none' | 'downloads' | 'total';

export interface ThrottleNow {
  /** Infinity = not throttled. */
  readonly bytesPerSecond: number;
  /** When this rate no longer holds; null = never. */
  readonly endsAtMinute: number | null;
}

export interface BlockoutNow {
  readonly kind: BlockoutKind;
  /** When downloads are allowed again by the calendar; null = never. */
  readonly endsAtMinute: number | null;
}

interface RatedSpan extends MinuteSpan {
  readonly bytesPerSecond: number;
}

/** The periods of a policy, asked at a minute of the week. It knows no clock. */
export class PolicyPeriods {
  readonly #throttling: readonly RatedSpan[];
  readonly #blockouts: readonly MinuteSpan[];
  readonly #silent: readonly MinuteSpan[];

  constructor(settings: Pick<AgentSettings, 'throttlingPeriods' | 'blockouts'>) {
    this.#throttling = settings.throttlingPeriods.flatMap((period) =>
      minuteSpansOf(period).map((span) => ({ ...span, bytesPerSecond: period.kilobytesPerSecond * 1000 })),
    );
    this.#blockouts = settings.blockouts.flatMap(minuteSpansOf);
    this.#silent = settings.blockouts.filter(({ kind }) => kind === 'total').flatMap(minuteSpansOf);
  }

  /** Nothing ever changes: nobody has to look at the clock. */
  get areNone(): boolean {
    return this.#throttling.length === 0 && this.#blockouts.length === 0;
  }

  /** Where periods overlap, the lowest rate holds. */
  throttleAt(minuteOfWeek: number): ThrottleNow {
    const holding = this.#throttling.filter((span) => isCovered([span], minuteOfWeek));
    const bytesPerSecond = Math.min(...holding.map((span) => span.bytesPerSecond));
    const asLow = this.#throttling.filter((span) => span.bytesPerSecond <= bytesPerSecond);
    return { bytesPerSecond, endsAtMinute: endOf(asLow, minuteOfWeek) };
  }

  blockoutAt(minuteOfWeek: number): BlockoutNow {
    const endsAtMinute = endOf(this.#blockouts, minuteOfWeek);
    if (isCovered(this.#silent, minuteOfWeek)) return { kind: 'total', endsAtMinute };
    return { kind: isCovered(this.#blockouts, minuteOfWeek) ? 'downloads' : 'none', endsAtMinute };
  }

  /** 0 = it holds now, Infinity = there is none. */
  minutesUntilBlockout(minuteOfWeek: number, kind: 'any' | 'total'): number {
    return minutesUntilCovered(kind === 'any' ? this.#blockouts : this.#silent, minuteOfWeek);
  }
}

function endOf(spans: readonly MinuteSpan[], minuteOfWeek: number): number | null {
  const rest = coveredMinutes(spans, minuteOfWeek);
  return rest === Number.POSITIVE_INFINITY ? null : (minuteOfWeek + rest) % minutesPerWeek;
}
