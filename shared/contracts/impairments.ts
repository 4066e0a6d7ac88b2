import { z } from 'zod';

/** 10 GB/s, as for the bandwidths of a policy. */
const maximumKilobytesPerSecond = 10_000_000;

export const slowKilobytesPerSecondSchema = z
  .number()
  .int('Enter a whole number of KB/s.')
  .min(1, 'Enter 1 KB/s or more.')
  .max(maximumKilobytesPerSecond, `Enter ${maximumKilobytesPerSecond} KB/s or less.`);

/** What somebody does to an agent of an embedded fleet to see what the others make of it; holds until it is taken back. */
export const impairmentsSchema = z.object({
  /** Packages travel so fast at most, in each direction; null: as fast as the computer and the policy let them. */
  kilobytesPerSecond: slowKilobytesPerSecondSchema.nullable(),
  /** Blocks that it hands out to other agents are damaged on the way. */
  corrupts: z.boolean(),
  /** Nothing leaves it and nothing reaches it. */
  isUnplugged: z.boolean(),
});
export type Impairments = z.infer<typeof impairmentsSchema>;

export const noImpairments: Impairments = { kilobytesPerSecond: null, corrupts: false, isUnplugged: false };
