/** A share of a limit halves after each such time at whoever holds it, unless it is told again. */
export const shareHalvesMs = 60_000;

/** What is unlimited does not halve: without a word it is over after this time. */
const unlimitedLastsMs = 5 * shareHalvesMs;

/** What is left of a share; nothing below one byte per second. */
export function halvedShare(bytesPerSecond: number, ageMs: number): number {
  if (bytesPerSecond === Number.POSITIVE_INFINITY) return ageMs < unlimitedLastsMs ? bytesPerSecond : 0;
  let left = bytesPerSecond;
  for (let restMs = ageMs; restMs >= shareHalvesMs && left >= 1; restMs -= shareHalvesMs) left /= 2;
  return left >= 1 ? left : 0;
}
