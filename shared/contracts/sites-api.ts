import { z } from 'zod';
import { maximumScheduleLength, parseSchedule } from '../base/bandwidth-schedule.ts';
import { locationTypeSchema } from './conditions.ts';
import type { ConsoleRoute } from './console-routes.ts';
import { cidrSchema, wallTimeMsSchema } from './primitives.ts';

/** Sites: the places of the organisation, their subnets and WAN links. */

/** Bounds every look at all sites at once. */
export const maximumSites = 5000;

const kilobitsPerSecondSchema = z
  .number({ error: 'Enter a whole number from 0 to 100,000,000; 0 = unlimited.' })
  .int('Enter a whole number.')
  .min(0, 'Enter 0 or more; 0 = unlimited.')
  .max(100_000_000, 'Enter 100,000,000 or less.');

/** Rules as base/bandwidth-schedule.ts describes them; '' = always the whole link. */
const scheduleSchema = z
  .string()
  .max(maximumScheduleLength, `Use at most ${maximumScheduleLength} characters.`)
  .superRefine((text, context) => {
    const parsed = parseSchedule(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.error });
  });

export const siteSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** The site above; null = at the top. */
  parentId: z.string().nullable(),
  subnets: z.array(cidrSchema),
  /** 1,000 bit/s into the site, 0 = unlimited. Enforced by whoever sends into it. */
  wanKilobitsPerSecond: z.number().int().min(0),
  /** 1,000 bit/s out of the site, 0 = unlimited: what its Package Servers send to other sites. */
  wanOutKilobitsPerSecond: z.number().int().min(0),
  /** How much of the link into the site may be used, hour by hour. */
  acquisitionSchedule: z.string(),
  /** How much of the link out of the site may be used, hour by hour. */
  distributionSchedule: z.string(),
  /** IANA name; the schedules follow its clocks. */
  timeZone: z.string(),
  locationType: locationTypeSchema,
  /** The subnets of the site are one LAN: its agents are peers across them. */
  sharesLan: z.boolean(),
  /** Rises with every save; a save names the version it was made from. */
  version: z.number().int().min(1),
  updatedAtMs: wallTimeMsSchema,
  updatedBy: z.string(),
  /** How many agents are there now. */
  agents: z.number().int().min(0),
});
export type Site = z.infer<typeof siteSchema>;

/** What is left out has its default in a new site, and stays what it is in a known one. */
export const siteDraftSchema = z.object({
  name: z.string().trim().min(1, 'Enter a name.').max(64, 'Use at most 64 characters.'),
  subnets: z.array(cidrSchema).max(256, 'List at most 256 subnets.'),
  wanKilobitsPerSecond: kilobitsPerSecondSchema,
  /** Default: at the top. */
  parentId: z.string().min(1).max(64).nullable().optional(),
  /** Default: unlimited. */
  wanOutKilobitsPerSecond: kilobitsPerSecondSchema.optional(),
  /** Default: always the whole link. */
  acquisitionSchedule: scheduleSchema.optional(),
  /** Default: always the whole link. */
  distributionSchedule: scheduleSchema.optional(),
  /** Default: UTC. */
  timeZone: z.string().min(1, 'Enter a time zone such as Europe/Berlin.').max(64).optional(),
  /** Default: an office. */
  locationType: locationTypeSchema.optional(),
  /** Default: in an office whose subnets can. */
  sharesLan: z.boolean().optional(),
});
export type SiteDraft = z.infer<typeof siteDraftSchema>;
export const siteUpdateSchema = siteDraftSchema.extend({ version: z.number().int().min(1) });

/** One site of the tree, below its parent. */
export const siteNodeSchema = z.object({
  id: z.string(),
  name: z.string(),
  parentId: z.string().nullable(),
  /** 0 = at the top. */
  depth: z.number().int().min(0),
  /** Agents of the site itself, and with all sites below it. */
  agents: z.number().int().min(0),
  agentsWithBelow: z.number().int().min(0),
});

export const unassignedSubnetSchema = z.object({
  subnet: cidrSchema,
  agents: z.number().int().min(0),
  /** Sites that have subnets close by in number, the closest first. */
  suggestions: z.array(z.object({ siteId: z.string(), siteName: z.string(), nearSubnet: cidrSchema })).max(3),
});
export type UnassignedSubnet = z.infer<typeof unassignedSubnetSchema>;

const linkStateSchema = z.object({
  /** What the link carries now: sent by the Notification Server, and told by Package Servers. */
  bytesPerSecond: z.number().int().min(0),
  /** What of the link may be used in this hour; null = unlimited, 0 = closed. */
  limitBytesPerSecond: z.number().min(0).nullable(),
});

/** The WAN link of a site at this moment. */
export const siteLinkSchema = z.object({ siteId: z.string(), in: linkStateSchema, out: linkStateSchema });
export type SiteLink = z.infer<typeof siteLinkSchema>;

/** A table with a header of `siteColumns`, `name` at least. Sites are known by their names; those that it does not name stay. */
export const siteColumns = [
  'name',
  'parent',
  'subnets',
  'wanKilobitsPerSecond',
  'wanOutKilobitsPerSecond',
  'acquisitionSchedule',
  'distributionSchedule',
  'timeZone',
  'locationType',
  'sharesLan',
] as const;
export type SiteColumn = (typeof siteColumns)[number];

export const siteImportRequestSchema = z.object({
  csv: z.string().min(1, 'The table is empty.').max(1_500_000, 'Use at most 1,500,000 characters.'),
  /** Says what would be done, and does nothing. */
  dryRun: z.boolean().optional(),
});

export const siteImportAnswerSchema = z.object({
  /** False after a dry run. */
  applied: z.boolean(),
  /** Names of sites. */
  created: z.array(z.string()),
  updated: z.array(z.string()),
  unchanged: z.array(z.string()),
});
export type SiteImportAnswer = z.infer<typeof siteImportAnswerSchema>;

const byId = z.object({ id: z.string().min(1).max(64) });

export const siteRoutes = {
  sites: { method: 'GET', access: 'read', path: '/sites', summary: 'All sites, by name', answer: z.array(siteSchema) },
  site: { method: 'GET', access: 'read', path: '/sites/:id', summary: 'One site', params: byId, answer: siteSchema },
  createSite: {
    method: 'POST',
    access: 'administrator',
    path: '/sites',
    summary: 'Add a site',
    body: siteDraftSchema,
    answer: siteSchema,
  },
  updateSite: {
    method: 'PUT',
    access: 'administrator',
    path: '/sites/:id',
    summary: 'Save a site; 409 with the stored one where the version is stale',
    params: byId,
    body: siteUpdateSchema,
    answer: siteSchema,
  },
  deleteSite: {
    method: 'DELETE',
    access: 'administrator',
    path: '/sites/:id',
    summary: 'Delete a site; 409 where it has sites below it and nothing says where those go',
    params: byId,
    /** The id of another site, or `top`. */
    query: z.object({ moveChildrenTo: z.string().min(1).max(64).optional() }),
  },
  exportSites: {
    method: 'GET',
    access: 'read',
    path: '/site-table',
    summary: 'All sites as comma-separated values, parents first',
    answer: z.object({ csv: z.string() }),
  },
  importSites: {
    method: 'POST',
    access: 'administrator',
    path: '/site-table',
    summary: 'Add and change sites from comma-separated values, all or none; 400 names each wrong line and column',
    body: siteImportRequestSchema,
    answer: siteImportAnswerSchema,
  },
  siteTree: {
    method: 'GET',
    access: 'read',
    path: '/site-tree',
    summary: 'All sites, each after its parent',
    answer: z.array(siteNodeSchema),
  },
  siteLinks: {
    method: 'GET',
    access: 'read',
    path: '/site-links',
    summary: 'What the WAN links of all sites carry now, and what they may carry in this hour',
    answer: z.array(siteLinkSchema),
  },
  unassignedSubnets: {
    method: 'GET',
    access: 'read',
    path: '/unassigned-subnets',
    summary: 'Subnets with agents that no site contains, and sites they may belong to',
    answer: z.array(unassignedSubnetSchema),
  },
} as const satisfies Record<string, ConsoleRoute>;
