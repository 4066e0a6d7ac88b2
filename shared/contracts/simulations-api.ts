import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import { wallTimeMsSchema } from './primitives.ts';
import { agentSettingsSchema } from './settings.ts';
import type { SimulationRequest } from './simulation.ts';
import {
  defaultGeneratedOrganisation,
  generatedOrganisationSchema,
  simulationProgressSchema,
  simulationRequestSchema,
  simulationResultSchema,
} from './simulation.ts';
import { targetSchema } from './targets.ts';

/** What-if for the console: the server runs one simulation at a time, beside its other work, and keeps the last ones in memory. */

/** At a time one runs, and so many wait. */
export const maximumWaitingSimulations = 4;
export const maximumKeptSimulations = 20;

const { lanKilobitsPerSecond, onlineHours, laptopPercent } = generatedOrganisationSchema.shape;

/** The sites, links, subnets, agents and Package Servers that the server knows at this moment. */
const serverOrganisationSchema = z.object({
  kind: z.literal('server'),
  lanKilobitsPerSecond,
  onlineHours,
  laptopPercent,
  /** Only the agents that would have this policy if its target were this one; null = all agents. */
  policy: z.object({ id: z.string().min(1).max(64), target: targetSchema }).nullable(),
});
export type ServerOrganisation = z.infer<typeof serverOrganisationSchema>;

export const defaultServerOrganisation: ServerOrganisation = {
  kind: 'server',
  lanKilobitsPerSecond: defaultGeneratedOrganisation.lanKilobitsPerSecond,
  onlineHours: 'always',
  laptopPercent: defaultGeneratedOrganisation.laptopPercent,
  policy: null,
};

const variantSchema = z.object({
  /** As people call it: the name of a policy. */
  name: z.string().min(1).max(100),
  /** For every agent; null = what a new server has, with peer downloading on. */
  settings: agentSettingsSchema.nullable(),
});

const wallSecondsRange = 'Enter a whole number from 5 to 60.';

export const simulationOrderSchema = simulationRequestSchema.omit({ organisation: true, settings: true }).extend({
  organisation: z.discriminatedUnion('kind', [generatedOrganisationSchema, serverOrganisationSchema]),
  /** Simulated one after the other in the same organisation with the same seed, so that they can be compared. */
  variants: z.array(variantSchema).min(1).max(2),
  /** So many sites are drawn as can be simulated in about this time; null = as long as it takes. */
  maximumWallSeconds: z
    .number({ error: wallSecondsRange })
    .int(wallSecondsRange)
    .min(5, wallSecondsRange)
    .max(60, wallSecondsRange)
    .nullable(),
});
export type SimulationOrder = z.infer<typeof simulationOrderSchema>;

export const simulationJobSchema = z.object({
  id: z.string(),
  startedBy: z.string(),
  order: simulationOrderSchema,
  state: z.enum(['waiting', 'running', 'done', 'cancelled', 'failed']),
  requestedAtMs: wallTimeMsSchema,
  endedAtMs: wallTimeMsSchema.nullable(),
  /** Why there is no result, in a sentence. */
  problem: z.string().nullable(),
  /** Plain sentences: what of the server's organisation is not in the model, or is otherwise. */
  notes: z.array(z.string()),
  /** Null before the first word of it. */
  progress: simulationProgressSchema
    .extend({
      /** Place in `order.variants`. */
      variant: z.number().int().min(0),
      /** 1, and one more for each larger sample that is taken while there is time. */
      round: z.number().int().min(1),
    })
    .nullable(),
  /** One for each of `order.variants`; null until all are done. */
  results: z.array(simulationResultSchema).nullable(),
});
export type SimulationJob = z.infer<typeof simulationJobSchema>;
export type SimulationJobProgress = NonNullable<SimulationJob['progress']>;

export const simulationSummarySchema = simulationJobSchema.omit({ results: true, notes: true });
export type SimulationSummary = z.infer<typeof simulationSummarySchema>;

/** What the worker thread of a simulation is started with. */
export interface SimulationWork {
  /** Alike but for the settings. */
  readonly requests: readonly SimulationRequest[];
  readonly maximumWallSeconds: number | null;
}

/** What it says: progress now and then, then one of the others, and it ends. */
export type FromSimWorker =
  | { readonly kind: 'progress'; readonly progress: SimulationJobProgress }
  | { readonly kind: 'done'; readonly results: NonNullable<SimulationJob['results']> }
  | { readonly kind: 'failed'; readonly message: string };

const byId = z.object({ id: z.string().min(1).max(64) });

export const simulationRoutes = {
  simulations: {
    method: 'GET',
    access: 'read',
    path: '/simulations',
    summary: 'Simulations that were started, the newest first; kept in memory, the last twenty',
    answer: z.array(simulationSummarySchema),
  },
  startSimulation: {
    method: 'POST',
    access: 'helpdesk',
    path: '/simulations',
    summary: 'Try one or two policies on a model of the organisation; nothing is changed. One runs, four wait',
    body: simulationOrderSchema,
    answer: simulationJobSchema,
  },
  simulation: {
    method: 'GET',
    access: 'read',
    path: '/simulations/:id',
    summary: 'How far a simulation is, and what came of it. One that nobody asks for during five minutes is cancelled',
    params: byId,
    answer: simulationJobSchema,
  },
  cancelSimulation: {
    method: 'DELETE',
    access: 'helpdesk',
    path: '/simulations/:id',
    summary: 'Cancel a simulation that waits or runs; one that has ended stays what it is',
    params: byId,
  },
} as const satisfies Record<string, ConsoleRoute>;
