import { z } from 'zod';
import { byteCountSchema } from './primitives.ts';

/** What `fanout demo --json` prints, alone, on standard output. */
export const demoReportSchema = z.object({
  agents: z.number().int(),
  ready: z.number().int(),
  packageBytes: byteCountSchema,
  /** From the first WANT to the last `ready`. */
  seconds: z.number(),
  /** Counted at the Notification Server's response sockets. */
  directBytes: byteCountSchema,
  peerBytes: byteCountSchema,
  wanCopiesPerSubnet: z.array(z.number()),
  /** Every copy was read again and compared with the source by another process than the agent. */
  verified: z.boolean(),
  killed: z.array(
    z.object({
      agent: z.string(),
      subnet: z.string(),
      pid: z.number().int(),
      blocksHeld: z.number().int(),
      atSeconds: z.number(),
    }),
  ),
  failures: z.array(z.string()),
});
export type DemoReport = z.infer<typeof demoReportSchema>;
