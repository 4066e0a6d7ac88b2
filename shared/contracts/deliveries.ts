import { z } from 'zod';
import { localTimeMs } from '../base/local-time.ts';
import { packagePathProblem } from './package-path.ts';
import { packageKeySchema, wallTimeMsSchema } from './primitives.ts';
import { maxPeriods, timeOfDaySchema, weekSpanSchema } from './week-periods.ts';

/** When and how a package that is delivered comes to an agent and is installed there. */

export const maxStages = 5;

/** Whether what follows the download may begin: a local time of the agent, in this form. */
const localTimeSchema = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/, 'Enter a date and time such as 2027-01-31T02:30.')
  .refine((text) => isRealDate(text), 'There is no such day.');

const weekSpansSchema = z.array(weekSpanSchema).max(maxPeriods, `Use at most ${maxPeriods} windows.`);

export const installScheduleSchema = z.discriminatedUnion('kind', [
  /** As the default software update policy says; as soon as possible where there is none. */
  z.object({ kind: z.literal('by-policy') }),
  z.object({ kind: z.literal('as-soon-as-possible') }),
  /** Not before this moment of the agent's own clock: computers stay up until then to serve their peers. */
  z.object({ kind: z.literal('at'), localTime: localTimeSchema }),
  /** At this time of the agent's own clock; what is ready later waits for the next day. */
  z.object({ kind: z.literal('daily'), timeOfDay: timeOfDaySchema }),
  /** While one of these weekly windows is open, in the agent's local time. */
  z.object({ kind: z.literal('in-windows'), windows: weekSpansSchema.min(1, 'Give at least one window.') }),
]);
export type InstallSchedule = z.infer<typeof installScheduleSchema>;

const commandPathSchema = z
  .string()
  .min(1, 'Name a file of the package.')
  .max(400)
  .refine((path) => packagePathProblem(path) === null, 'Name a file of the package, such as setup/install.exe.');

/** A file of the package, run from the package's folder without a shell. */
export const deliveryCommandSchema = z.object({
  file: commandPathSchema,
  arguments: z
    .array(
      z
        .string()
        .max(1000)
        .refine((text) => !text.includes('\0'), 'Leave out NUL characters.'),
    )
    .max(64, 'Give at most 64 arguments.'),
});
export type DeliveryCommand = z.infer<typeof deliveryCommandSchema>;

export const maxTries = 3;

export const installationSchema = z.object({
  schedule: installScheduleSchema,
  /** Null: an agent counts as installing for `durationSeconds`, without doing anything. */
  command: deliveryCommandSchema.nullable(),
  /** How long an installation is said to take; without a command it takes just that. */
  durationSeconds: z.number().int().min(0).max(86_400, 'Enter one day or less.'),
  /** How often a command that fails is tried, with back-off. */
  tries: z.number().int().min(1).max(maxTries),
});
export type Installation = z.infer<typeof installationSchema>;

/** What an agent needs beyond "this package". Missing: download at once, and that is all. */
export const deliveryPlanSchema = z.object({
  /** Nothing begins before. */
  availableFromMs: wallTimeMsSchema.nullable(),
  /** Downloads run only while one of them is open, in the agent's local time; none = always. */
  downloadWindows: weekSpansSchema,
  /** From here on windows, install times and postponements hold nothing up. */
  deadlineMs: wallTimeMsSchema.nullable(),
  isPaused: z.boolean(),
  /** Rises with every "retry failed": what failed in an earlier round is tried again. */
  round: z.number().int().min(0),
  /** Only for emergencies: a total blockout of the policy forbids other downloads, and nothing more. */
  ignoresTotalBlockouts: z.boolean(),
  installation: installationSchema.nullable(),
});
export type DeliveryPlan = z.infer<typeof deliveryPlanSchema>;

/** Why an agent failed in a delivery. */
export const deliveryFailures = [
  'invalid-snapshot',
  'disk-full',
  'disk-error',
  'execution-not-allowed',
  'could-not-start',
  'exit-code',
  'timeout',
  'signal',
  'interrupted',
] as const;
export const deliveryFailureSchema = z.enum(deliveryFailures);
export type DeliveryFailure = z.infer<typeof deliveryFailureSchema>;

/** What an agent writes down of an installation, so that neither a crash nor a restart makes it run twice. */
export const installationRecordSchema = z.object({
  deliveryId: z.string().min(1).max(64),
  key: packageKeySchema,
  round: z.number().int().min(0),
  /** `running` is written before a command is started: who finds it after a crash knows no more. */
  phase: z.enum(['waiting', 'running', 'installed', 'failed']),
  /** How often the command was started in this round. */
  tries: z.number().int().min(0),
  failure: deliveryFailureSchema.nullable(),
  exitCode: z.number().int().nullable(),
  isRebootPending: z.boolean(),
  /** By the person at the computer. */
  postponements: z.number().int().min(0),
  postponedUntilMs: wallTimeMsSchema.nullable(),
  /** A sentence, or the end of what the command wrote. */
  detail: z.string().max(400),
  atMs: wallTimeMsSchema,
});
export type InstallationRecord = z.infer<typeof installationRecordSchema>;

/** What an agent has told of a delivery; `offered` and `cancelled` are the server's word. */
export const reportedStates = [
  'offered',
  'downloading',
  'ready',
  'installing',
  'installed',
  'reboot-pending',
  'failed',
  'cancelled',
] as const;

/** Where an agent stands in a delivery. */
export const deliveryAgentStates = ['not-offered', ...reportedStates] as const;
export type DeliveryAgentState = (typeof deliveryAgentStates)[number];

/** Beside the state of a package: which delivery it is told for. */
export const deliveryReportSchema = z.object({
  deliveryId: z.string().min(1).max(64),
  round: z.number().int().min(0),
  failure: deliveryFailureSchema.nullable(),
  exitCode: z.number().int().nullable(),
  isRebootPending: z.boolean(),
});
export type DeliveryReport = z.infer<typeof deliveryReportSchema>;

/** When a stage begins: the first as soon as the package is available, the others as said here. */
export const stageStartSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('by-hand') }),
  z.object({
    kind: z.literal('after-previous'),
    /** Of the agents of the previous stage. */
    installedPercent: z.number().min(0).max(100, 'Enter 100 or less.'),
    failedPercent: z.number().min(0).max(100, 'Enter 100 or less.'),
    /** For how long both have to hold without a break. */
    hours: z.number().min(0).max(8760, 'Enter one year (8,760 hours) or less.'),
  }),
]);
export type StageStart = z.infer<typeof stageStartSchema>;

/** False for what has another form, too. */
function isRealDate(text: string): boolean {
  const date = new Date(localTimeMs(text));
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
