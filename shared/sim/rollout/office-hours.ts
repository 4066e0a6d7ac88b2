import type { HoursChange, OnlineHoursPlan } from '../simulation-plan.ts';
import { chosenBelow } from './seeded-choice.ts';

const minuteMs = 60_000;
const minutesPerDay = 1440;
const daysPerWeek = 7;
const workdays = 5;
/** Longer than any holiday here. */
const longestLookDays = 60;

/** People come from 07:00 on, most by 09:30, and stay for 7.5 to 10 hours. */
const earliestStartMinute = 420;
const startSpreadMinutes = 75;
const shortestDayMinutes = 450;
const dayLengthSpreadMinutes = 75;
const daySpreadMinutes = 20;

/** Of 100 desktops, so many are never switched off. */
const desktopsLeftOnPercent = 15;
/** Of 100 working days of a person, so many without this computer: travel, illness, home without a connection. */
const desktopAbsentPercent = 4;
const laptopAbsentPercent = 20;
/** Of 100 weeks. */
const holidayPercent = 5;
/** Of 100 days on which a laptop is on, so many in another site. */
const roamingPercent = 6;
/** Of 100 weekend days. */
const weekendPercent = 2;

/** Numbers that keep one choice apart from the other. */
const choices = {
  kind: 1,
  leftOn: 2,
  start: 3,
  length: 4,
  absent: 5,
  holiday: 6,
  roaming: 7,
  where: 8,
  late: 9,
  weekend: 10,
};

export interface ComputerPlace {
  readonly subnet: number;
  readonly utcOffsetMinutes: number;
  readonly isPackageServer: boolean;
}

/** Local office hours, drawn anew for every computer and day; nothing is kept but what a computer is. */
export class OfficeHours implements OnlineHoursPlan {
  readonly #seed: number;
  readonly #places: readonly ComputerPlace[];
  readonly #destinations: (subnet: number) => readonly number[];
  readonly #laptopPercent: number;

  /** @param places by the computers' numbers @param destinations where a laptop of that subnet may be, its own included */
  constructor(facts: {
    readonly seed: number;
    readonly places: readonly ComputerPlace[];
    readonly destinations: (subnet: number) => readonly number[];
    readonly laptopPercent: number;
  }) {
    this.#seed = facts.seed;
    this.#places = facts.places;
    this.#destinations = facts.destinations;
    this.#laptopPercent = facts.laptopPercent;
  }

  isOnAt(computer: number, atMs: number): boolean {
    const place = this.#places[computer];
    if (place === undefined || this.#isAlwaysOn(computer, place)) return true;
    const span = this.#spanOf(computer, place, dayOf(place, atMs));
    return span !== null && span.onMs <= atMs && atMs < span.offMs;
  }

  nextChange(computer: number, afterMs: number): HoursChange | null {
    const place = this.#places[computer];
    if (place === undefined || this.#isAlwaysOn(computer, place)) return null;
    const today = dayOf(place, afterMs);
    for (let day = today; day < today + longestLookDays; day++) {
      const span = this.#spanOf(computer, place, day);
      if (span === null) continue;
      if (span.onMs > afterMs) return { atMs: span.onMs, isOn: true, subnet: this.#whereOn(computer, place, day) };
      if (span.offMs > afterMs) return { atMs: span.offMs, isOn: false };
    }
    return null;
  }

  isLaptop(computer: number): boolean {
    const isServer = this.#places[computer]?.isPackageServer === true;
    return !isServer && this.#percent(choices.kind, computer, 0) < this.#laptopPercent;
  }

  #isAlwaysOn(computer: number, { isPackageServer }: ComputerPlace): boolean {
    if (isPackageServer) return true;
    return !this.isLaptop(computer) && this.#percent(choices.leftOn, computer, 0) < desktopsLeftOnPercent;
  }

  /** Null: it stays off on that day. */
  #spanOf(
    computer: number,
    { utcOffsetMinutes }: ComputerPlace,
    day: number,
  ): { readonly onMs: number; readonly offMs: number } | null {
    if (!this.#isOnDuring(computer, day)) return null;
    const below = (choice: number, bound: number, of: number) => chosenBelow(bound, this.#seed, choice, computer, of);
    // The sum of two even chances is likely to be in the middle.
    const usual = below(choices.start, startSpreadMinutes, 0) + below(choices.start, startSpreadMinutes, 1);
    const startMinute = earliestStartMinute + usual + below(choices.late, daySpreadMinutes, day);
    const lengthMinutes =
      shortestDayMinutes +
      below(choices.length, dayLengthSpreadMinutes, day) +
      below(choices.length, dayLengthSpreadMinutes, -day - 1);
    const withinMinuteMs = below(choices.late, minuteMs, -day - 1);
    const onMs = (day * minutesPerDay + startMinute - utcOffsetMinutes) * minuteMs + withinMinuteMs;
    return { onMs, offMs: onMs + lengthMinutes * minuteMs };
  }

  #isOnDuring(computer: number, day: number): boolean {
    const weekday = ((day % daysPerWeek) + daysPerWeek) % daysPerWeek;
    if (weekday >= workdays) return this.#percent(choices.weekend, computer, day) < weekendPercent;
    const week = Math.floor(day / daysPerWeek);
    if (this.#percent(choices.holiday, computer, week) < holidayPercent) return false;
    const absentPercent = this.isLaptop(computer) ? laptopAbsentPercent : desktopAbsentPercent;
    return this.#percent(choices.absent, computer, day) >= absentPercent;
  }

  #whereOn(computer: number, { subnet }: ComputerPlace, day: number): number {
    const roams = this.isLaptop(computer) && this.#percent(choices.roaming, computer, day) < roamingPercent;
    if (!roams) return subnet;
    const destinations = this.#destinations(subnet);
    return destinations[chosenBelow(destinations.length, this.#seed, choices.where, computer, day)] ?? subnet;
  }

  #percent(choice: number, computer: number, of: number): number {
    return chosenBelow(100, this.#seed, choice, computer, of);
  }
}

/** Local day; 0 = the Monday on which virtual time begins. */
function dayOf({ utcOffsetMinutes }: ComputerPlace, atMs: number): number {
  return Math.floor((atMs / minuteMs + utcOffsetMinutes) / minutesPerDay);
}
