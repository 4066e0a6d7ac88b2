import { rankByHrw } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { ClaimSituation } from './claim-situation.ts';
import { claimTimes, enoughWanting } from './claim-times.ts';

/** Who cannot decide yet looks again after this time. */
const lookAgainMs = 100;

interface Gathering {
  readonly kind: 'gathering';
  readonly startedAtMs: number;
  readonly untilMs: number;
  wantRepeated: boolean;
}

interface AwaitingTurn {
  readonly kind: 'awaiting-turn';
  /** Of those who wait, so many come before. */
  readonly turns: number;
  readonly claimAtMs: number;
  /** Not postponed beyond it. */
  readonly latestMs: number;
  readonly from: AgentId | null;
}

interface BackingOff {
  readonly kind: 'backing-off';
  readonly untilMs: number;
  readonly successor: AgentId | null;
}

type Phase =
  | { readonly kind: 'idle' }
  | Gathering
  | AwaitingTurn
  /** Serves nobody, so that others had better claim. */
  | { readonly kind: 'leaving-to-others'; readonly untilMs: number }
  /** They do not either: fetches for itself. */
  | { readonly kind: 'alone' }
  | BackingOff;

/** How an agent comes to claim while nobody else does: it wants, gathers who else does, and waits for its turn. */
export class ClaimApproach {
  readonly #ownId: AgentId;
  readonly #key: PackageKey;
  readonly #sendWant: () => void;
  #phase: Phase = { kind: 'idle' };

  constructor(ownId: AgentId, key: PackageKey, sendWant: () => void) {
    this.#ownId = ownId;
    this.#key = key;
    this.#sendWant = sendWant;
  }

  get isIdle(): boolean {
    return this.#phase.kind === 'idle';
  }

  /** Nobody claims and this agent had better not: it fetches for itself what no peer gives. */
  get isAlone(): boolean {
    return this.#phase.kind === 'alone';
  }

  /** Until when nobody is to claim, and who first then; null where no claim was released. */
  get backOff(): { readonly untilMs: number; readonly successor: AgentId | null } | null {
    return this.#phase.kind === 'backing-off' ? this.#phase : null;
  }

  /** Whatever was planned or waited for is forgotten. */
  reset(): void {
    this.#phase = { kind: 'idle' };
  }

  /** A claim was released: nobody claims before `untilMs`, then `successor` first. */
  backOffUntil(untilMs: number, successor: AgentId | null): void {
    this.#phase = { kind: 'backing-off', untilMs, successor };
  }

  /** `claimer` is of no use any more: those who follow it take turns. */
  takeOver(claimer: AgentId, nowMs: number, situation: ClaimSituation): void {
    if (!situation.needsWan) {
      this.reset();
      return;
    }
    const rank = this.#rankAmong(situation.followers.filter((follower) => follower !== claimer));
    this.#awaitTurn(rank, nowMs, claimer);
  }

  /** Does what is due. Not null: it is this agent's turn to claim; `from` is the claimer that it takes over from. */
  step(nowMs: number, situation: ClaimSituation): { readonly from: AgentId | null } | null {
    if (this.#phase.kind === 'idle' && situation.needsWan) this.#want(nowMs, situation);
    if (this.#phase.kind === 'gathering') this.#gather(this.#phase, nowMs, situation);
    if (this.#phase.kind === 'backing-off') this.#endBackOff(this.#phase, nowMs, situation);
    if (this.#phase.kind === 'awaiting-turn') {
      const { from } = this.#phase;
      if (this.#takeTurn(this.#phase, nowMs, situation)) return { from };
    }
    this.#waitForOthers(nowMs, situation);
    return null;
  }

  /** When `step` has to be called again at the latest. */
  nextStepMs(nowMs: number): number {
    switch (this.#phase.kind) {
      case 'gathering':
        return gatheringStepMs(this.#phase, nowMs);
      case 'awaiting-turn':
        return this.#phase.claimAtMs;
      case 'backing-off':
      case 'leaving-to-others':
        return this.#phase.untilMs;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }

  #want(nowMs: number, situation: ClaimSituation): void {
    this.#sendWant();
    const gatherMs = situation.isStartPhase ? claimTimes.gatherAtStartMs : claimTimes.gatherMs;
    this.#phase = { kind: 'gathering', startedAtMs: nowMs, untilMs: nowMs + gatherMs, wantRepeated: false };
  }

  #gather(phase: Gathering, nowMs: number, situation: ClaimSituation): void {
    if (!phase.wantRepeated && nowMs >= phase.startedAtMs + claimTimes.wantRepeatMs) {
      phase.wantRepeated = true;
      if (situation.followers.length < enoughWanting) this.#sendWant();
    }
    if (nowMs < phase.untilMs && !mayEndEarly(phase, nowMs, situation)) return;
    const isLagging = situation.isLagging && nowMs < phase.startedAtMs + claimTimes.longestLagMs;
    if (situation.isLookingUp || isLagging) {
      if (nowMs >= phase.untilMs) this.#phase = { ...phase, untilMs: nowMs + lookAgainMs };
    } else if (situation.needsWan) this.#awaitTurn(this.#rankAmong(situation.followers), nowMs, null);
    else this.reset();
  }

  #endBackOff({ untilMs, successor }: BackingOff, nowMs: number, situation: ClaimSituation): void {
    if (nowMs < untilMs) return;
    const rank = this.#rankAmong(situation.followers) + (successor === null ? 0 : 1);
    this.#awaitTurn(successor === this.#ownId ? 0 : rank, nowMs, null);
  }

  #awaitTurn(turns: number, nowMs: number, from: AgentId | null): void {
    this.#phase = {
      kind: 'awaiting-turn',
      turns,
      claimAtMs: nowMs + turns * claimTimes.turnMs,
      latestMs: nowMs + claimTimes.longestLagMs,
      from,
    };
  }

  /** True where this agent claims now. */
  #takeTurn(phase: AwaitingTurn, nowMs: number, situation: ClaimSituation): boolean {
    if (!situation.needsWan) {
      this.reset();
      return false;
    }
    if (nowMs < phase.claimAtMs) return false;
    // A CLAIM of somebody before may be here already, and not read. Many are behind together: turns begin anew, in their order.
    if (situation.isLagging && nowMs < phase.latestMs) {
      this.#phase = { ...phase, claimAtMs: nowMs + (phase.turns + 1) * claimTimes.turnMs };
      return false;
    }
    if (!situation.isServing && situation.followers.length > 0) {
      this.#phase = { kind: 'leaving-to-others', untilMs: nowMs + leavingMs(situation) };
      return false;
    }
    this.reset();
    return true;
  }

  #waitForOthers(nowMs: number, situation: ClaimSituation): void {
    if (this.#phase.kind !== 'leaving-to-others' && this.#phase.kind !== 'alone') return;
    if (!situation.needsWan || situation.isServing || situation.followers.length === 0) this.reset();
    else if (this.#phase.kind === 'leaving-to-others' && nowMs >= this.#phase.untilMs) this.#phase = { kind: 'alone' };
  }

  #rankAmong(followers: readonly AgentId[]): number {
    const ranked = rankByHrw(new Set([this.#ownId, ...followers]), this.#key);
    return Math.min(ranked.indexOf(this.#ownId), claimTimes.maxTurns);
  }
}

/** Where all have spoken there is nobody to wait for; who is new here hears the claim, and answers that. */
function mayEndEarly({ startedAtMs }: Gathering, nowMs: number, situation: ClaimSituation): boolean {
  if (situation.isStartPhase || nowMs < startedAtMs + claimTimes.shortestGatherMs) return false;
  return situation.haveAllSpoken();
}

/** How long who serves nobody leaves the claim to others. */
function leavingMs({ isInstalling, isEmergency }: ClaimSituation): number {
  if (!isInstalling) return claimTimes.leaveToOthersMs;
  return isEmergency ? claimTimes.leaveWhileInstallingUrgentlyMs : claimTimes.leaveWhileInstallingMs;
}

function gatheringStepMs({ startedAtMs, untilMs, wantRepeated }: Gathering, nowMs: number): number {
  const earliestEndMs = startedAtMs + claimTimes.shortestGatherMs;
  if (nowMs < earliestEndMs) return earliestEndMs;
  return wantRepeated ? untilMs : startedAtMs + claimTimes.wantRepeatMs;
}
