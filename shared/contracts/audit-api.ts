import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import { wallTimeMsSchema } from './primitives.ts';

/** Who changed what, when, from what to what. */

export const maximumAuditPage = 500;

/**
 * In the answer to a call that changed something which can be taken back: the ids of its entries, the newest first,
 * separated by commas. Missing where not all of it can be taken back.
 */
export const changesHeader = 'fanout-changes';
/** More at once are not named: the header would grow too long. The audit trail has them all the same. */
export const maximumChangesNamed = 100;

/** The ids that the header of an answer names. */
export function changesNamed(header: string | null): readonly number[] {
  return (header ?? '').split(',').flatMap((text) => (/^[1-9]\d{0,14}$/.test(text) ? [Number(text)] : []));
}

const auditEntrySchema = z.object({
  id: z.number().int(),
  atMs: wallTimeMsSchema,
  who: z.string(),
  action: z.string(),
  subject: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  /** The entry that this one took back. */
  reverts: z.number().int().nullable(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const shownAuditEntrySchema = auditEntrySchema.extend({
  /** Whether changes of this kind can be taken back at all; whether this one still can, the attempt says. */
  canRevert: z.boolean(),
});
export type ShownAuditEntry = z.infer<typeof shownAuditEntrySchema>;

const wholeNumberText = (message: string) => z.string().regex(/^[1-9]\d{0,14}$/, message);

const auditQuerySchema = z.object({
  /** Only older entries than this one: the last id of the page before. */
  before: wholeNumberText('Give the id of an entry.').optional(),
  limit: wholeNumberText(`Give a number from 1 to ${maximumAuditPage}.`)
    .refine((text) => Number(text) <= maximumAuditPage, `At most ${maximumAuditPage} entries are given at once.`)
    .optional(),
  who: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  /** Anywhere in the subject; the case of letters does not count. */
  subject: z.string().max(200).optional(),
});

export const auditRoutes = {
  audit: {
    method: 'GET',
    access: 'read',
    path: '/audit',
    summary: 'Changes, the newest first, 500 at once',
    query: auditQuerySchema,
    answer: z.array(shownAuditEntrySchema),
  },
  revertAudit: {
    method: 'POST',
    access: 'administrator',
    path: '/audit/:id/revert',
    summary: 'Take a change back; 409 with what changed since where its result is not what holds now',
    params: z.object({ id: wholeNumberText('Give the id of an entry.') }),
    answer: auditEntrySchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
