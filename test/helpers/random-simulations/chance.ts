import type { Xoshiro128 } from '../../../shared/base/prng.ts';

/** One of them; the list is never empty. */
export function oneOf<Value>(random: Xoshiro128, values: readonly [Value, ...Value[]]): Value {
  return values[random.below(values.length)] ?? values[0];
}

/** True once in so many times. */
export function onceIn(random: Xoshiro128, times: number): boolean {
  return random.below(times) === 0;
}

/** Between the two, both included. */
export function between(random: Xoshiro128, least: number, most: number): number {
  return least + random.below(most - least + 1);
}
