import { z } from 'zod';
import { agentSummarySchema } from './console-api.ts';
import type { ConsoleRoute } from './console-routes.ts';
import { agentIdSchema } from './primitives.ts';
import { maximumTagsPerAgent, tagSchema, targetSchema } from './targets.ts';

/** Which computers a target means, and the words that administrators give to computers. */

export const maximumPreviewedMembers = 100;

const previewRequestSchema = z.object({
  target: targetSchema,
  /** Count what would change if this policy had the target; null = a new policy, the last before Global. */
  policyId: z.string().min(1).max(64).nullable().optional(),
  /** How many members come before those that are listed. */
  skip: z.number().int().min(0).default(0),
});

export const targetPreviewSchema = z.object({
  /** How many agents the target means now. */
  agents: z.number().int().min(0),
  /** Some of them, by name: the first, or those after `skip`. */
  members: z
    .array(
      z.object({
        agentId: agentIdSchema,
        name: z.string(),
        address: z.string(),
        siteName: z.string().nullable(),
        policyName: z.string(),
      }),
    )
    .max(maximumPreviewedMembers),
  /** Agents that would have another policy than now; empty without a `policyId`. */
  changes: z.array(
    z.object({
      fromPolicyId: z.string(),
      fromPolicyName: z.string(),
      /** Null = the new policy. */
      toPolicyId: z.string().nullable(),
      toPolicyName: z.string(),
      agents: z.number().int().min(1),
    }),
  ),
});
export type TargetPreview = z.infer<typeof targetPreviewSchema>;

const tagListSchema = z
  .array(tagSchema)
  .max(maximumTagsPerAgent, `An agent has at most ${maximumTagsPerAgent} tags.`)
  .refine((tags) => new Set(tags).size === tags.length, 'Name each tag once.');

const tagChangeSchema = z
  .object({ target: targetSchema, add: tagListSchema.default([]), remove: tagListSchema.default([]) })
  .refine(({ add, remove }) => add.length + remove.length > 0, { path: ['add'], error: 'Name a tag.' })
  .refine(({ add, remove }) => !add.some((tag) => remove.includes(tag)), {
    path: ['remove'],
    error: 'A tag cannot be added and removed at once.',
  });

export const targetRoutes = {
  previewTarget: {
    method: 'POST',
    access: 'read',
    path: '/targets/preview',
    summary: 'Which agents a target means, and whose policy would change if a policy had it',
    body: previewRequestSchema,
    answer: targetPreviewSchema,
  },
  tags: {
    method: 'GET',
    access: 'read',
    path: '/tags',
    summary: 'All tags, and how many agents have each',
    answer: z.array(z.object({ tag: tagSchema, agents: z.number().int().min(1) })),
  },
  changeTags: {
    method: 'POST',
    access: 'administrator',
    path: '/tags',
    summary: 'Give tags to all agents that a target means now, and take tags from them',
    body: tagChangeSchema,
    answer: z.object({ agents: z.number().int().min(0), changed: z.number().int().min(0) }),
  },
  setAgentTags: {
    method: 'PUT',
    access: 'administrator',
    path: '/agents/:agentId/tags',
    summary: 'Set the tags of one agent',
    params: z.object({ agentId: agentIdSchema }),
    body: z.object({ tags: tagListSchema }),
    answer: agentSummarySchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
