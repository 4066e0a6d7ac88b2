import type { RandomPort } from '../base/prng.ts';

/**
 * Which block to ask for: the one that the fewest peers hold, so that no block becomes the last copy; equal ones by chance,
 * so that the computers of a subnet ask for different blocks and can trade them.
 *
 * @param candidates blocks that may be asked for now, in ascending order
 * @param holdersOf  how many live peers hold a block
 */
export function pickRarest(
  candidates: Iterable<number>,
  holdersOf: (block: number) => number,
  random: RandomPort,
): number | null {
  let picked: number | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const block of candidates) {
    const holders = holdersOf(block);
    if (holders > fewest) continue;
    if (holders < fewest) {
      fewest = holders;
      ties = 0;
    }
    ties++;
    // Reservoir of one: each of n equal blocks ends up picked with probability 1/n, in one pass.
    if (random.below(ties) === 0) picked = block;
  }
  return picked;
}
