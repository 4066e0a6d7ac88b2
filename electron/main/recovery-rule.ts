/** A page that held for so long has earned another silent reload. */
const stableAfterMs = 5 * 60_000;

/** `lastCrashMs`: monotonic time of the previous crash; null = the first one. */
export function recoveryAfterCrash(lastCrashMs: number | null, nowMs: number): 'reload' | 'ask' {
  return lastCrashMs === null || nowMs - lastCrashMs > stableAfterMs ? 'reload' : 'ask';
}
