import { utcMinuteOfWeek } from './week-time.ts';

/** Local time as a number: the milliseconds since 1970 of the moment when the clocks of UTC show what these clocks show. */

const minuteMs = 60_000;
const minutesPerWeek = 10_080;

/** Of `YYYY-MM-DDTHH:MM`, which has to be a day that there is. */
export function localTimeMs(text: string): number {
  const [year = 0, month = 1, day = 1, hours = 0, minutes = 0] = text.split(/[-T:]/).map(Number);
  return ((daysSince1970(year, month, day) * 24 + hours) * 60 + minutes) * minuteMs;
}

/** What local clocks show, from what a clock in UTC says and which minute of the week it is here. */
export function localWallTimeMs(wallTimeMs: number, localMinuteOfWeek: number): number {
  const ahead = (localMinuteOfWeek - utcMinuteOfWeek(wallTimeMs) + minutesPerWeek) % minutesPerWeek;
  // No place is a day away from UTC.
  const offset = ahead > minutesPerWeek / 2 ? ahead - minutesPerWeek : ahead;
  return wallTimeMs + offset * minuteMs;
}

/** Of the Gregorian calendar, with years that begin in March so that the leap day is the last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
