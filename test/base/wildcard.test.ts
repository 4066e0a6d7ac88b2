import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesWildcard } from '../../shared/base/wildcard.ts';

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['?', '', false],
  ['pc-*', 'pc-17', true],
  ['pc-*', 'PC-17', false],
  ['*-lab-??', 'berlin-lab-02', true],
  ['*-lab-??', 'berlin-lab-2', false],
  ['a*b*c', 'aXbXbXc', true],
  ['a.c', 'abc', false],
])('%j and %j: %s', (pattern, text, isMatch) => {
  expect(matchesWildcard(pattern, text)).toBe(isMatch);
});

test('is what the regular expression of the pattern says', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 }).map((parts) => parts.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, text, (wanted, given) => {
      const expression = new RegExp(`^${wanted.replaceAll('*', '.*').replaceAll('?', '.')}$`);
      expect(matchesWildcard(wanted, given)).toBe(expression.test(given));
    }),
    { numRuns: 2000 },
  );
});

test('ends soon for a pattern on which a regular expression would not', () => {
  expect(matchesWildcard(`${'*a'.repeat(31)}*b`, 'a'.repeat(5000))).toBe(false);
});
