import { z } from 'zod';

/** Every refusal of a Fanout HTTP interface, in one shape: what was wrong, and what to do. */
export const apiErrorCodes = [
  'invalid-request',
  'not-signed-in',
  'forbidden-origin',
  'forbidden-host',
  'forbidden',
  'not-enrolled',
  'join-token-invalid',
  'revoked',
  'cloned',
  'not-found',
  'conflict',
  'version-conflict',
  'range-not-satisfiable',
  'busy',
  'too-many-requests',
  'too-large',
  'not-available',
  'path-refused',
  'stopping',
  'internal',
] as const;
export const apiErrorSchema = z.object({
  error: z.object({
    code: z.enum(apiErrorCodes),
    /** A sentence for people: what was wrong and what to do. */
    message: z.string(),
    /** For `invalid-request` and `not-available`: the field that each problem belongs to, as a path such as `settings.port`. */
    fields: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    /** For `version-conflict`: what is stored now, so that both sides can be shown. */
    current: z.unknown().optional(),
  }),
});
export type ApiError = z.infer<typeof apiErrorSchema>['error'];
export type ApiErrorCode = ApiError['code'];
