import { z } from 'zod';
import { deliveryFailureSchema, reportedStates } from './deliveries.ts';

/** Where a delivery stands, as the server keeps it. */

export const reportedStateSchema = z.enum(reportedStates);
/** Of an agent that has told something. `offered` here: it waits for something again. */
export type ReportedState = z.infer<typeof reportedStateSchema>;

const countSchema = z.number().int().min(0);

export const stageStateSchema = z.object({
  /** Null: not yet. */
  startedAtMs: z.number().nullable(),
  isByHand: z.boolean(),
  /** All agents of the stage, those included that have not told anything. */
  members: countSchema,
  /** Of those that have told something. */
  counts: z.object(
    Object.fromEntries(reportedStates.map((state) => [state, countSchema])) as Record<
      ReportedState,
      typeof countSchema
    >,
  ),
  failures: z.partialRecord(deliveryFailureSchema, countSchema),
});
export type StageState = Readonly<z.infer<typeof stageStateSchema>>;

export const deliveryStateSchema = z.object({
  /** Of the newest event. */
  atMs: z.number(),
  isPaused: z.boolean(),
  isCancelled: z.boolean(),
  round: countSchema,
  stages: z.array(stageStateSchema).min(1),
  /** How long the condition of the next stage has held until `atMs`; null: it does not hold. */
  heldMs: z.number().nullable(),
  /** After a start of the server agents come to word first. */
  graceUntilMs: z.number(),
});
export type DeliveryState = Readonly<z.infer<typeof deliveryStateSchema>>;
