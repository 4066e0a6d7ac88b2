import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { packageKeySchema } from '../../../shared/contracts/primitives.ts';

export const manifestName = 'fanout-backup.json';

/** Relative, `/` between names, nothing that leads out of the folder. */
const filePathSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/);

/** The last file of a backup: without it the backup is not whole. */
const manifestSchema = z.object({
  format: z.literal(1),
  createdAtMs: z.number().int(),
  productVersion: z.string(),
  serverId: z.string(),
  /** Who is at the other end of the database: the embedded one is part of the backup, PostgreSQL is not. */
  database: z.enum(['embedded', 'postgresql']),
  /** What the database's tables are made by. */
  migrations: z.array(z.string()),
  files: z.array(z.object({ path: filePathSchema, bytes: z.number().int().min(0), sha256: z.string().length(64) })),
  /** The package library; `included` = with the files of the package. */
  packages: z.array(
    z.object({
      key: packageKeySchema,
      name: z.string(),
      version: z.string(),
      bytes: z.number(),
      included: z.boolean(),
    }),
  ),
});
export type BackupManifest = z.infer<typeof manifestSchema>;
export type BackedUpFile = BackupManifest['files'][number];

/** Throws a sentence where there is no backup, or none that this version understands. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  let text: string;
  try {
    text = await readFile(path.join(folder, manifestName), 'utf8');
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new Error(`There is no whole backup in ${folder}: ${manifestName} is missing.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`${manifestName} in ${folder} is damaged.`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { format } = (json ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > 1) {
    throw new Error(`The backup in ${folder} was made by a later version of Fanout. Restore it with that version.`);
  }
  throw new Error(`${manifestName} in ${folder} is damaged.`);
}
