import { z } from 'zod';
import { agentIdSchema, packageKeySchema, wallTimeMsSchema } from './primitives.ts';

/** Why blocks were asked from this source, or why a source was not used. The list is closed. */
export const journalReasons = [
  'lane',
  'following-claim',
  'peer-has-block',
  'no-peer-known',
  'no-holder-online',
  'peers-busy',
  'peer-installing',
  'peer-not-serving',
  'peer-timeout',
  'peer-refused',
  'peer-identity-mismatch',
  'hash-mismatch',
  'outside-subnets',
  'peer-downloading-off',
  'excepted',
  'attempts-used-up',
  'package-server-of-site',
  'below-minimum-size',
  'blockout',
  'throttled',
  'source-back-off',
  'source-failed',
  'claim-lost',
  'claim-taken-over',
  'claim-released',
  'pre-empted',
  'paused',
  'delivery-paused',
  'not-yet-available',
  'outside-window',
  'resumed',
  'disk-full',
  'disk-error',
  'deleted',
  'withdrawn',
  'ready',
] as const;
export const journalReasonSchema = z.enum(journalReasons);
export type JournalReason = z.infer<typeof journalReasonSchema>;

/** Where bytes come from: a peer, the Notification Server, or a Package Server of the own or of a foreign site. */
export const sourceKinds = [
  'peer',
  'notification-server',
  'package-server-own-site',
  'package-server-foreign',
] as const;
export const sourceKindSchema = z.enum(sourceKinds);
export type SourceKind = z.infer<typeof sourceKindSchema>;

export const journalEntrySchema = z.object({
  /** Rises by one per agent and installation; what was dropped shows as a gap. */
  sequence: z.number().int().min(0),
  atMs: wallTimeMsSchema,
  key: packageKeySchema,
  /** Number of blocks that this choice was about; 0 where it was about the package as a whole. */
  blocks: z.number().int().min(0),
  source: z
    .object({ kind: sourceKindSchema, agentId: agentIdSchema.nullable(), address: z.string().max(64) })
    .nullable(),
  reason: journalReasonSchema,
  /** The same in one plain sentence, for people. */
  sentence: z.string().max(400),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;
