import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import {
  deliveryAgentStates,
  deliveryCommandSchema,
  deliveryFailureSchema,
  deliveryPlanSchema,
  installationSchema,
  installScheduleSchema,
  maxStages,
  maxTries,
  stageStartSchema,
} from './deliveries.ts';
import { deliveryPrioritySchema } from './package-state.ts';
import {
  agentIdSchema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  wallTimeMsSchema,
} from './primitives.ts';
import { targetSchema } from './targets.ts';

/** Deliveries on the console interface: what is made, changed and shown. */

const laterStageSchema = z.object({ target: targetSchema, start: stageStartSchema });

/** What a delivery says beyond "this package to this target": everything may be left out. */
export const deliverySpecSchema = z.object({
  /** The first stage is the delivery's target; each agent belongs to the first stage that means it. */
  laterStages: z
    .array(laterStageSchema)
    .max(maxStages - 1, `A delivery has at most ${maxStages} stages.`)
    .default([]),
  availableFromMs: deliveryPlanSchema.shape.availableFromMs.default(null),
  downloadWindows: deliveryPlanSchema.shape.downloadWindows.default([]),
  deadlineMs: deliveryPlanSchema.shape.deadlineMs.default(null),
  ignoresTotalBlockouts: z.boolean().default(false),
  /** The bytes of this delivery are not counted against the shared limit of a site. */
  ignoresSiteLimits: z.boolean().default(false),
  /** Null: the package is brought to the agents, and nothing is installed. */
  installation: z
    .object({
      schedule: installScheduleSchema.default({ kind: 'by-policy' }),
      command: deliveryCommandSchema.nullable().default(null),
      durationSeconds: installationSchema.shape.durationSeconds.default(0),
      tries: installationSchema.shape.tries.default(maxTries),
    })
    .nullable()
    .default(null),
});
export type DeliverySpec = z.infer<typeof deliverySpecSchema>;

export const plainDeliverySpec: DeliverySpec = deliverySpecSchema.parse({});

const deliveryFields = deliverySpecSchema.extend({
  guid: packageGuidSchema,
  version: packageVersionSchema,
  target: targetSchema,
  priority: deliveryPrioritySchema,
});

export const deliveryDraftSchema = deliveryFields
  .refine(({ availableFromMs, deadlineMs }) => deadlineMs === null || deadlineMs > (availableFromMs ?? 0), {
    path: ['deadlineMs'],
    error: 'The deadline has to come after the time from which the package is available.',
  })
  .refine(({ priority, ignoresTotalBlockouts }) => priority === 'emergency' || !ignoresTotalBlockouts, {
    path: ['ignoresTotalBlockouts'],
    error: 'Only an emergency may ignore total blockouts.',
  })
  .refine(({ priority, ignoresSiteLimits }) => priority === 'emergency' || !ignoresSiteLimits, {
    path: ['ignoresSiteLimits'],
    error: 'Only an emergency may ignore the limits of sites.',
  });
export type DeliveryDraft = z.infer<typeof deliveryDraftSchema>;

const countSchema = z.number().int().min(0);

export const stageProgressSchema = z.object({
  target: targetSchema,
  /** Null for the first stage. */
  start: stageStartSchema.nullable(),
  /** Null: it has not begun. */
  startedAtMs: wallTimeMsSchema.nullable(),
  isByHand: z.boolean(),
  /** When it begins by itself if nothing changes; null: nobody can say, or it has begun. */
  dueAtMs: wallTimeMsSchema.nullable(),
  agents: countSchema,
  /** How many agents stand where; together as many as `agents`. */
  states: z.object(
    Object.fromEntries(deliveryAgentStates.map((state) => [state, countSchema])) as {
      [State in (typeof deliveryAgentStates)[number]]: typeof countSchema;
    },
  ),
  failures: z.array(z.object({ reason: deliveryFailureSchema, agents: countSchema })),
});
export type StageProgress = z.infer<typeof stageProgressSchema>;

export const deliveryStatusSchema = z.enum(['scheduled', 'running', 'paused', 'finished', 'cancelled']);
export type DeliveryStatus = z.infer<typeof deliveryStatusSchema>;

export const deliverySchema = deliveryFields.extend({
  id: z.string(),
  key: packageKeySchema,
  packageName: z.string(),
  createdAtMs: wallTimeMsSchema,
  createdBy: z.string(),
  status: deliveryStatusSchema,
  /** How often failed agents were told to try again. */
  round: countSchema,
  stages: z.array(stageProgressSchema).min(1).max(maxStages),
  /** Over the stages that have begun: how far agents are with the package. */
  agents: countSchema,
  ready: countSchema,
  downloading: countSchema,
  failed: countSchema,
});
export type Delivery = z.infer<typeof deliverySchema>;

export const maximumDeliveryAgents = 1000;

export const deliveryAgentSchema = z.object({
  agentId: agentIdSchema,
  name: z.string(),
  stage: countSchema,
  state: z.enum(deliveryAgentStates),
  failure: deliveryFailureSchema.nullable(),
  exitCode: z.number().int().nullable(),
  /** A sentence, or the last lines that a command wrote. */
  detail: z.string(),
  atMs: wallTimeMsSchema,
});

/** How many agents had got how far at a moment. Points are as many as there were changes, at most one a minute. */
export const penetrationPointSchema = z.object({
  atMs: wallTimeMsSchema,
  agents: countSchema,
  /** Have the package, installed or not. */
  ready: countSchema,
  installed: countSchema,
  failed: countSchema,
  failures: z.array(z.object({ reason: deliveryFailureSchema, agents: countSchema })),
});
export type PenetrationPoint = z.infer<typeof penetrationPointSchema>;

const byId = z.object({ id: z.string().min(1).max(64) });

function action(name: string, summary: string) {
  return {
    method: 'POST',
    access: 'administrator',
    path: `/deliveries/:id/${name}`,
    summary,
    params: byId,
    answer: deliverySchema,
  } as const satisfies ConsoleRoute;
}

export const deliveryRoutes = {
  deliveries: {
    method: 'GET',
    access: 'read',
    path: '/deliveries',
    summary: 'Deliveries, newest first',
    answer: z.array(deliverySchema),
  },
  delivery: {
    method: 'GET',
    access: 'read',
    path: '/deliveries/:id',
    summary: 'One delivery, with its progress by stage and by reason',
    params: byId,
    answer: deliverySchema,
  },
  deliveryAgents: {
    method: 'GET',
    access: 'read',
    path: '/deliveries/:id/agents',
    summary: `Agents that told something of a delivery, the newest ${maximumDeliveryAgents}`,
    params: byId,
    query: z.object({ state: z.enum(deliveryAgentStates).optional() }),
    answer: z.array(deliveryAgentSchema),
  },
  deliveryPenetration: {
    method: 'GET',
    access: 'read',
    path: '/deliveries/:id/penetration',
    summary: 'How many agents were ready, installed and failed over time',
    params: byId,
    answer: z.array(penetrationPointSchema),
  },
  createDelivery: {
    method: 'POST',
    access: 'administrator',
    path: '/deliveries',
    summary: 'Deliver a package version to a target, at once or in stages',
    body: deliveryDraftSchema,
    answer: deliverySchema,
  },
  updateDelivery: {
    method: 'PUT',
    access: 'administrator',
    path: '/deliveries/:id',
    summary: 'Change a delivery that has not begun; 409 for any other',
    params: byId,
    body: deliveryDraftSchema,
    answer: deliverySchema,
  },
  pauseDelivery: action('pause', 'Hold downloads, installations and later stages of a delivery; what runs is finished'),
  resumeDelivery: action('resume', 'Go on with a delivery that was paused'),
  startNextStage: action('next-stage', 'Begin the next stage now'),
  cancelDelivery: action('cancel', 'End a delivery for all agents that have not done their part'),
  retryDelivery: action('retry', 'Let all agents that failed try again'),
} as const satisfies Record<string, ConsoleRoute>;
