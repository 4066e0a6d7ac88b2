import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import {
  agentIdSchema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  sha256HexSchema,
  wallTimeMsSchema,
} from './primitives.ts';

/** Somebody's copy of a package, read again from its disk and compared with the signed snapshot, block by block. */

/** Enough to see what is wrong; the number of all is told as well. */
export const maximumListedDifferences = 1000;

const countSchema = z.number().int().min(0);

/** What whoever has the copy says of it. */
export const copyReportSchema = z.object({
  blockCount: countSchema,
  /** Blocks that were there, all of which were read. 0 = there is no copy. */
  heldBlocks: countSchema,
  /** Of those, how many are not what the snapshot says. */
  differingBlocks: countSchema,
  differences: z
    .array(
      z.object({
        block: countSchema,
        /** What the disk has; null = it cannot be read. */
        sha256: sha256HexSchema.nullable(),
      }),
    )
    .max(maximumListedDifferences),
});
export type CopyReport = z.infer<typeof copyReportSchema>;

const copyHolderSchema = z.union([z.literal('notification-server'), agentIdSchema]);
export type CopyHolder = z.infer<typeof copyHolderSchema>;

export const copyVerificationSchema = z.object({
  id: z.string(),
  from: copyHolderSchema,
  fromName: z.string(),
  key: packageKeySchema,
  packageName: z.string(),
  packageVersion: packageVersionSchema,
  /** `done`: every block that is there was read. */
  state: z.enum(['running', 'done', 'failed']),
  startedAtMs: wallTimeMsSchema,
  endedAtMs: wallTimeMsSchema.nullable(),
  /** Why it failed, in a sentence. */
  problem: z.string().nullable(),
  /** The whole package is there, and nothing differs. Null until it is done. */
  isIntact: z.boolean().nullable(),
  report: copyReportSchema
    .omit({ differences: true })
    .extend({
      differences: z.array(
        copyReportSchema.shape.differences.element.extend({
          expectedSha256: sha256HexSchema,
          /** Files that have a part of the block, the first five. */
          files: z.array(z.string()).max(5),
        }),
      ),
    })
    .nullable(),
});
export type CopyVerification = z.infer<typeof copyVerificationSchema>;

export const copyVerificationRoutes = {
  verifyCopy: {
    method: 'POST',
    access: 'administrator',
    path: '/packages/:guid/:version/verifications',
    summary: 'Have a copy of a package read again and compared with the signed snapshot, block by block',
    params: z.object({ guid: packageGuidSchema, version: packageVersionSchema }),
    body: z.object({ from: copyHolderSchema }),
    answer: copyVerificationSchema,
  },
  copyVerification: {
    method: 'GET',
    access: 'read',
    path: '/verifications/:id',
    summary: 'How far a verification is, and what it found; kept in memory, the last hundred',
    params: z.object({ id: z.string().min(1).max(64) }),
    answer: copyVerificationSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
