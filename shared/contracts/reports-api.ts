import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import { deliveryFailureSchema } from './deliveries.ts';
import { journalReasonSchema, sourceKindSchema } from './journal.ts';
import {
  agentIdSchema,
  byteCountSchema,
  cidrSchema,
  packageKeySchema,
  packageVersionSchema,
  wallTimeMsSchema,
} from './primitives.ts';
import { trafficBytesSchema } from './statistics.ts';

/** Reports: where bytes came from, and why. All times are UTC; a bucket is named by its beginning. */

export const reportBuckets = ['minute', 'hour', 'day', 'month'] as const;
export const reportBucketSchema = z.enum(reportBuckets);
export type ReportBucket = z.infer<typeof reportBucketSchema>;

export const reportGroupings = ['all', 'site', 'subnet', 'package', 'policy', 'agent'] as const;
export type ReportGrouping = (typeof reportGroupings)[number];

/** How a site is named to which agents belong that have none. */
export const unassignedSite = 'unassigned';
export const maximumGroups = 1000;
export const maximumPoints = 20_000;

const timeText = z
  .string()
  .regex(/^\d{1,15}$/, 'Give milliseconds since 1970, UTC.')
  .optional();
const topText = z
  .string()
  .regex(/^[1-9]\d{0,3}$/, `Give a number from 1 to ${maximumGroups}.`)
  .refine((text) => Number(text) <= maximumGroups, `At most ${maximumGroups} rows are given at once.`)
  .optional();
const format = z.enum(['json', 'csv']).optional();

const range = { fromMs: timeText, toMs: timeText };
const filters = {
  /** The id of a site, or `unassigned`. */
  siteId: z.string().min(1).max(64).optional(),
  subnet: cidrSchema.optional(),
  key: packageKeySchema.optional(),
  policyId: z.string().min(1).max(64).optional(),
};

export const trafficReportQuerySchema = z.object({
  ...range,
  ...filters,
  agentId: agentIdSchema.optional(),
  bucket: reportBucketSchema.optional(),
  groupBy: z.enum(reportGroupings).optional(),
  top: topText,
  format,
});
export type TrafficReportQuery = z.infer<typeof trafficReportQuerySchema>;

const reportRange = { fromMs: wallTimeMsSchema, toMs: wallTimeMsSchema };

/** What a group is called; '' = Unassigned, or everything. */
const group = { id: z.string(), name: z.string() };

export const trafficReportSchema = z.object({
  ...reportRange,
  bucket: reportBucketSchema,
  groupBy: z.enum(reportGroupings),
  total: trafficBytesSchema,
  /** Most bytes first. */
  groups: z.array(
    z.object({
      ...group,
      bytes: trafficBytesSchema,
      /** Oldest first; buckets without bytes are missing. */
      points: z.array(trafficBytesSchema.extend({ atMs: wallTimeMsSchema })),
    }),
  ),
  /** How many further groups there are (null: of agents nobody counts them), and what they got. */
  others: z.object({ groups: z.number().int().min(0).nullable(), bytes: trafficBytesSchema }),
});
export type TrafficReport = z.infer<typeof trafficReportSchema>;

const savingsRowSchema = z.object({
  ...group,
  /** Had every computer fetched for itself. */
  wouldCrossBytes: byteCountSchema,
  /** From outside of the site: the Notification Server and Package Servers of other sites. */
  crossedBytes: byteCountSchema,
  /** Below zero where more crossed than was needed. */
  savedBytes: z.number().int(),
});
export const savingsReportSchema = z.object({
  ...reportRange,
  groupBy: z.enum(reportGroupings),
  total: savingsRowSchema,
  rows: z.array(savingsRowSchema),
});
export type SavingsReport = z.infer<typeof savingsReportSchema>;

export const wanCopiesReportSchema = z.object({
  ...reportRange,
  per: z.enum(['site', 'subnet']),
  /** Most copies first. */
  rows: z.array(
    z.object({
      siteId: z.string().nullable(),
      siteName: z.string().nullable(),
      /** Null where rows are sites. */
      subnet: z.string().nullable(),
      key: packageKeySchema,
      packageName: z.string(),
      version: packageVersionSchema,
      totalSizeBytes: byteCountSchema,
      /** Block bytes that came from outside of the site, aborted answers included. */
      wanBytes: byteCountSchema,
      /** Of those beyond one copy: nobody there who was online had the blocks (`no-holder-online`). */
      excusedBytes: byteCountSchema,
      /** Bytes that are not excused ÷ size of the package. */
      copies: z.number().min(0),
    }),
  ),
});
export type WanCopiesReport = z.infer<typeof wanCopiesReportSchema>;

export const firstDownloadersReportSchema = z.object({
  ...reportRange,
  /** The last claim first. */
  rows: z.array(
    z.object({
      key: packageKeySchema,
      packageName: z.string(),
      version: packageVersionSchema,
      subnet: z.string(),
      siteName: z.string().nullable(),
      /** Rises with every take-over. */
      epoch: z.number().int().min(1),
      agentId: agentIdSchema,
      agentName: z.string(),
      claimedAtMs: wallTimeMsSchema,
      endedAtMs: wallTimeMsSchema.nullable(),
      /** Null: it goes on, or its agent never told. */
      end: z.enum(['lost', 'released', 'completed']).nullable(),
      /** What this agent took of the package in all, as it tells. */
      directBytes: byteCountSchema,
      peerBytes: byteCountSchema,
    }),
  ),
});
export type FirstDownloadersReport = z.infer<typeof firstDownloadersReportSchema>;

export const directReasonsReportSchema = z.object({
  ...reportRange,
  groupBy: z.enum(['all', 'site', 'subnet', 'package', 'policy']),
  /** All that was sent directly, by the sockets. */
  directBytes: byteCountSchema,
  /** Of that, what no agent gave a reason for: answers that broke off, and what is not told yet. */
  unexplainedBytes: byteCountSchema,
  /** Most bytes first. */
  rows: z.array(z.object({ ...group, source: sourceKindSchema, reason: journalReasonSchema, bytes: byteCountSchema })),
});
export type DirectReasonsReport = z.infer<typeof directReasonsReportSchema>;

export const penetrationReportSchema = z.object({
  ...reportRange,
  key: packageKeySchema,
  packageName: z.string(),
  version: packageVersionSchema,
  deliveryId: z.string().nullable(),
  /** Whom it is meant for now. */
  agents: z.number().int().min(0),
  /** How many agents had got how far, oldest first; the first point is where they stood at the beginning. */
  points: z.array(
    z.object({
      atMs: wallTimeMsSchema,
      /** Have the package, installed or not. */
      ready: z.number().int().min(0),
      installed: z.number().int().min(0),
      failed: z.number().int().min(0),
    }),
  ),
  /** Of a delivery: why agents failed, now. */
  failures: z.array(z.object({ reason: deliveryFailureSchema, agents: z.number().int().min(0) })),
});
export type PenetrationReport = z.infer<typeof penetrationReportSchema>;

export const reportRoutes = {
  trafficReport: {
    method: 'GET',
    access: 'read',
    path: '/reports/traffic',
    summary: 'Direct and peer bytes over time, by site, subnet, package, policy or agent',
    query: trafficReportQuerySchema,
    answer: trafficReportSchema,
  },
  savingsReport: {
    method: 'GET',
    access: 'read',
    path: '/reports/savings',
    summary: 'What would have crossed WAN links, and what did',
    query: trafficReportQuerySchema,
    answer: savingsReportSchema,
  },
  wanCopiesReport: {
    method: 'GET',
    access: 'read',
    path: '/reports/wan-copies',
    summary: 'How many copies of each package came into each site or subnet, excused ones apart',
    query: z.object({ ...range, ...filters, per: z.enum(['site', 'subnet']).optional(), top: topText, format }),
    answer: wanCopiesReportSchema,
  },
  firstDownloadersReport: {
    method: 'GET',
    access: 'read',
    path: '/reports/first-downloaders',
    summary: 'Who claimed which package for which subnet, when, and how it ended',
    query: z.object({
      ...range,
      subnet: filters.subnet,
      key: filters.key,
      agentId: agentIdSchema.optional(),
      top: topText,
      format,
    }),
    answer: firstDownloadersReportSchema,
  },
  directReasonsReport: {
    method: 'GET',
    access: 'read',
    path: '/reports/direct-reasons',
    summary: 'Why bytes came directly, by reason',
    query: z.object({
      ...range,
      ...filters,
      groupBy: z.enum(['all', 'site', 'subnet', 'package', 'policy']).optional(),
      top: topText,
      format,
    }),
    answer: directReasonsReportSchema,
  },
  penetrationReport: {
    method: 'GET',
    access: 'read',
    path: '/reports/penetration',
    summary: 'How many agents had a package, or did what a delivery asks, over time',
    query: z
      .object({ ...range, key: packageKeySchema.optional(), deliveryId: z.string().min(1).max(64).optional(), format })
      .refine(({ key, deliveryId }) => (key === undefined) !== (deliveryId === undefined), {
        path: ['key'],
        error: 'Give either the key of a package or the id of a delivery.',
      }),
    answer: penetrationReportSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
