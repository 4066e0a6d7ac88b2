import type { PacerClock } from '../../../shared/base/fair-pacer.ts';

export const systemClock: PacerClock = {
  nowMs: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, Math.ceil(delayMs));
    return () => clearTimeout(timer);
  },
};
