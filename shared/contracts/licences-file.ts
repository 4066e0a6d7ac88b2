import { z } from 'zod';

/** `licences.json` beside the console: whose work is in the product, made at build time of what the product is built from. */
export const licencesFileSchema = z.object({
  components: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      /** As its author names it (SPDX), e.g. `MIT`. */
      licence: z.string(),
      /** Where it comes from; '' = its author does not say. */
      homepage: z.string(),
      /** Numbers in `texts`: its licence, its notices. */
      texts: z.array(z.number().int().min(0)),
    }),
  ),
  /** Each once: many components share theirs. */
  texts: z.array(z.string()),
});
export type LicencesFile = z.infer<typeof licencesFileSchema>;
export type LicensedComponent = LicencesFile['components'][number];
