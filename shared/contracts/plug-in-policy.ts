import { z } from 'zod';
import { timeOfDaySchema } from './week-periods.ts';

/**
 * The *Default software update plug-in policy*: when computers install what they have, unless the delivery says otherwise.
 */
export const plugInPolicySchema = z.discriminatedUnion('install', [
  z.object({ install: z.literal('as-soon-as-possible') }),
  /** By the local time of each computer; what is ready later waits for the next day. */
  z.object({ install: z.literal('at-time'), timeOfDay: timeOfDaySchema }),
]);
export type PlugInPolicy = z.infer<typeof plugInPolicySchema>;

/** At the end of a working day: by then most computers of a site have the package from each other. */
export const defaultPlugInPolicy: PlugInPolicy = { install: 'at-time', timeOfDay: '17:00' };

/** Allowed, but likely not what the administrator wants; null where nothing is to be said. */
export function plugInPolicyWarning({ install }: PlugInPolicy): string | null {
  if (install !== 'as-soon-as-possible') return null;
  return 'A computer that installs and restarts at once serves no peers meanwhile. Choose a time of day, so that the others get the package first.';
}
