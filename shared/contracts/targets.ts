import { z } from 'zod';
import { agentIdSchema, cidrSchema } from './primitives.ts';

/** More would be an organisation of its own; the bound keeps a target small enough to send and to show. */
const maximumListed = 1000;
const maximumAgents = 10_000;
export const maximumTargetRows = 32;

export const maximumTagsPerAgent = 32;
export const tagSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,31}$/,
    'A tag has 1–32 lower-case letters, digits, dots, dashes or underscores, such as "lab" or "floor-3".',
  );

/** Names of computers: `*` is any run of characters, `?` is one; the case of letters does not count. */
export const namePatternSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name, with * and ? for what may be anything.')
  .max(64, 'Use at most 64 characters.');

const siteFilterSchema = z.object({
  kind: z.literal('sites'),
  siteIds: z.array(z.string().min(1).max(64)).min(1, 'Choose at least one site.').max(maximumListed),
  /** Also the sites below the listed ones, those that come later included. */
  withChildren: z.boolean().optional(),
});
const subnetFilterSchema = z.object({
  kind: z.literal('subnets'),
  subnets: z.array(cidrSchema).min(1, 'List at least one subnet.').max(maximumListed),
});
const nameFilterSchema = z.object({
  kind: z.literal('names'),
  patterns: z.array(namePatternSchema).min(1, 'List at least one name pattern.').max(maximumListed),
});
/** Computers with any of the tags. */
const tagFilterSchema = z.object({
  kind: z.literal('tags'),
  tags: z.array(tagSchema).min(1, 'List at least one tag.').max(maximumListed),
});
const agentFilterSchema = z.object({
  kind: z.literal('agents'),
  agentIds: z.array(agentIdSchema).min(1, 'Choose at least one agent.').max(maximumAgents),
});

const filters = [
  z.object({ kind: z.literal('all') }),
  siteFilterSchema,
  subnetFilterSchema,
  nameFilterSchema,
  tagFilterSchema,
  agentFilterSchema,
] as const;

/** One condition. Within it any of what is listed will do. */
export const targetFilterSchema = z.discriminatedUnion('kind', filters);
export type TargetFilter = z.infer<typeof targetFilterSchema>;

export const targetOperations = ['union', 'intersect', 'except'] as const;
export const targetOperationSchema = z.enum(targetOperations);
export type TargetOperation = z.infer<typeof targetOperationSchema>;

/**
 * Rows as administrators read them, from the top: what the first filter finds, then each row adds to it (`union`), keeps
 * what its filter finds too (`intersect`), or takes that away (`except`).
 */
const rowsSchema = z.object({
  kind: z.literal('rows'),
  first: targetFilterSchema,
  next: z
    .array(z.object({ operation: targetOperationSchema, filter: targetFilterSchema }))
    .min(1, 'Add a row, or use the first filter alone.')
    .max(maximumTargetRows - 1, `Use at most ${maximumTargetRows} rows.`),
});

/** A set of computers. */
export const targetSchema = z.discriminatedUnion('kind', [...filters, rowsSchema]);
export type Target = z.infer<typeof targetSchema>;
