import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import {
  agentIdSchema,
  byteCountSchema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  wallTimeMsSchema,
} from './primitives.ts';

/** Package Servers: agents that keep packages for their site and serve them. */

/** What an administrator sets for one Package Server. */
export const packageServerSettingsSchema = z.object({
  /** Off: it keeps what it has and serves nobody. */
  enabled: z.boolean(),
  /** It serves and stores only packages that are assigned to it. */
  constrained: z.boolean(),
  /** KB/s to all together, 0 = unlimited. */
  maxUpload: z
    .number()
    .int('Enter a whole number.')
    .min(0, 'Enter 0 or more; 0 = unlimited.')
    .max(10_000_000, 'Enter 10,000,000 or less.'),
  /** Percent of the disk; it takes the place of the policy's. */
  maxCache: z.number().int('Enter a whole number.').min(1, 'Enter 1 % or more.').max(95, 'Enter 95 % or less.'),
  /** Hours after which a package is looked up at the Notification Server again before it is served. */
  freshFor: z
    .number()
    .int('Enter a whole number of hours.')
    .min(1, 'Enter one hour or more.')
    .max(8760, 'Enter one year or less.'),
});
export type PackageServerSettings = z.infer<typeof packageServerSettingsSchema>;

export const defaultPackageServerSettings: PackageServerSettings = {
  enabled: true,
  constrained: false,
  maxUpload: 0,
  maxCache: 80,
  freshFor: 24,
};

export const packageServerTrafficSchema = z.object({
  requests: z.number().int().min(0),
  /** The block was there when it was asked for. */
  hits: z.number().int().min(0),
  /** By its sending sockets. */
  servedBytes: byteCountSchema,
  /** What it took from others to serve it, peers included. */
  fetchedBytes: byteCountSchema,
  /** What did not have to come from further away. */
  savedBytes: byteCountSchema,
});

export const packageServerSchema = packageServerSettingsSchema.extend({
  agentId: agentIdSchema,
  name: z.string(),
  address: z.string(),
  online: z.boolean(),
  /** The site that it was given; null = that of its address. */
  siteId: z.string().nullable(),
  /** The site that it serves now. */
  servesSiteId: z.string().nullable(),
  servesSiteName: z.string().nullable(),
  /** Rises with every save; a save names the version it was made from. */
  version: z.number().int().min(1),
  updatedAtMs: wallTimeMsSchema,
  updatedBy: z.string(),
  /** Packages that are assigned to it, and of all that it has to do with those that are complete. */
  packagesAssigned: z.number().int().min(0),
  packagesReady: z.number().int().min(0),
  traffic: packageServerTrafficSchema,
});
export type PackageServer = z.infer<typeof packageServerSchema>;

export const packageServerDetailSchema = packageServerSchema.extend({
  /** Who asked for what, by package and site of the asker. */
  served: z.array(
    z.object({
      key: packageKeySchema,
      packageName: z.string(),
      packageVersion: packageVersionSchema,
      siteName: z.string().nullable(),
      requests: z.number().int().min(0),
      hits: z.number().int().min(0),
      bytes: byteCountSchema,
    }),
  ),
});

export const packageServerDraftSchema = packageServerSettingsSchema.partial().extend({
  agentId: agentIdSchema,
  siteId: z.string().min(1).max(64).nullable().optional(),
});
export const packageServerUpdateSchema = packageServerSettingsSchema.partial().extend({
  siteId: z.string().min(1).max(64).nullable().optional(),
  version: z.number().int().min(1),
});

/**
 * Which Package Servers keep a package without being asked. `on-demand`: none; whoever is asked for it fetches it then.
 * `listed` and `sites` name agents and sites.
 */
export const packageAssignmentSchema = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('on-demand') }),
  z.object({ mode: z.literal('all') }),
  z.object({
    mode: z.literal('listed'),
    agentIds: z.array(agentIdSchema).min(1, 'Choose at least one Package Server.').max(5000),
  }),
  z.object({
    mode: z.literal('sites'),
    siteIds: z.array(z.string().min(1).max(64)).min(1, 'Choose at least one site.').max(5000),
  }),
]);
export type PackageAssignment = z.infer<typeof packageAssignmentSchema>;

const byAgent = z.object({ agentId: agentIdSchema });
const byPackage = z.object({ guid: packageGuidSchema, version: packageVersionSchema });

export const packageServerRoutes = {
  packageServers: {
    method: 'GET',
    access: 'read',
    path: '/package-servers',
    summary: 'All Package Servers, by name',
    answer: z.array(packageServerSchema),
  },
  packageServer: {
    method: 'GET',
    access: 'read',
    path: '/package-servers/:agentId',
    summary: 'One Package Server and what it served to whom',
    params: byAgent,
    answer: packageServerDetailSchema,
  },
  addPackageServer: {
    method: 'POST',
    access: 'administrator',
    path: '/package-servers',
    summary: 'Give an agent the Package Server role',
    body: packageServerDraftSchema,
    answer: packageServerSchema,
  },
  updatePackageServer: {
    method: 'PUT',
    access: 'administrator',
    path: '/package-servers/:agentId',
    summary: 'Save a Package Server; 409 with the stored one where the version is stale',
    params: byAgent,
    body: packageServerUpdateSchema,
    answer: packageServerSchema,
  },
  removePackageServer: {
    method: 'DELETE',
    access: 'administrator',
    path: '/package-servers/:agentId',
    summary: 'Take the Package Server role from an agent',
    params: byAgent,
  },
  packageAssignment: {
    method: 'GET',
    access: 'read',
    path: '/packages/:guid/:version/package-servers',
    summary: 'Which Package Servers keep a package',
    params: byPackage,
    answer: packageAssignmentSchema,
  },
  assignPackage: {
    method: 'PUT',
    access: 'administrator',
    path: '/packages/:guid/:version/package-servers',
    summary: 'Say which Package Servers keep a package',
    params: byPackage,
    body: packageAssignmentSchema,
    answer: packageAssignmentSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
