/** `firstMs`, doubled with every further failure, at most `lastMs`. `failures` is 0 for the first pause. */
export function doublingBackoffMs(firstMs: number, failures: number, lastMs: number): number {
  let pauseMs = firstMs;
  for (let count = 0; count < failures && pauseMs < lastMs; count++) pauseMs *= 2;
  return Math.min(pauseMs, lastMs);
}
