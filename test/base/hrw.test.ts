import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hrwWeight, rankByHrw } from '../../shared/base/hrw.ts';
import { holds } from '../helpers/properties.ts';

const hexDigits = [...'0123456789abcdef'];
const ids = fc.array(fc.constantFrom(...hexDigits), { minLength: 32, maxLength: 32 }).map((digits) => digits.join(''));
const members = fc.uniqueArray(ids, { minLength: 1, maxLength: 40 });

/** Ids as a person might make them up: they differ in their last digits only. */
function similarIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => index.toString(16).padStart(32, '0'));
}

describe('highest random weight', () => {
  it('ranks the same members the same, in whatever order they come', () => {
    holds(
      fc.property(members, ids, (set, key) => {
        expect(rankByHrw([...set].reverse(), key)).toEqual(rankByHrw(set, key));
        expect([...rankByHrw(set, key)].sort()).toEqual([...set].sort());
      }),
    );
  });

  it('moves nobody else when a member leaves', () => {
    holds(
      fc.property(members, ids, fc.nat(), (set, key, choice) => {
        const gone = set[choice % set.length];
        const left = set.filter((member) => member !== gone);
        expect(rankByHrw(left, key)).toEqual(rankByHrw(set, key).filter((member) => member !== gone));
      }),
    );
  });

  it('is a whole number that a double holds exactly', () => {
    holds(
      fc.property(fc.string(), fc.string(), (member, key) => {
        const weight = hrwWeight(member, key);
        expect(Number.isSafeInteger(weight)).toBe(true);
        expect(weight).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('gives every member its share of first places, also where ids and keys hardly differ', () => {
    const set = similarIds(20);
    const firsts = new Map<string, number>();
    for (let index = 0; index < 20_000; index++) {
      const [first = ''] = rankByHrw(set, index.toString(16).padStart(40, '0'));
      firsts.set(first, (firsts.get(first) ?? 0) + 1);
    }
    const chiSquare = set.reduce((sum, member) => sum + ((firsts.get(member) ?? 0) - 1000) ** 2 / 1000, 0);
    // 19 degrees of freedom: above 50 in one of 10,000 cases; nothing here is random.
    expect(chiSquare).toBeLessThan(50);
  });

  it('hardly ever gives two members the same weight', () => {
    const weights = new Set(similarIds(100_000).map((member) => hrwWeight(member, 'ab'.repeat(20))));
    expect(weights.size).toBe(100_000);
  });

  it('keeps member and key apart', () => {
    expect(hrwWeight('ab', 'c')).not.toBe(hrwWeight('a', 'bc'));
    expect(hrwWeight('a', 'b')).not.toBe(hrwWeight('b', 'a'));
  });
});
