import { z } from 'zod';
import { agentPackageSettingsSchema } from './agent-package.ts';
import { auditRoutes } from './audit-api.ts';
import { channelRoutes } from './channels-api.ts';
import {
  agentDetailSchema,
  agentPackageSchema,
  agentSummarySchema,
  alertSchema,
  groupKeyStatusSchema,
  importJobSchema,
  importRequestSchema,
  joinTokenSchema,
  overviewSchema,
  packageSummarySchema,
  policyDraftSchema,
  policySchema,
  policyUpdateSchema,
} from './console-api.ts';
import { contentRoutes } from './content-link.ts';
import { copyVerificationRoutes } from './copy-verification.ts';
import { deliveryRoutes } from './deliveries-api.ts';
import { fleetRoutes } from './fleet-api.ts';
import { operationRoutes } from './operation-api.ts';
import { packageHolderRoutes } from './package-holders.ts';
import { packageServerRoutes } from './package-servers-api.ts';
import type { RouteAccess } from './people-api.ts';
import { peopleRoutes } from './people-routes.ts';
import { policyFileRoutes } from './policy-file.ts';
import { policyPageRoutes } from './policy-pages-api.ts';
import { agentIdSchema, packageGuidSchema, packageVersionSchema } from './primitives.ts';
import { reportRoutes } from './reports-api.ts';
import { simulationRoutes } from './simulations-api.ts';
import { siteRoutes } from './sites-api.ts';
import { targetRoutes } from './targets-api.ts';
import { wholeOrderSchema } from './whole-order.ts';

export interface ConsoleRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1`, parameters as `:name`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The body is a file of any length instead, sent as application/octet-stream. */
  readonly takesFile?: true;
  /** Missing = 204 without a body. */
  readonly answer?: z.ZodType;
  /** Statuses of failures that are answered as successes are, and not with an error. */
  readonly answeredFailures?: readonly number[];
  /** Who may call it. */
  readonly access: RouteAccess;
}

const byId = z.object({ id: z.string().min(1).max(64) });
const byAgent = z.object({ agentId: agentIdSchema });
const byPackage = z.object({ guid: packageGuidSchema, version: packageVersionSchema });

/** The whole console interface: the server registers these routes, the console and the CLI call them, OpenAPI is made of them. */
export const consoleRoutes = {
  ...peopleRoutes,
  overview: {
    method: 'GET',
    access: 'read',
    path: '/overview',
    summary: 'Traffic, WAN copies and agents',
    answer: overviewSchema,
  },
  agents: {
    method: 'GET',
    access: 'read',
    path: '/agents',
    summary: 'All agents',
    answer: z.array(agentSummarySchema),
  },
  agent: {
    method: 'GET',
    access: 'read',
    path: '/agents/:agentId',
    summary: 'One agent',
    params: byAgent,
    answer: agentDetailSchema,
  },
  reportNow: {
    method: 'POST',
    access: 'helpdesk',
    path: '/agents/:agentId/report',
    summary: 'Ask an agent to send its events now',
    params: byAgent,
  },
  retryNow: {
    method: 'POST',
    access: 'helpdesk',
    path: '/agents/:agentId/retry',
    summary: 'Have an agent try again at once what failed there, downloads and installations alike',
    params: byAgent,
  },
  revokeAgent: {
    method: 'POST',
    access: 'administrator',
    path: '/agents/:agentId/revoke',
    summary: 'Put an agent out for good: its certificate counts no longer, and the group key is exchanged',
    params: byAgent,
    answer: agentSummarySchema,
  },
  groupKeys: {
    method: 'GET',
    access: 'read',
    path: '/group-keys',
    summary: 'The group keys of the agents, without the keys themselves',
    answer: z.array(groupKeyStatusSchema),
  },
  rotateGroupKeys: {
    method: 'POST',
    access: 'administrator',
    path: '/group-keys/rotate',
    summary: 'Go over to the next group key now; 409 while agents still follow the rotation before',
    answer: z.array(groupKeyStatusSchema),
  },
  alerts: {
    method: 'GET',
    access: 'read',
    path: '/alerts',
    summary: 'What an administrator should look at, the newest 500',
    answer: z.array(alertSchema),
  },
  policies: {
    method: 'GET',
    access: 'read',
    path: '/policies',
    summary: 'Targeted Agent Settings, first priority first',
    answer: z.array(policySchema),
  },
  createPolicy: {
    method: 'POST',
    access: 'administrator',
    path: '/policies',
    summary: 'Add a policy before Global',
    body: policyDraftSchema,
    answer: policySchema,
  },
  updatePolicy: {
    method: 'PUT',
    access: 'administrator',
    path: '/policies/:id',
    summary: 'Save a policy; 409 with the stored one where the version is stale',
    params: byId,
    body: policyUpdateSchema,
    answer: policySchema,
  },
  deletePolicy: {
    method: 'DELETE',
    access: 'administrator',
    path: '/policies/:id',
    summary: 'Delete a policy; Global stays',
    params: byId,
  },
  orderPolicies: {
    method: 'PUT',
    access: 'administrator',
    path: '/policy-order',
    summary: 'Set the order of all policies but Global; 409 where it is not the order that was seen',
    body: wholeOrderSchema,
    answer: z.array(policySchema),
  },
  ...operationRoutes,
  ...targetRoutes,
  ...policyFileRoutes,
  ...policyPageRoutes,
  ...siteRoutes,
  ...packageHolderRoutes,
  ...packageServerRoutes,
  ...contentRoutes,
  ...copyVerificationRoutes,
  ...channelRoutes,
  agentPackage: {
    method: 'GET',
    access: 'read',
    path: '/agent-package',
    summary: 'What holds for every agent: how long unused packages are kept',
    answer: agentPackageSchema,
  },
  updateAgentPackage: {
    method: 'PUT',
    access: 'administrator',
    path: '/agent-package',
    summary: 'Change what holds for every agent',
    body: agentPackageSettingsSchema,
    answer: agentPackageSchema,
  },
  packages: {
    method: 'GET',
    access: 'read',
    path: '/packages',
    summary: 'All package versions',
    answer: z.array(packageSummarySchema),
  },
  withdrawPackage: {
    method: 'POST',
    access: 'administrator',
    path: '/packages/:guid/:version/withdraw',
    summary: 'Stop delivering and serving a version',
    params: byPackage,
    answer: packageSummarySchema,
  },
  imports: {
    method: 'GET',
    access: 'read',
    path: '/imports',
    summary: 'Imports, newest first',
    answer: z.array(importJobSchema),
  },
  startImport: {
    method: 'POST',
    access: 'administrator',
    path: '/imports',
    summary: 'Import a file or folder of the server’s computer',
    body: importRequestSchema,
    answer: importJobSchema,
  },
  uploadImport: {
    method: 'POST',
    access: 'administrator',
    path: '/imports/upload',
    summary: 'Import a file sent as application/octet-stream',
    takesFile: true,
    query: z.object({
      fileName: z.string().min(1).max(255),
      name: z.string().max(200).optional(),
      version: packageVersionSchema.optional(),
    }),
    answer: importJobSchema,
  },
  cancelImport: {
    method: 'DELETE',
    access: 'administrator',
    path: '/imports/:id',
    summary: 'Cancel an import',
    params: byId,
  },
  ...deliveryRoutes,
  joinToken: {
    method: 'POST',
    access: 'administrator',
    path: '/join-tokens',
    summary: 'Make a join token for agents',
    answer: joinTokenSchema,
  },
  ...fleetRoutes,
  ...auditRoutes,
  ...reportRoutes,
  ...simulationRoutes,
} as const satisfies Record<string, ConsoleRoute>;

export type ConsoleRouteName = keyof typeof consoleRoutes;

type SchemaOutput<Route, Part extends string> = Route extends { readonly [Key in Part]: infer Schema }
  ? Schema extends z.ZodType
    ? z.infer<Schema>
    : never
  : undefined;
export type RouteParams<Name extends ConsoleRouteName> = SchemaOutput<(typeof consoleRoutes)[Name], 'params'>;
export type RouteQuery<Name extends ConsoleRouteName> = SchemaOutput<(typeof consoleRoutes)[Name], 'query'>;
export type RouteBody<Name extends ConsoleRouteName> = SchemaOutput<(typeof consoleRoutes)[Name], 'body'>;
/** What a caller may write: what has a default may be left out. */
export type RouteBodyInput<Name extends ConsoleRouteName> = (typeof consoleRoutes)[Name] extends {
  readonly body: infer Schema extends z.ZodType;
}
  ? z.input<Schema>
  : undefined;
export type RouteAnswer<Name extends ConsoleRouteName> = SchemaOutput<(typeof consoleRoutes)[Name], 'answer'>;
