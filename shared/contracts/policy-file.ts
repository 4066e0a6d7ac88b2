import { z } from 'zod';
import { policySchema } from './console-api.ts';
import type { ConsoleRoute } from './console-routes.ts';
import { agentIdSchema, cidrSchema, wallTimeMsSchema } from './primitives.ts';
import { agentSettingsSchema } from './settings.ts';
import { maximumTargetRows, namePatternSchema, tagSchema, targetOperationSchema } from './targets.ts';

/**
 * Policies as a file that another server understands: sites by their names, agents by name and id. A later format has a
 * higher version, and is refused.
 */

const fileFilters = [
  z.object({ kind: z.literal('all') }),
  z.object({
    kind: z.literal('sites'),
    siteNames: z.array(z.string().min(1).max(64)).min(1).max(1000),
    withChildren: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('subnets'), subnets: z.array(cidrSchema).min(1).max(1000) }),
  z.object({ kind: z.literal('names'), patterns: z.array(namePatternSchema).min(1).max(1000) }),
  z.object({ kind: z.literal('tags'), tags: z.array(tagSchema).min(1).max(1000) }),
  z.object({
    kind: z.literal('agents'),
    agents: z
      .array(z.object({ name: z.string().max(64), agentId: agentIdSchema }))
      .min(1)
      .max(10_000),
  }),
] as const;
const fileFilterSchema = z.discriminatedUnion('kind', fileFilters);
export type FileFilter = z.infer<typeof fileFilterSchema>;

const fileTargetSchema = z.discriminatedUnion('kind', [
  ...fileFilters,
  z.object({
    kind: z.literal('rows'),
    first: fileFilterSchema,
    next: z
      .array(z.object({ operation: targetOperationSchema, filter: fileFilterSchema }))
      .min(1)
      .max(maximumTargetRows - 1),
  }),
]);
export type FileTarget = z.infer<typeof fileTargetSchema>;

export const policyFileVersion = 1;

export const policyFileSchema = z.object({
  format: z.literal('fanout-policies', { error: 'This is no file of exported policies.' }),
  version: z.literal(policyFileVersion, { error: `This server reads version ${policyFileVersion} of the format.` }),
  exportedAtMs: wallTimeMsSchema,
  /** First priority first. */
  policies: z
    .array(
      z.object({
        name: policySchema.shape.name,
        /** Its settings go to Global of the other server; its target is everybody. */
        isGlobal: z.boolean(),
        target: fileTargetSchema,
        settings: agentSettingsSchema,
      }),
    )
    .min(1, 'The file has no policies.')
    .max(1000),
});
export type PolicyFile = z.infer<typeof policyFileSchema>;

export const policyImportSchema = z.object({
  dryRun: z.boolean(),
  created: z.array(z.string()),
  updated: z.array(z.object({ name: z.string(), changed: z.array(z.string()) })),
  unchanged: z.array(z.string()),
});
export type PolicyImport = z.infer<typeof policyImportSchema>;

export const policyFileRoutes = {
  exportPolicies: {
    method: 'GET',
    access: 'read',
    path: '/policies/export',
    summary: 'Policies as a file for another server',
    /** Ids, separated by commas; missing = all. */
    query: z.object({ ids: z.string().max(40_000).optional() }),
    answer: policyFileSchema,
  },
  importPolicies: {
    method: 'POST',
    access: 'administrator',
    path: '/policies/import',
    summary: 'Add the policies of a file and replace those of the same names: all of them or none',
    body: z.object({
      file: policyFileSchema,
      /** Only say what would happen. */
      dryRun: z.boolean(),
    }),
    answer: policyImportSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
