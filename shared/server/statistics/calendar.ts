const dayMs = 24 * 60 * 60 * 1000;

/** Of the month (UTC) in which a time since 1970 lies. The calendar is computed here: the core has no `Date`. */
export function startOfMonthMs(atMs: number): number {
  const { year, month } = monthOf(atMs);
  return firstDayOf(year, month) * dayMs;
}

export function startOfNextMonthMs(atMs: number): number {
  const { year, month } = monthOf(atMs);
  return (month === 12 ? firstDayOf(year + 1, 1) : firstDayOf(year, month + 1)) * dayMs;
}

/** Days since 1970-01-01 of the first day of a month of the Gregorian calendar (years begin in March: leap days are last). */
function firstDayOf(year: number, month: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5);
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  return 365 * shifted + leapDays + dayOfYear - 719_468;
}

function monthOf(atMs: number): { readonly year: number; readonly month: number } {
  const day = Math.floor(atMs / dayMs);
  // A first guess that is at most one year early.
  let year = 1970 + Math.floor(day / 366);
  while (firstDayOf(year + 1, 1) <= day) year++;
  let month = 1;
  while (month < 12 && firstDayOf(year, month + 1) <= day) month++;
  return { year, month };
}
