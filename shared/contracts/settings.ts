import { z } from 'zod';
import { parseCidr } from '../base/ipv4.ts';
import { cidrSchema } from './primitives.ts';
import { blockoutPeriodSchema, isAlwaysSilent, maxPeriods, throttlingPeriodSchema } from './week-periods.ts';

/** Conditions under which a computer downloads as if peer downloading were off. */
export const exceptionConditions = ['cloud-enabled', 'vpn', 'metered', 'battery'] as const;
export type ExceptionCondition = (typeof exceptionConditions)[number];

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
/** Whose clock the periods of a policy follow. */
export const periodClocks = ['agent', 'utc'] as const;

/** Why multicast downloading cannot be switched on. */
export const multicastRefusal = 'Multicast downloading is not available: its engine does not exist yet.';

function integer(minimum: number, maximum: number) {
  return z
    .number({ error: `Enter a whole number from ${minimum} to ${maximum}.` })
    .int(`Enter a whole number from ${minimum} to ${maximum}.`)
    .min(minimum, `Enter ${minimum} or more.`)
    .max(maximum, `Enter ${maximum} or less.`);
}

/**
 * The values of a Targeted Agent Settings policy. Units are those of the console and of docs/settings.md; the core converts
 * them once, when it takes a configuration. What a setting means stands in `settingDescriptors`.
 */
export const agentSettingsSchema = z
  .object({
    peerDownloading: z.boolean(),
    port: integer(1024, 65535),
    requestTimeout: integer(5, 300),
    maxUpload: integer(0, 10_000_000),
    maxDownload: integer(0, 10_000_000),
    requestsPerCore: integer(1, 100),
    maxConnections: integer(1, 1000),
    totalLogSize: integer(1, 1000),
    announcementInterval: integer(5, 3600),
    unavailableTimeout: integer(10, 86_400),
    additionalSubnets: z
      .array(
        cidrSchema.refine((text) => (parseCidr(text)?.prefixLength ?? 32) >= 16, 'A subnet may be /16 at the largest.'),
      )
      .max(64, 'List at most 64 subnets.'),
    peersPerAttempt: integer(1, 50),
    maxAttempts: integer(1, 20),
    attemptPeriod: integer(1, 3600),
    blockProgress: integer(1, 300),
    minPeerPackage: integer(0, 1000),
    exceptWhen: z.array(z.enum(exceptionConditions)).max(exceptionConditions.length),
    // Not a literal: that it is not available is another answer than that it is no setting.
    multicastDownloading: z
      .boolean()
      .refine((isOn) => !isOn, { error: multicastRefusal, params: { refusal: 'not-available' } }),
    throttlingPeriods: z.array(throttlingPeriodSchema).max(maxPeriods, `List at most ${maxPeriods} periods.`),
    maxCache: integer(1, 90),
    minFreeDisk: integer(0, 1000),
    cpuLimit: integer(0, 100),
    serveOnBattery: z.boolean(),
    blockouts: z.array(blockoutPeriodSchema).max(maxPeriods, `List at most ${maxPeriods} periods.`),
    restartSpread: integer(0, 60),
    periodClock: z.enum(periodClocks),
    showNotifications: z.boolean(),
    allowUserPause: z.boolean(),
    allowUserPostpone: integer(0, 5),
    configurationInterval: integer(1, 1440),
    eventInterval: integer(5, 3600),
    maxConcurrentPackages: integer(1, 10),
    sourceBackoffScale: z
      .number({ error: 'Enter a number from 0.001 to 1.' })
      .min(0.001, 'Enter 0.001 or more.')
      .max(1, 'Enter 1 or less.'),
    journalEntries: integer(100, 20_000),
    logLevel: z.enum(logLevels),
  })
  .superRefine((settings, context) => {
    if (settings.unavailableTimeout < 2 * settings.announcementInterval) {
      context.addIssue({
        code: 'custom',
        path: ['unavailableTimeout'],
        message: `Enter at least twice the peer announcement interval (${2 * settings.announcementInterval} s), or peers drop out between two announcements.`,
      });
    }
    if (isAlwaysSilent(settings.blockouts)) {
      context.addIssue({
        code: 'custom',
        path: ['blockouts'],
        message: 'Leave a time of the week without a total blockout, or no change of this policy would ever arrive.',
      });
    }
  });

export type AgentSettings = z.infer<typeof agentSettingsSchema>;
export type AgentSettingKey = keyof AgentSettings;

/** What Global holds on a new server. */
export const defaultAgentSettings: AgentSettings = {
  peerDownloading: false,
  port: 27801,
  requestTimeout: 30,
  maxUpload: 0,
  maxDownload: 0,
  requestsPerCore: 5,
  maxConnections: 20,
  totalLogSize: 10,
  announcementInterval: 60,
  unavailableTimeout: 180,
  additionalSubnets: [],
  peersPerAttempt: 5,
  maxAttempts: 3,
  attemptPeriod: 60,
  blockProgress: 1,
  minPeerPackage: 1,
  exceptWhen: ['cloud-enabled'],
  multicastDownloading: false,
  throttlingPeriods: [],
  maxCache: 20,
  minFreeDisk: 2,
  cpuLimit: 80,
  serveOnBattery: false,
  blockouts: [],
  restartSpread: 30,
  periodClock: 'agent',
  showNotifications: false,
  allowUserPause: false,
  allowUserPostpone: 0,
  configurationInterval: 60,
  eventInterval: 60,
  maxConcurrentPackages: 2,
  sourceBackoffScale: 1,
  journalEntries: 2000,
  logLevel: 'info',
};

/**
 * Settings that an older version has written: what it did not know has its default. Nothing that it knew changes.
 */
export const storedAgentSettingsSchema = z
  .record(z.string(), z.unknown())
  .transform((stored) => ({ ...defaultAgentSettings, ...stored }))
  .pipe(agentSettingsSchema);
