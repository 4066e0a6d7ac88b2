import { assert } from './assert.ts';
import type { Result } from './result.ts';
import { err, ok } from './result.ts';
import type { Weekday } from './week-time.ts';
import { weekdays } from './week-time.ts';

/**
 * What a WAN link may be used for in each hour of the week: 168 cells, Monday 00:00 first, by the clock of the site.
 *
 * Written as rules such as `mon-fri 08-18 25%; sat,sun closed`: days (all where none are named), hours (all where none are
 * named) and what holds then: a percentage of the link, a rate in kbit/s, or `closed`. A later rule wins over an earlier one,
 * and where none says anything, the whole link may be used.
 */

export type ScheduleCell =
  /** 1 … 100, of the link. */
  | { readonly kind: 'percent'; readonly percent: number }
  /** At least 1; the link still bounds it. */
  | { readonly kind: 'rate'; readonly kilobitsPerSecond: number }
  | { readonly kind: 'closed' };

export const hoursPerWeek = 168;
const hoursPerDay = 24;
const maximumKilobitsPerSecond = 100_000_000;
/** More than 168 different cells need. */
export const maximumScheduleLength = 5000;

const wholeLink: ScheduleCell = { kind: 'percent', percent: 100 };

/** 168 cells, or a sentence that says which rule is not one. */
export function parseSchedule(text: string): Result<readonly ScheduleCell[], string> {
  const cells = new Array<ScheduleCell>(hoursPerWeek).fill(wholeLink);
  if (text.length > maximumScheduleLength) return err(`Use at most ${maximumScheduleLength} characters.`);
  for (const rule of text.split(';')) {
    const words = rule
      .trim()
      .toLowerCase()
      .replace(/(\d)\s+(kbit\/s|%)/g, '$1$2')
      .split(/\s+/);
    if (words.length === 1 && words[0] === '') continue;
    const parsed = parseRule(words);
    if (typeof parsed === 'string') return err(`"${rule.trim()}": ${parsed}`);
    for (const day of parsed.days) {
      for (const hour of parsed.hours) cells[day * hoursPerDay + hour] = parsed.cell;
    }
  }
  return ok(cells);
}

/** The shortest text of its kind that means these cells; '' = always the whole link. */
export function formatSchedule(cells: readonly ScheduleCell[]): string {
  assert(cells.length === hoursPerWeek, `${cells.length} hours in a week`);
  const daysByRow = new Map<string, number[]>();
  for (const day of weekdays.keys()) {
    const row = cells.slice(day * hoursPerDay, (day + 1) * hoursPerDay).map(cellText);
    const key = row.join(' ');
    daysByRow.set(key, [...(daysByRow.get(key) ?? []), day]);
  }
  const rules: string[] = [];
  for (const [key, days] of daysByRow) {
    const row = key.split(' ');
    const dayWords = days.length === weekdays.length ? '' : spans(days).map(dayText).join(',');
    for (const value of new Set(row.filter((text) => text !== cellText(wholeLink)))) {
      const hours = [...row.keys()].filter((hour) => row[hour] === value);
      const hourWords = hours.length === hoursPerDay ? '' : spans(hours).map(hourText).join(',');
      rules.push([dayWords, hourWords, value].filter((word) => word !== '').join(' '));
    }
  }
  return rules.join('; ');
}

/** The cell of a moment of the site's week, in minutes since Monday 00:00. */
export function cellAt(cells: readonly ScheduleCell[], minuteOfWeek: number): ScheduleCell {
  const cell = cells[Math.floor(minuteOfWeek / 60)];
  assert(cell !== undefined, `minute ${minuteOfWeek} of the week`);
  return cell;
}

interface Rule {
  readonly days: readonly number[];
  readonly hours: readonly number[];
  readonly cell: ScheduleCell;
}

function parseRule(words: readonly string[]): Rule | string {
  let days: readonly number[] | null = null;
  let hours: readonly number[] | null = null;
  const value = words.at(-1) ?? '';
  for (const word of words.slice(0, -1)) {
    const isHours = /^\d/.test(word);
    const parsed = isHours ? parseHours(word) : parseDays(word);
    if (typeof parsed === 'string') return parsed;
    if ((isHours ? hours : days) !== null) return `"${word}" is the second list of ${isHours ? 'hours' : 'days'}.`;
    if (isHours) hours = parsed;
    else days = parsed;
  }
  const cell = parseCell(value);
  if (typeof cell === 'string') return cell;
  return { days: days ?? [...weekdays.keys()], hours: hours ?? range(0, hoursPerDay), cell };
}

function parseDays(word: string): readonly number[] | string {
  const days: number[] = [];
  for (const part of word.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, to] = [first, last].map((name) => weekdays.indexOf(name as Weekday));
    if (from === undefined || to === undefined || from < 0 || to < 0 || more.length > 0) {
      return `"${part}" is neither a day nor days such as mon-fri; the days are ${weekdays.join(', ')}.`;
    }
    if (to < from) return `"${part}" runs over the end of the week; name its days in the order of the week.`;
    days.push(...range(from, to + 1));
  }
  return days;
}

function parseHours(word: string): readonly number[] | string {
  const hours: number[] = [];
  for (const part of word.split(',')) {
    const match = /^(\d{1,2})-(\d{1,2})$/.exec(part);
    const [from, to] = [Number(match?.[1]), Number(match?.[2])];
    if (match === null || to > hoursPerDay) return `"${part}" are no hours such as 08-18, from 00 to 24.`;
    if (to <= from) return `"${part}" runs over midnight; write ${match[1]}-24 and 00-${match[2]}.`;
    hours.push(...range(from, to));
  }
  return hours;
}

function parseCell(word: string): ScheduleCell | string {
  if (word === 'closed') return { kind: 'closed' };
  const match = /^(\d{1,9})(%|kbit\/s)$/.exec(word);
  if (match === null) return `"${word}" says nothing about the link; write 25%, 2000kbit/s or closed.`;
  const value = Number(match[1]);
  if (value === 0) return 'for hours without any transfer write closed.';
  if (match[2] === 'kbit/s') {
    if (value > maximumKilobitsPerSecond) return `use at most ${maximumKilobitsPerSecond} kbit/s.`;
    return { kind: 'rate', kilobitsPerSecond: value };
  }
  return value > 100 ? 'use at most 100%.' : { kind: 'percent', percent: value };
}

function cellText(cell: ScheduleCell): string {
  if (cell.kind === 'closed') return 'closed';
  return cell.kind === 'percent' ? `${cell.percent}%` : `${cell.kilobitsPerSecond}kbit/s`;
}

function range(from: number, end: number): readonly number[] {
  return Array.from({ length: end - from }, (_nothing, index) => from + index);
}

/** Rising numbers as runs, `[first, last]`. */
function spans(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last?.[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}

function dayText([first, last]: readonly [number, number]): string {
  return first === last ? `${weekdays[first]}` : `${weekdays[first]}-${weekdays[last]}`;
}

function hourText([first, last]: readonly [number, number]): string {
  return `${String(first).padStart(2, '0')}-${String(last + 1).padStart(2, '0')}`;
}
