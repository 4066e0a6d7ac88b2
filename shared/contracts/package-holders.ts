import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import { packageStateSchema } from './package-state.ts';
import { agentIdSchema, packageGuidSchema, packageVersionSchema, wallTimeMsSchema } from './primitives.ts';

/** Where a package is, by what its agents told last. */

/** More are counted and not listed. */
export const maximumHoldersShown = 10_000;

const countSchema = z.number().int().min(0);

export const packageHolderSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  address: z.string(),
  siteName: z.string().nullable(),
  online: z.boolean(),
  isPackageServer: z.boolean(),
  state: packageStateSchema,
  blocks: countSchema,
  blockCount: countSchema,
  /** Why it is in its state, as a sentence; '' where the state says it all. */
  detail: z.string(),
  /** When it told its state. */
  sinceMs: wallTimeMsSchema,
});
export type PackageHolder = z.infer<typeof packageHolderSchema>;

export const packageHolderRoutes = {
  packageHolders: {
    method: 'GET',
    access: 'read',
    path: '/packages/:guid/:version/holders',
    summary: `Which agents have a package or a part of it, or are at it, by name, the first ${maximumHoldersShown}`,
    params: z.object({ guid: packageGuidSchema, version: packageVersionSchema }),
    answer: z.object({
      holders: z.array(packageHolderSchema).max(maximumHoldersShown),
      /** Of all of them, listed or not. */
      agents: countSchema,
      /** Of those, how many have all of it. */
      complete: countSchema,
      /** Of those that have all of it, how many are Package Servers. */
      packageServers: countSchema,
    }),
  },
} as const satisfies Record<string, ConsoleRoute>;
