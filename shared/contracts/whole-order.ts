import { z } from 'zod';

const idsSchema = z.array(z.string()).max(1000);

/** A new order of everything in a list: policies, site settings. */
export const wholeOrderSchema = z.object({
  ids: idsSchema,
  /** The order that `ids` was made from; missing = whatever it is. */
  seen: idsSchema.optional(),
});
export type WholeOrder = z.infer<typeof wholeOrderSchema>;
