import { z } from 'zod';
import { agentDetailSchema, alertSchema } from './console-api.ts';
import { agentDiagnosticsSchema } from './diagnostics.ts';
import { effectiveSettingSchema } from './policy-pages-api.ts';
import { wallTimeMsSchema } from './primitives.ts';

/** One computer as one document, for a support case: what `fanout diag --json` prints and the agent's page exports. */
export const supportCaseSchema = z.object({
  madeAtMs: wallTimeMsSchema,
  server: z.object({ name: z.string(), productVersion: z.string(), consoleUrl: z.string() }),
  /** True: the diagnostics are what the agent told at that moment. */
  isLive: z.boolean(),
  /** Why there are no diagnostics; null where there are. */
  reason: z.string().nullable(),
  diagnostics: agentDiagnosticsSchema.nullable(),
  agent: agentDetailSchema,
  effectiveSettings: z.array(effectiveSettingSchema),
  alerts: z.array(alertSchema),
});
export type SupportCase = z.infer<typeof supportCaseSchema>;
