import type { ClockPort } from '../base/clock.ts';
import type { RandomPort } from '../base/prng.ts';
import { timeOfWeek, utcMinuteOfWeek } from '../base/week-time.ts';
import type { EffectiveSettings } from './effective-settings.ts';
import type { BlockoutKind, BlockoutNow, ThrottleNow } from './policy-periods.ts';
import type { Timers } from './timers.ts';
import { WakeUp } from './timers.ts';

const minuteMs = 60_000;
const severity: { readonly [Kind in BlockoutKind]: number } = { none: 0, downloads: 1, total: 2 };

export interface CalendarOwner {
  /** A period began or ended, or the restart after a blockout has come. */
  changed(): void;
}

/**
 * What the clock and the policy's periods allow now. It looks at the clock at the beginning of every minute while there are
 * periods, and never computes ahead for longer: so a clock that is set, and a day of 23 or 25 hours, cost a minute at most.
 * Invariant: a blockout begins at once, and ends at a moment of its own for each agent (*restart spread*).
 */
export class PolicyCalendar {
  readonly #clock: ClockPort;
  readonly #random: RandomPort;
  readonly #wakeUp: WakeUp;
  readonly #owner: CalendarOwner;
  #settings: EffectiveSettings;
  #throttle: ThrottleNow;
  #byClock: BlockoutNow = { kind: 'none', endsAtMinute: null };
  /** In force: what the clock says, or for a while longer what it said before. */
  #blockout: BlockoutKind = 'none';
  /** Of the monotonic clock; null while the blockout in force is that of the clock. */
  #restartAtMs: number | null = null;
  /** An emergency that may be waiting for its download is not silenced. */
  #isTotalIgnored = false;

  constructor(clock: ClockPort, random: RandomPort, timers: Timers, settings: EffectiveSettings, owner: CalendarOwner) {
    this.#clock = clock;
    this.#random = random;
    this.#settings = settings;
    this.#owner = owner;
    this.#throttle = settings.periods.throttleAt(this.#minute());
    this.#wakeUp = new WakeUp(clock, timers, () => this.#look());
  }

  /** Another policy holds from now on; what it does not forbid now needs no spread restart. */
  configure(settings: EffectiveSettings): void {
    this.#settings = settings;
    const { kind } = this.#blockoutAt(this.#minute());
    const isStillSpread = this.#restartAtMs !== null && !settings.periods.areNone;
    if (!isStillSpread && severity[kind] < severity[this.#blockout]) this.#blockout = kind;
    if (this.#restartAtMs !== null) {
      this.#restartAtMs = Math.min(this.#restartAtMs, this.#clock.nowMs() + settings.restartSpreadMs);
    }
    this.#look();
  }

  /** While it holds, a total blockout forbids what a blockout of downloads does. */
  setTotalIgnored(isIgnored: boolean): void {
    if (isIgnored === this.#isTotalIgnored) return;
    this.#isTotalIgnored = isIgnored;
    if (isIgnored && this.#blockout === 'total') this.#blockout = 'downloads';
    this.#look();
  }

  get throttle(): ThrottleNow {
    return this.#throttle;
  }

  /** The blockout in force. */
  get blockout(): BlockoutKind {
    return this.#blockout;
  }

  /** No communication at all: neither with servers nor with peers. */
  get isSilent(): boolean {
    return this.#blockout === 'total';
  }

  /** Of the monotonic clock; emergencies are stopped by total blockouts only. */
  nextBlockoutMs(isEmergency: boolean): number {
    const { periods } = this.#settings;
    if (periods.areNone) return Number.POSITIVE_INFINITY;
    if (isEmergency && this.#isTotalIgnored) return Number.POSITIVE_INFINITY;
    const minutes = periods.minutesUntilBlockout(this.#minute(), isEmergency ? 'total' : 'any');
    return this.#clock.nowMs() + minutes * minuteMs - (this.#clock.wallTimeMs() % minuteMs);
  }

  /** For people: what is forbidden, and until when. */
  get blockoutSentence(): string {
    if (this.#byClock.kind === 'none') {
      return 'The blockout is over. Downloads go on at a random moment, so that not all computers come at once.';
    }
    const what = this.#byClock.kind === 'total' ? 'any communication' : 'downloads';
    const { endsAtMinute } = this.#byClock;
    if (endsAtMinute === null) return `The policy allows no ${what === 'downloads' ? what : 'communication'} at all.`;
    return `The policy forbids ${what} now. It goes on after the blockout ends at ${this.#timeText(endsAtMinute)}.`;
  }

  get throttleSentence(): string {
    const { bytesPerSecond, endsAtMinute } = this.#throttle;
    const until = endsAtMinute === null ? '' : ` until ${this.#timeText(endsAtMinute)}`;
    return `Downloads from servers are limited to ${bytesPerSecond / 1000} KB/s${until}, by a throttling period of the policy.`;
  }

  #look(): void {
    const { periods } = this.#settings;
    const minute = this.#minute();
    const before = { blockout: this.#blockout, rate: this.#throttle.bytesPerSecond };
    this.#throttle = periods.throttleAt(minute);
    this.#byClock = this.#blockoutAt(minute);
    this.#followBlockout(minute);
    this.#setWakeUp();
    if (before.blockout !== this.#blockout || before.rate !== this.#throttle.bytesPerSecond) this.#owner.changed();
  }

  #blockoutAt(minute: number): BlockoutNow {
    const now = this.#settings.periods.blockoutAt(minute);
    return this.#isTotalIgnored && now.kind === 'total' ? { ...now, kind: 'downloads' } : now;
  }

  #followBlockout(minute: number): void {
    const { kind } = this.#byClock;
    if (severity[kind] >= severity[this.#blockout]) {
      this.#blockout = kind;
      this.#restartAtMs = null;
      return;
    }
    const nowMs = this.#clock.nowMs();
    this.#restartAtMs ??= nowMs + this.#spreadMs(minute);
    if (nowMs < this.#restartAtMs) return;
    this.#blockout = kind;
    this.#restartAtMs = null;
  }

  /** Half of the time until the next total blockout at most: every agent has to come to word in between. */
  #spreadMs(minute: number): number {
    const untilSilentMs = this.#settings.periods.minutesUntilBlockout(minute, 'total') * minuteMs;
    const longestMs = Math.min(this.#settings.restartSpreadMs, untilSilentMs / 2);
    return this.#random.below(Math.floor(longestMs) + 1);
  }

  #setWakeUp(): void {
    if (this.#settings.periods.areNone && this.#restartAtMs === null) {
      this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
      return;
    }
    const nextMinuteMs = this.#clock.nowMs() + minuteMs - (this.#clock.wallTimeMs() % minuteMs);
    this.#wakeUp.setAt(Math.min(nextMinuteMs, this.#restartAtMs ?? Number.POSITIVE_INFINITY));
  }

  #minute(): number {
    return this.#settings.periodClock === 'utc'
      ? utcMinuteOfWeek(this.#clock.wallTimeMs())
      : this.#clock.localMinuteOfWeek();
  }

  #timeText(minuteOfWeek: number): string {
    return `${timeOfWeek(minuteOfWeek)}${this.#settings.periodClock === 'utc' ? ' UTC' : ''}`;
  }
}
