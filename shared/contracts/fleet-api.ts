import { z } from 'zod';
import { computerConditionsSchema } from './conditions.ts';
import type { ConsoleRoute } from './console-routes.ts';
import { fleetAgentStatusSchema } from './fleet.ts';
import { slowKilobytesPerSecondSchema } from './impairments.ts';
import { cidrSchema } from './primitives.ts';
import { userAnswerSchema, userRequestSchema } from './user-control.ts';

/** The agents that live in the server's own computer, and what a person can do to them. */

const fleetSubnetSchema = z.object({ name: z.string(), subnet: cidrSchema, wanKilobitsPerSecond: z.number().int() });

/** The agents of the fleet; `subnets` are those of its plan, also those without any agent. */
export const embeddedFleetStatusSchema = z.object({
  running: z.boolean(),
  subnets: z.array(fleetSubnetSchema),
  agents: z.array(fleetAgentStatusSchema),
});
export type EmbeddedFleetStatus = z.infer<typeof embeddedFleetStatusSchema>;

export const demoFleetStatusSchema = z.object({
  /** Whether this server can start a demo fleet when it is asked to (`startDemoFleet`). */
  available: z.boolean(),
  /** `starting` until its package is on its way to the agents, which run long before. */
  phase: z.enum(['off', 'starting', 'running', 'stopping']),
  /** What was done last, or what went wrong; a sentence for people, empty before the first start. */
  message: z.string(),
  /** The message says what went wrong. */
  isProblem: z.boolean(),
  /** The file of the server's computer that is delivered to show something; null where there is no demo fleet. */
  packagePath: z.string().nullable(),
});
export type DemoFleetStatus = z.infer<typeof demoFleetStatusSchema>;

export const fleetStatusSchema = embeddedFleetStatusSchema.extend({ demo: demoFleetStatusSchema });
export type FleetStatus = z.infer<typeof fleetStatusSchema>;

export const fleetActionSchema = z.discriminatedUnion('kind', [
  /** What was stopped, or has failed for good. */
  z.object({ kind: z.literal('start') }),
  /** Stays stopped until it is started, also when its process is restarted. */
  z.object({ kind: z.literal('stop') }),
  /** Ends the process that hosts the agent as a crash would; all agents in it come back by themselves. */
  z.object({ kind: z.literal('kill') }),
  /** Packages travel so fast at most, in each direction; the policy stays what it is. */
  z.object({ kind: z.literal('slow-down'), kilobytesPerSecond: slowKilobytesPerSecondSchema }),
  z.object({ kind: z.literal('full-speed') }),
  /** It hands out damaged blocks, which whoever fetches them has to notice. */
  z.object({ kind: z.literal('corrupt') }),
  z.object({ kind: z.literal('stop-corrupting') }),
  /** As if somebody pulled its network cable: nothing leaves it or reaches it. */
  z.object({ kind: z.literal('unplug') }),
  z.object({ kind: z.literal('plug-in') }),
  /** Gets an address in another subnet of the fleet, for good; keeps its identity and its packages. */
  z.object({ kind: z.literal('move'), subnet: cidrSchema }),
]);
export type FleetAction = z.infer<typeof fleetActionSchema>;

const fleetActionOutcomeSchema = z.object({
  /** What was done, for people. */
  message: z.string(),
  /** Whom it concerned: `kill` hits every agent of the process. */
  agents: z.array(z.string()),
});
export type FleetActionOutcome = z.infer<typeof fleetActionOutcomeSchema>;

export const firstRunChoiceSchema = z.object({ choice: z.enum(['demo-fleet', 'empty']) });
export type FirstRunChoice = z.infer<typeof firstRunChoiceSchema>['choice'];

const firstRunSchema = z.object({
  /** Null: nobody has chosen. */
  choice: firstRunChoiceSchema.shape.choice.nullable(),
  /** Nobody has chosen, and the server has no agent, no package and no fleet yet. */
  isDue: z.boolean(),
});

const byName = z.object({ name: z.string().min(1).max(64) });

export const fleetRoutes = {
  fleet: { method: 'GET', access: 'read', path: '/fleet', summary: 'Embedded agents', answer: fleetStatusSchema },
  actOnFleetAgent: {
    method: 'POST',
    access: 'administrator',
    path: '/fleet/:name/actions',
    summary:
      'Start, stop, kill, slow down, corrupt, unplug or move an embedded agent; 409 with what to do where that cannot be now',
    params: byName,
    body: fleetActionSchema,
    answer: fleetActionOutcomeSchema.extend({ fleet: fleetStatusSchema }),
  },
  setFleetConditions: {
    method: 'PUT',
    access: 'administrator',
    path: '/fleet/:name/conditions',
    summary: 'Put an embedded agent on battery, into a VPN, under load …',
    params: byName,
    body: computerConditionsSchema,
    answer: fleetStatusSchema,
  },
  fleetUserAction: {
    method: 'POST',
    access: 'administrator',
    path: '/fleet/:name/user-actions',
    summary: 'Say what the person at an embedded agent’s computer wants: pause, resume, postpone, status',
    params: byName,
    body: userRequestSchema,
    answer: userAnswerSchema,
  },
  startDemoFleet: {
    method: 'POST',
    access: 'administrator',
    path: '/fleet/demo/start',
    summary: 'Start the demo fleet of this server; 409 where it has none or it runs. The feed tells how it goes on',
    answer: fleetStatusSchema,
  },
  stopDemoFleet: {
    method: 'POST',
    access: 'administrator',
    path: '/fleet/demo/stop',
    summary: 'Stop every agent of the demo fleet; its identities and packages stay for the next start',
    answer: fleetStatusSchema,
  },
  firstRun: {
    method: 'GET',
    access: 'read',
    path: '/first-run',
    summary: 'Whether somebody still has to choose between a demo fleet and an empty server',
    answer: firstRunSchema,
  },
  chooseFirstRun: {
    method: 'PUT',
    access: 'administrator',
    path: '/first-run',
    summary: 'Remember what was chosen at the first run; starts nothing',
    body: firstRunChoiceSchema,
    answer: firstRunSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
