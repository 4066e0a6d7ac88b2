import { z } from 'zod';
import { journalReasonSchema } from './journal.ts';
import { byteCountSchema } from './primitives.ts';
import { simulationProgressSchema, simulationRequestSchema } from './simulation.ts';

/** Between whoever runs a simulation and the threads that simulate parts of it. */

const count = z.number().int().min(0);
const milliseconds = z.number().min(0);

/** What came of one part, as plain data: its computers are forgotten by then. */
export const partOutcomeSchema = z.object({
  /** When each computer that is ready became so, virtual milliseconds, in no order. */
  readyMs: z.array(milliseconds).readonly(),
  /** When each computer that was on was so for the first time. */
  onMs: z.array(milliseconds).readonly(),
  /** From the one to the other, of those that are ready. */
  readySinceOnMs: z.array(milliseconds).readonly(),
  virtualMs: milliseconds,
  events: count,
  /** Block bytes that crossed the WAN into each subnet, which has the number that it has in the organisation. */
  wan: z
    .array(
      z.object({
        subnet: count,
        bytes: byteCountSchema,
        /** Of those, second crossings of blocks that nobody near had. */
        excusedBytes: byteCountSchema,
      }),
    )
    .readonly(),
  /** Distinct addresses that the Notification Server sent a block. */
  coreClients: count,
  /** What left the sockets of the Notification Server and of Package Servers. */
  directBytes: byteCountSchema,
  peerBytes: byteCountSchema,
  whyDirect: z.array(z.object({ reason: journalReasonSchema, bytes: byteCountSchema })).readonly(),
  faults: z.array(z.object({ kind: z.string(), count })).readonly(),
  violations: z
    .array(z.object({ check: z.string(), atMs: milliseconds, agent: z.string(), detail: z.string() }))
    .readonly(),
  traceHash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type PartOutcome = z.infer<typeof partOutcomeSchema>;

/** What such a thread is started with. */
export const partThreadStartSchema = z.object({ kind: z.literal('parts'), request: simulationRequestSchema });
export type PartThreadStart = z.infer<typeof partThreadStartSchema>;

/** What it is told: to simulate the part of that number. */
export const partOrderSchema = z.object({ part: count });
export type PartOrder = z.infer<typeof partOrderSchema>;

/** What it says. */
export const fromPartThreadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), part: count, progress: simulationProgressSchema }),
  z.object({ kind: z.literal('done'), part: count, outcome: partOutcomeSchema }),
]);
export type FromPartThread = z.infer<typeof fromPartThreadSchema>;
