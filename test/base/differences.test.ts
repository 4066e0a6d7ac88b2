import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differences } from '../../shared/base/differences.ts';

test.each([
  [{ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 }, []],
  [{ a: 1, b: { c: 1, d: 2 } }, { a: 1, b: { c: 2 } }, ['b.c', 'b.d']],
  [{ a: undefined }, {}, []],
  [{ a: [1, 2] }, { a: [2, 1] }, ['a']],
  [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }, ['a']],
  [null, { a: 1 }, ['']],
  [null, null, []],
])('%j and %j differ in %j', (first, second, paths) => {
  expect(differences(first, second)).toEqual(paths);
});

test('are none between a value and its copy, and some after a change', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
      const copy = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      const original = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      expect(differences(original, copy)).toEqual([]);
      const [key] = Object.keys(copy);
      expect(differences(original, { ...copy, [key ?? '']: { changed: copy } })).not.toEqual([]);
    }),
  );
});

test('of many are the first 20', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_value, index) => [`k${index}`, index]));
  expect(differences(many, {})).toHaveLength(20);
});
