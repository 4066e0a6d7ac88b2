import { expect, it } from 'vitest';
import { BlockSet } from '../../shared/base/block-set.ts';
import { FieldMix } from '../../shared/sim/field-mix.ts';

function mixOf(...values: unknown[]): string {
  const mix = new FieldMix();
  mix.start();
  for (const value of values) mix.add(value);
  return `${mix.high} ${mix.low}`;
}

const blocks = (...members: number[]): BlockSet => {
  const set = new BlockSet(40);
  for (const block of members) set.add(block);
  return set;
};

it('differs for whatever differs: value, kind, place, nesting', () => {
  const different: unknown[] = [
    1,
    2,
    -1,
    0,
    0.5,
    2 ** 40,
    Number.POSITIVE_INFINITY,
    '1',
    '',
    'ab',
    'ba',
    true,
    false,
    null,
    undefined,
    [],
    [1],
    [1, 2],
    [2, 1],
    [[1], 2],
    [1, [2]],
    {},
    { a: 1 },
    { b: 1 },
    { a: { b: 1 } },
    { a: 1, b: 1 },
    blocks(),
    blocks(1),
    blocks(33),
    new Map([['a', 1]]),
  ];
  const mixes = different.map((value) => mixOf(value));
  expect(new Set(mixes).size).toBe(different.length);
  expect(mixOf('ab', 'c')).not.toBe(mixOf('a', 'bc'));
});

it('is the same for equal values, however they came to be', () => {
  const grown = blocks(1, 2, 3);
  grown.delete(2);
  expect(mixOf({ id: 7, held: grown })).toBe(mixOf({ id: 7, held: blocks(1, 3) }));
});

it('hardly ever is the same for two of many similar values', () => {
  const mixes = new Set<string>();
  for (let first = 0; first < 200; first++) {
    for (let second = 0; second < 200; second++) mixes.add(mixOf({ key: `${first}`, block: second }));
  }
  expect(mixes.size).toBe(40_000);
});
