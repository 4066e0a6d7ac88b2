import type { ClockPort } from '../base/clock.ts';
import type { AssignedDelivery, PrepositionedPackage } from '../contracts/agent-api.ts';
import type { DeliveryPlan } from '../contracts/deliveries.ts';
import type { DeliveryPriority } from '../contracts/package-state.ts';
import type { DeliveryNow } from './delivery-times.ts';
import { downloadHold, nextLookMs } from './delivery-times.ts';
import type { DeliveryHold } from './download-admission.ts';
import { mostUrgent } from './download-admission.ts';

/** Why a package is wanted here. Each ground has a word on the time, and one that lets it run now is enough. */
export interface DownloadGrounds {
  readonly delivery: AssignedDelivery | null;
  /** Kept by this Package Server without being asked for it, on any of these terms. */
  readonly kept: readonly PrepositionedPackage[];
  /** Somebody asks this Package Server for it: it waits for no window. */
  readonly isDemanded: boolean;
}

export interface DownloadStanding {
  /** Null where it may run now. */
  readonly heldBy: DeliveryHold | null;
  /** Of the most urgent ground that lets it run; where none does, of the most urgent one. */
  readonly priority: DeliveryPriority;
  /** When a clock may say otherwise, in monotonic time; Infinity = no clock is asked. */
  readonly lookAgainMs: number;
}

type Terms = Pick<DeliveryPlan, 'isPaused' | 'availableFromMs' | 'downloadWindows' | 'deadlineMs'>;

interface Ground {
  readonly priority: DeliveryPriority;
  readonly terms: Terms | null;
}

export function standingOf(grounds: DownloadGrounds, now: DeliveryNow, clock: ClockPort): DownloadStanding {
  const judged = listOf(grounds).map(({ priority, terms }) => {
    return { priority, terms, heldBy: terms === null ? null : downloadHold(terms, priority, now) };
  });
  const free = judged.filter(({ heldBy }) => heldBy === null);
  const counting = free.length > 0 ? free : judged;
  let lookAgainMs = Number.POSITIVE_INFINITY;
  for (const { terms, heldBy } of judged) {
    if (terms === null || (terms.downloadWindows.length === 0 && heldBy !== 'not-yet-available')) continue;
    lookAgainMs = Math.min(lookAgainMs, nextLookMs(clock, [terms.availableFromMs, terms.deadlineMs]));
  }
  return {
    heldBy: free.length > 0 ? null : (judged[0]?.heldBy ?? null),
    priority: mostUrgent(counting.map(({ priority }) => priority)),
    lookAgainMs,
  };
}

/** The delivery first: it is what a person asks about. */
function listOf({ delivery, kept, isDemanded }: DownloadGrounds): Ground[] {
  const grounds: Ground[] = [];
  if (delivery !== null) grounds.push({ priority: delivery.priority, terms: delivery.plan ?? null });
  for (const entry of kept) grounds.push({ priority: entry.priority ?? 'normal', terms: termsOf(entry) });
  if (isDemanded) grounds.push({ priority: 'normal', terms: null });
  return grounds;
}

function termsOf({ availableFromMs = null, windows = [] }: PrepositionedPackage): Terms {
  return { isPaused: false, availableFromMs, downloadWindows: windows, deadlineMs: null };
}
