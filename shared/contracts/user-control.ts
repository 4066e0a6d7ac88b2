import { z } from 'zod';

/** What the person at a computer may ask of its agent, and what the agent tells that person. */

export const userActions = ['pause', 'resume', 'postpone', 'status'] as const;
export type UserAction = (typeof userActions)[number];

/** One line of JSON over the control socket in the agent's data folder; one line comes back, and the connection ends. */
export const userRequestSchema = z.object({ action: z.enum(userActions) });

export const userAnswerSchema = z.object({
  /** False where the policy does not allow it, or there is nothing to do it to. */
  accepted: z.boolean(),
  /** For people. */
  message: z.string().max(1000),
});
export type UserAnswer = z.infer<typeof userAnswerSchema>;

export const noticeKinds = [
  'download-started',
  'download-ready',
  'download-failed',
  'downloads-paused',
  'downloads-resumed',
  'installation-soon',
  'installation-started',
  'installation-done',
  'installation-failed',
] as const;
/** Sent only where the policy shows notifications. */
export const userNoticeSchema = z.object({ kind: z.enum(noticeKinds), message: z.string().max(1000) });
export type UserNotice = z.infer<typeof userNoticeSchema>;
