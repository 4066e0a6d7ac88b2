import { z } from 'zod';
import {
  base64Schema,
  byteCountSchema,
  packageGuidSchema,
  packageVersionSchema,
  sha256HexSchema,
  wallTimeMsSchema,
} from './primitives.ts';

/** A package version's signed manifest. Content = the files concatenated in this order, cut into blocks. */
export const snapshotSchema = z.object({
  guid: packageGuidSchema,
  version: packageVersionSchema,
  name: z.string().min(1).max(200),
  files: z
    .array(
      z.object({
        /** Relative, `/` as separator; checked by `packagePathProblem` at import and again at the agent. */
        path: z.string().min(1).max(1024),
        sizeBytes: byteCountSchema,
        /** Where the file begins in the content. */
        offsetBytes: byteCountSchema,
      }),
    )
    .min(1)
    .max(200_000),
  blockSizeBytes: z
    .number()
    .int()
    .min(4096)
    .max(64 * 1024 * 1024),
  blockHashes: z.array(sha256HexSchema).max(1_000_000),
  totalSizeBytes: byteCountSchema,
  createdAtMs: wallTimeMsSchema,
});
export type Snapshot = z.infer<typeof snapshotSchema>;
export type SnapshotFile = Snapshot['files'][number];

/** What `GET …/snapshot` answers: the exact signed bytes, so that nobody has to agree on a canonical JSON. */
export const signedSnapshotSchema = z.object({
  /** base64 of the UTF-8 JSON of a `Snapshot`. */
  payload: base64Schema,
  /** base64 of the Ed25519 signature over `"fanout-snapshot-v1\0" + payload bytes`. */
  signature: base64Schema,
});
export type SignedSnapshot = z.infer<typeof signedSnapshotSchema>;

export const snapshotSignatureContext = 'fanout-snapshot-v1\0';
