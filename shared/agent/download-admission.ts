import type { PackageKey } from '../base/ids.ts';
import type { DeliveryPriority } from '../contracts/package-state.ts';

const rankOfPriority: { readonly [Priority in DeliveryPriority]: number } = { emergency: 0, normal: 1, background: 2 };

/** `normal` where there is none. */
export function mostUrgent(priorities: readonly DeliveryPriority[]): DeliveryPriority {
  const [first = 'normal', ...others] = priorities;
  return others.reduce((best, other) => (rankOfPriority[other] < rankOfPriority[best] ? other : best), first);
}

/** A package that is assigned and not complete, in the order of assignment. */
export interface DownloadCandidate {
  readonly key: PackageKey;
  readonly priority: DeliveryPriority;
  /** Occupies a place now. */
  readonly isRunning: boolean;
  /** By its delivery; null where that lets it run now. */
  readonly heldBy: DeliveryHold | null;
}

/** What a delivery itself says against downloading now. */
export type DeliveryHold = 'delivery-paused' | 'not-yet-available' | 'outside-window';

/** `pre-empted`: more urgent packages go first. `waiting`: no place is free. */
export type Admission = DeliveryHold | 'run' | 'blockout' | 'paused' | 'pre-empted' | 'waiting';

export interface AdmissionRules {
  readonly maxConcurrentPackages: number;
  isBlockedOut(priority: DeliveryPriority): boolean;
  /** By the person at the computer. */
  readonly isPaused: boolean;
}

/**
 * Which packages download now. Emergencies ignore a pause and stop everything else; among the others the more urgent go
 * first, and those of one priority keep the places that they have.
 */
export function admit(candidates: readonly DownloadCandidate[], rules: AdmissionRules): Map<PackageKey, Admission> {
  const verdicts = new Map<PackageKey, Admission>();
  const eligible: DownloadCandidate[] = [];
  for (const candidate of candidates) {
    const isEmergency = candidate.priority === 'emergency';
    if (candidate.heldBy !== null) verdicts.set(candidate.key, candidate.heldBy);
    else if (rules.isBlockedOut(candidate.priority)) verdicts.set(candidate.key, 'blockout');
    else if (rules.isPaused && !isEmergency) verdicts.set(candidate.key, 'paused');
    else eligible.push(candidate);
  }
  eligible.sort(
    (a, b) => rankOfPriority[a.priority] - rankOfPriority[b.priority] || Number(b.isRunning) - Number(a.isRunning),
  );
  const hasEmergency = eligible[0]?.priority === 'emergency';
  let places = rules.maxConcurrentPackages;
  for (const candidate of eligible) {
    if (hasEmergency && candidate.priority !== 'emergency') verdicts.set(candidate.key, 'pre-empted');
    else if (places > 0) {
      places--;
      verdicts.set(candidate.key, 'run');
    } else verdicts.set(candidate.key, candidate.isRunning ? 'pre-empted' : 'waiting');
  }
  return verdicts;
}
