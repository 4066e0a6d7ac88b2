import { z } from 'zod';

/** What a computer is in the middle of, as far as peer downloading depends on it. */
export const computerConditionsSchema = z.object({
  onBattery: z.boolean(),
  /** Of all cores together, over the last seconds. */
  cpuLoadPercent: z.number().int().min(0).max(100),
  vpn: z.boolean(),
  metered: z.boolean(),
  /** Outside the organisation's network. */
  internet: z.boolean(),
  /** Software is being installed. */
  installing: z.boolean(),
});
export type ComputerConditions = z.infer<typeof computerConditionsSchema>;

/** A computer at its desk with nothing to do. */
export const normalConditions: ComputerConditions = {
  onBattery: false,
  cpuLoadPercent: 0,
  vpn: false,
  metered: false,
  internet: false,
  installing: false,
};

/**
 * What kind of place a site is. Computers of a `vpn` or `internet` site neither ask peers nor serve them. Computers of a `wifi`
 * site find each other through the server and send no broadcasts, which are dear there.
 */
export const locationTypes = ['office', 'wifi', 'vpn', 'internet'] as const;
export const locationTypeSchema = z.enum(locationTypes);
export type LocationType = z.infer<typeof locationTypeSchema>;
