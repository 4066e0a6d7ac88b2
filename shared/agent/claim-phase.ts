import type { AgentId } from '../base/ids.ts';
import { claimTimes } from './claim-times.ts';

/** Where an agent stands between wanting a package and holding the claim on it. */
export type ClaimPhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'gathering'; readonly startedAtMs: number; readonly untilMs: number; wantRepeated: boolean }
  | {
      readonly kind: 'awaiting-turn';
      readonly claimAtMs: number;
      /** Not postponed beyond it. */
      readonly latestMs: number;
      readonly from: AgentId | null;
    }
  | { readonly kind: 'claimed'; readonly epoch: number; readonly sinceMs: number; sends: number; lastSentMs: number }
  /** Serves nobody, so that others had better claim. */
  | { readonly kind: 'leaving-to-others'; readonly untilMs: number }
  /** They do not either: fetches for itself. */
  | { readonly kind: 'alone' }
  | { readonly kind: 'backing-off'; readonly untilMs: number; readonly successor: AgentId | null };

/** When somebody who gathers has something to do. */
export function gatheringStepMs(phase: Extract<ClaimPhase, { readonly kind: 'gathering' }>, nowMs: number): number {
  const earliestEndMs = phase.startedAtMs + claimTimes.shortestGatherMs;
  if (nowMs < earliestEndMs) return earliestEndMs;
  return phase.wantRepeated ? phase.untilMs : phase.startedAtMs + claimTimes.wantRepeatMs;
}

/** When the next scheduled CLAIM is due: three quick ones against loss, then one a second. */
export function claimDueMs(phase: {
  readonly sinceMs: number;
  readonly sends: number;
  readonly lastSentMs: number;
}): number {
  const quick = claimTimes.claimSendsMs[phase.sends];
  return quick === undefined ? phase.lastSentMs + claimTimes.claimIntervalMs : phase.sinceMs + quick;
}
