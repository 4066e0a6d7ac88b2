import { InvalidArgumentError } from 'commander';
import { weekdays } from '../../shared/base/week-time.ts';
import type { InstallSchedule, StageStart } from '../../shared/contracts/deliveries.ts';
import { installScheduleSchema, stageStartSchema } from '../../shared/contracts/deliveries.ts';
import { weekSpanSchema } from '../../shared/contracts/week-periods.ts';

/** How times, windows and stages of deliveries are written on the command line. */

export interface StageText {
  readonly target: string;
  readonly start: StageStart;
}

type WeekSpan = ReturnType<typeof weekSpanSchema.parse>;

export const stageHelp =
  'a further stage (repeatable): TARGET=by-hand, or TARGET=P/F/H: once P % of the stage before have it and at most F % failed, for H hours';
export const windowHelp =
  'only within this weekly window of local time (repeatable), e.g. "mon-fri 20:00-06:00" or "sat,sun 00:00-00:00"';
export const installHelp =
  'install what was delivered: by-policy, asap, at:2027-01-31T02:30, daily:17:00 or "window:sat 02:00-05:00", all in local time';

/** After options of the same name, because commander calls it for each. */
export function stageOption(text: string, before: readonly StageText[] = []): StageText[] {
  // Targets may hold "=": the start is what stands behind the last one.
  const at = text.lastIndexOf('=');
  const [target, start] = [text.slice(0, at), text.slice(at + 1)];
  if (at <= 0) throw new InvalidArgumentError('Give TARGET=by-hand or TARGET=P/F/H, e.g. site:Berlin=95/2/24.');
  if (start === 'by-hand') return [...before, { target, start: { kind: 'by-hand' } }];
  const numbers = start.split('/').map((part) => (part === '' ? Number.NaN : Number(part)));
  const [installedPercent, failedPercent, hours, ...more] = numbers;
  const parsed = stageStartSchema.safeParse({ kind: 'after-previous', installedPercent, failedPercent, hours });
  if (!parsed.success || more.length > 0) {
    throw new InvalidArgumentError('Give TARGET=P/F/H with two percentages and hours, e.g. site:Berlin=95/2/24.');
  }
  return [...before, { target, start: parsed.data }];
}

export function windowOption(text: string, before: readonly WeekSpan[] = []): WeekSpan[] {
  return [...before, parseWindow(text)];
}

/** `mon-fri 20:00-06:00`: days as a list, a range or both. */
function parseWindow(text: string): WeekSpan {
  const match = /^([a-z,-]+) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text.trim());
  const days = match?.[1]?.split(',').flatMap(daysOf);
  const parsed = weekSpanSchema.safeParse({ days, from: match?.[2], to: match?.[3] });
  if (!parsed.success) throw new InvalidArgumentError('Give days and a span such as "mon-fri 20:00-06:00".');
  return parsed.data;
}

function daysOf(text: string): string[] {
  const [from = '', to = from] = text.split('-');
  const [first, last] = [weekdays.indexOf(from as never), weekdays.indexOf(to as never)];
  return first < 0 || last < first ? [text] : weekdays.slice(first, last + 1);
}

export function installOption(text: string): InstallSchedule {
  const [kind = '', rest = ''] = [text.split(':')[0], text.slice(text.indexOf(':') + 1)];
  const parsed = installScheduleSchema.safeParse(scheduleOf(kind, rest));
  if (!parsed.success) {
    throw new InvalidArgumentError(
      'Give by-policy, asap, at:2027-01-31T02:30, daily:17:00 or "window:sat 02:00-05:00".',
    );
  }
  return parsed.data;
}

function scheduleOf(kind: string, rest: string): unknown {
  switch (kind) {
    case 'by-policy':
      return { kind };
    case 'asap':
      return { kind: 'as-soon-as-possible' };
    case 'at':
      return { kind, localTime: rest };
    case 'daily':
      return { kind, timeOfDay: rest };
    case 'window':
      return { kind: 'in-windows', windows: [parseWindow(rest)] };
    default:
      return null;
  }
}

/** A moment with its zone, such as `2027-01-31T02:30Z` or `…+01:00`. */
export function momentOption(text: string): number {
  const ms = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Give a moment with its zone, such as 2027-01-31T02:30+01:00.');
  return ms;
}

/** Commander's way of a repeatable option. */
export function listOption(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
