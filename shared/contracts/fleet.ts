import { z } from 'zod';
import { computerConditionsSchema } from './conditions.ts';
import { impairmentsSchema } from './impairments.ts';
import { agentIdSchema, cidrSchema, ipv4Schema, portSchema, wallTimeMsSchema } from './primitives.ts';

/** One agent of an embedded fleet: an address on a real interface and a folder of its own. */
export const plannedAgentSchema = z.object({
  /** Name within the fleet, e.g. `a-07`; also the folder. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
  address: ipv4Schema,
  prefixLength: z.number().int().min(8).max(30),
  port: portSchema,
  /** Shared by the subnet: where broadcasts are heard. */
  hearingPort: portSchema,
});
export type PlannedAgent = z.infer<typeof plannedAgentSchema>;

export const fleetPlanSchema = z.object({
  interfaceKind: z.enum(['loopback', 'network-card']),
  subnets: z
    .array(
      z.object({
        name: z.string().min(1).max(64),
        subnet: cidrSchema,
        wanKilobitsPerSecond: z.number().int().min(0),
        agents: z.array(plannedAgentSchema).max(512),
      }),
    )
    .max(64),
  /** How many agents one worker process hosts. */
  agentsPerWorker: z.number().int().min(1).max(64),
});
export type FleetPlan = z.infer<typeof fleetPlanSchema>;

export const fleetAgentStatusSchema = z.object({
  name: z.string(),
  agentId: agentIdSchema.nullable(),
  address: ipv4Schema,
  port: portSchema,
  subnet: cidrSchema,
  workerPid: z.number().int().nullable(),
  /** `stopped`: until somebody starts it. */
  state: z.enum(['starting', 'running', 'waiting-to-restart', 'stopping', 'stopped', 'failed']),
  /** What the agent was put into, to show what the policy makes of it. */
  conditions: computerConditionsSchema,
  impairments: impairmentsSchema,
  restarts: z.number().int().min(0),
  /** For `failed` and `waiting-to-restart`: what happened, for people. */
  detail: z.string(),
  sinceMs: wallTimeMsSchema,
});
export type FleetAgentStatus = z.infer<typeof fleetAgentStatusSchema>;
