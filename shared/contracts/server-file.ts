import { z } from 'zod';

/**
 * `<data>/server.json`, readable by its owner only, while a server runs: how the CLI finds it and signs in, and how a second
 * start names the first.
 */
export const serverFileSchema = z.object({
  pid: z.number().int().min(1),
  startedAtMs: z.number().int(),
  consoleUrl: z.string().url(),
  agentUrl: z.string().url(),
  /** Bearer token with the administrator role. */
  apiToken: z.string().min(32),
});
export type ServerFile = z.infer<typeof serverFileSchema>;
