import { z } from 'zod';
import { coveredMinutes, minuteSpansOf, weekdays } from '../base/week-time.ts';

/** Times of the week, as policies name them: days and a span of the clock on each. */

/** More would be a calendar, not a policy. */
export const maxPeriods = 32;

export const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Enter a time of day such as 08:30.');

const spanShape = {
  days: z
    .array(z.enum(weekdays))
    .min(1, 'Choose at least one day.')
    .max(7)
    .refine((days) => new Set(days).size === days.length, 'Name each day once.'),
  from: timeOfDaySchema,
  /** Not after `from`: on the next day. The same as `from`: a whole day. */
  to: timeOfDaySchema,
};

/** A time of the week and nothing more. */
export const weekSpanSchema = z.object(spanShape);

export const throttlingPeriodSchema = z.object({
  ...spanShape,
  kilobytesPerSecond: z
    .number({ error: 'Enter a whole number from 1 to 10,000,000.' })
    .int('Enter a whole number from 1 to 10,000,000.')
    .min(1, 'Enter 1 or more; a time without downloads is a blockout period.')
    .max(10_000_000, 'Enter 10,000,000 or less.'),
});
export type ThrottlingPeriod = z.infer<typeof throttlingPeriodSchema>;

export const blockoutKinds = ['downloads', 'total'] as const;
export const blockoutPeriodSchema = z.object({ ...spanShape, kind: z.enum(blockoutKinds) });
export type BlockoutPeriod = z.infer<typeof blockoutPeriodSchema>;

/** An agent without a minute of communication in its week could never be told anything else again. */
export function isAlwaysSilent(blockouts: readonly BlockoutPeriod[]): boolean {
  const silent = blockouts.filter(({ kind }) => kind === 'total').flatMap(minuteSpansOf);
  return silent.length > 0 && coveredMinutes(silent, 0) === Number.POSITIVE_INFINITY;
}

/** No minute of the week is left in which downloads are allowed. */
export function isAlwaysBlockedOut(blockouts: readonly BlockoutPeriod[]): boolean {
  return blockouts.length > 0 && coveredMinutes(blockouts.flatMap(minuteSpansOf), 0) === Number.POSITIVE_INFINITY;
}
