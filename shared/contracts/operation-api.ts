/** What an administrator needs to keep a server running: is it well, and its backup. */
import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';

export const healthSchema = z.object({
  /** `degraded`: answered with 503, so that a load balancer or a monitor needs no more than the status. */
  status: z.enum(['ok', 'degraded']),
  /** Sentences; empty where everything is well. */
  reasons: z.array(z.string()),
  database: z.object({ kind: z.enum(['embedded', 'postgresql']), answers: z.boolean() }),
  /** Of the data folder's disk; null where the system does not tell. */
  diskFreeBytes: z.number().int().min(0).nullable(),
  /** Whether agents can connect. */
  agentsListening: z.boolean(),
  /** Of the server's certificate; it renews itself at half of its time. */
  certificateDaysLeft: z.number().int(),
  productVersion: z.string(),
});
export type Health = z.infer<typeof healthSchema>;

export const eventLoopDelaySummarySchema = z.object({
  /** How long was measured. */
  overSeconds: z.number().min(0),
  p50Ms: z.number().min(0),
  p99Ms: z.number().min(0),
  maxMs: z.number().min(0),
});
export type EventLoopDelaySummary = z.infer<typeof eventLoopDelaySummarySchema>;

export const serverStatusSchema = z.object({
  productVersion: z.string(),
  nodeVersion: z.string(),
  /** Null where the server runs without the desktop application. */
  electronVersion: z.string().nullable(),
  /** As Node names them, e.g. `linux x64`. */
  system: z.string(),
  processId: z.number().int(),
  database: z.object({
    kind: z.enum(['embedded', 'postgresql']),
    version: z.string(),
    /** The newest change of the tables that was made. */
    schemaVersion: z.string(),
  }),
  dataFolder: z.string(),
  uptimeSeconds: z.number().int().min(0),
  memoryBytes: z.number().int().min(0),
  /** How long what was due had to wait in the server's process, over the last half to whole minute. */
  eventLoopDelay: eventLoopDelaySummarySchema,
  /** Enrolled. */
  agents: z.number().int().min(0),
  agentsOnline: z.number().int().min(0),
});
export type ServerStatus = z.infer<typeof serverStatusSchema>;

export const backupRequestSchema = z.strictObject({
  /** Absolute path on the server's computer; missing or empty. */
  folder: z.string().min(1).max(4096),
  /** With the files of the packages, which may be large. */
  packages: z.boolean(),
});

export const backupJobSchema = z.object({
  folder: z.string(),
  /** PostgreSQL is not part of a backup. */
  database: z.enum(['embedded', 'postgresql']),
  state: z.enum(['running', 'done', 'failed']),
  /** Copied so far. */
  bytes: z.number().int().min(0),
  /** Why it failed; else ''. */
  message: z.string(),
});
export type BackupJob = z.infer<typeof backupJobSchema>;

export const operationRoutes = {
  health: {
    method: 'GET',
    access: 'anybody',
    path: '/health',
    summary: 'Whether the server is well; 503 with the reasons where it is not',
    answer: healthSchema,
    answeredFailures: [503],
  },
  serverStatus: {
    method: 'GET',
    access: 'read',
    path: '/status',
    summary: 'Versions, database, data folder and event-loop delay of the server',
    answer: serverStatusSchema,
  },
  startBackup: {
    method: 'POST',
    access: 'administrator',
    path: '/backups',
    summary: 'Copy everything that the server needs to start again into a folder of its computer; 409 while one runs',
    body: backupRequestSchema,
    answer: backupJobSchema,
  },
  backup: {
    method: 'GET',
    access: 'read',
    path: '/backups/newest',
    summary: 'How far the newest backup is; 404 where there was none since the start',
    answer: backupJobSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
