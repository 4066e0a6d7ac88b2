import { z } from 'zod';

/** What a person has chosen for the desktop application on this computer; the server knows nothing of it. */
export const desktopPreferencesSchema = z.strictObject({
  /** A delivery has ended for all of its agents. */
  notifyOfFinishedDeliveries: z.boolean(),
  /** So many percent of the agents of a delivery have the package. */
  notifyOfPenetration: z.boolean(),
  penetrationPercent: z
    .number('Enter a whole number of percent.')
    .int('Enter a whole number of percent.')
    .min(1, 'Enter 1 to 100.')
    .max(100, 'Enter 1 to 100.'),
  /** An agent hands out corrupt blocks, or two computers say that they are the same agent. */
  notifyOfAlerts: z.boolean(),
  /** What closing the window does; what is stopped with the application is the server and the embedded agents. */
  whenWindowCloses: z.enum(['quit', 'keep-running']),
  /** Where updates are looked for when an administrator says so; '' = nowhere. */
  updateFeedUrl: z
    .string()
    .max(500, 'Use at most 500 characters.')
    .regex(
      /^(https:\/\/[^\s@]+|http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?(\/[^\s@]*)?)?$/,
      'Enter an address that begins with https:// (http:// only for this computer).',
    ),
  /** As chosen in the console, so that the window has its colours before the page is there. */
  theme: z.enum(['system', 'light', 'dark']),
});
export type DesktopPreferences = z.infer<typeof desktopPreferencesSchema>;

export const desktopPreferenceChangesSchema = desktopPreferencesSchema.partial();
export type DesktopPreferenceChanges = z.input<typeof desktopPreferenceChangesSchema>;

export const defaultDesktopPreferences: DesktopPreferences = {
  notifyOfFinishedDeliveries: true,
  notifyOfPenetration: true,
  penetrationPercent: 98,
  notifyOfAlerts: true,
  whenWindowCloses: 'quit',
  updateFeedUrl: '',
  theme: 'system',
};
