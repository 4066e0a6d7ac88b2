import { assert } from './assert.ts';

/** Times of the week in minutes: 0 = Monday 00:00 … 10,079 = Sunday 23:59. Which clock they follow, others decide. */

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export const minutesPerWeek = 10_080;
const minutesPerDay = 1440;
/** 1 January 1970 was a Thursday. */
const epochMinuteOfWeek = 3 * minutesPerDay;

/** A span of the clock on each of some days. `to` not after `from`: on the next day; the same as `from`: a whole day. */
export interface DailySpan {
  readonly days: readonly Weekday[];
  /** 00:00 … 23:59. */
  readonly from: string;
  readonly to: string;
}

/** [first, first + length): may run over the end of the week, and goes on at its beginning then. */
export interface MinuteSpan {
  readonly firstMinute: number;
  readonly lengthMinutes: number;
}

export function minuteSpansOf(span: DailySpan): readonly MinuteSpan[] {
  const from = minuteOfDay(span.from);
  const to = minuteOfDay(span.to);
  const lengthMinutes = to > from ? to - from : to - from + minutesPerDay;
  return span.days.map((day) => ({ firstMinute: weekdays.indexOf(day) * minutesPerDay + from, lengthMinutes }));
}

export function isCovered(spans: readonly MinuteSpan[], minuteOfWeek: number): boolean {
  return coveredMinutes(spans, minuteOfWeek) > 0;
}

/** Minutes from here until no span holds any more; 0 = none holds now, Infinity = there is always one. */
export function coveredMinutes(spans: readonly MinuteSpan[], minuteOfWeek: number): number {
  let covered = 0;
  while (covered < minutesPerWeek) {
    const more = longestRest(spans, (minuteOfWeek + covered) % minutesPerWeek);
    if (more === 0) return covered;
    covered += more;
  }
  return Number.POSITIVE_INFINITY;
}

/** Minutes until the next span begins; 0 = one holds now, Infinity = there is none. */
export function minutesUntilCovered(spans: readonly MinuteSpan[], minuteOfWeek: number): number {
  if (isCovered(spans, minuteOfWeek)) return 0;
  let next = Number.POSITIVE_INFINITY;
  for (const { firstMinute } of spans) {
    next = Math.min(next, (firstMinute - minuteOfWeek + minutesPerWeek) % minutesPerWeek);
  }
  return next;
}

export function utcMinuteOfWeek(wallTimeMs: number): number {
  return (Math.floor(wallTimeMs / 60_000) + epochMinuteOfWeek) % minutesPerWeek;
}

/** For people. */
export const dayNames: { readonly [Day in Weekday]: string } = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

/** "07:00 on Monday". */
export function timeOfWeek(minuteOfWeek: number): string {
  const day = weekdays[Math.floor(minuteOfWeek / minutesPerDay)];
  assert(day !== undefined, `minute ${minuteOfWeek} of the week`);
  const minute = minuteOfWeek % minutesPerDay;
  const hours = String(Math.floor(minute / 60)).padStart(2, '0');
  return `${hours}:${String(minute % 60).padStart(2, '0')} on ${dayNames[day]}`;
}

function longestRest(spans: readonly MinuteSpan[], minuteOfWeek: number): number {
  let rest = 0;
  for (const { firstMinute, lengthMinutes } of spans) {
    const since = (minuteOfWeek - firstMinute + minutesPerWeek) % minutesPerWeek;
    rest = Math.max(rest, lengthMinutes - since);
  }
  return rest;
}

function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}
