import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import { holds } from '../helpers/properties.ts';

function numbersOf(seed: number, count: number, bound: number): number[] {
  const random = new Xoshiro128(seed);
  return Array.from({ length: count }, () => random.below(bound));
}

describe('the seeded random numbers', () => {
  it('are the same for the same seed, on every machine', () => {
    // Taken once; a change would make every recorded seed worthless.
    expect(numbersOf(1, 6, 2 ** 31)).toMatchInlineSnapshot(`
      [
        1221072079,
        1619049875,
        1909958935,
        1052310914,
        1010568033,
        2111768064,
      ]
    `);
  });

  it('stay below their bound, and are whole numbers', () => {
    holds(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, bound) => {
        for (const number of numbersOf(seed, 20, bound)) {
          expect(Number.isInteger(number)).toBe(true);
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThan(bound);
        }
      }),
    );
  });

  it('are others for another seed', () => {
    const heads = new Set(Array.from({ length: 1000 }, (_, seed) => numbersOf(seed, 3, 2 ** 31).join()));
    expect(heads.size).toBe(1000);
  });

  it('fall evenly over their range (chi-square of 16 classes, neighbouring seeds included)', () => {
    for (const seed of [0, 1, 2, 0xffffffff]) {
      const counts = new Array<number>(16).fill(0);
      for (const number of numbersOf(seed, 16_000, 16)) counts[number] = (counts[number] ?? 0) + 1;
      const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
      // 15 degrees of freedom: above 44.3 in one of 10,000 runs; the seeds are fixed.
      expect(chiSquare).toBeLessThan(44.3);
    }
  });
});
