import { z } from 'zod';

const hoursPerDay = 24;
const hoursPerWeek = 7 * hoursPerDay;
const hoursPerYear = 365 * hoursPerDay;

/** What the *Agent package* page sets for every agent. */
export const agentPackageSettingsSchema = z.object({
  /** Package files that were unused for so long are deleted from the computer. Serving a peer counts as use. */
  deleteUnusedAfterHours: z
    .number()
    .int('Enter a whole number of hours.')
    .min(hoursPerDay, 'Enter one day or more.')
    .max(hoursPerYear, 'Enter one year or less.'),
});
export type AgentPackageSettings = z.infer<typeof agentPackageSettingsSchema>;

export const defaultAgentPackageSettings: AgentPackageSettings = { deleteUnusedAfterHours: hoursPerWeek };

/** Allowed, but likely not what the administrator wants; null where nothing is to be said. */
export function agentPackageWarning(settings: AgentPackageSettings, isPeerDownloadingOn: boolean): string | null {
  if (!isPeerDownloadingOn || settings.deleteUnusedAfterHours >= hoursPerWeek) return null;
  return 'Below one week, computers that come back after some days find nobody who still has the package, and fetch it over the WAN.';
}
