import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonInTurns } from '../../electron/notification-server/console/json-in-turns.ts';
import { sortedInTurns } from '../../electron/notification-server/console/sorted-in-turns.ts';

it('a long list becomes the same text as at once', async () => {
  for (const length of [0, 1, 500, 501, 1000, 1234]) {
    const list = Array.from({ length }, (_value, index) => ({ index, name: `é "${index}"` }));
    expect((await jsonInTurns(list)).toString()).toBe(JSON.stringify(list));
  }
  expect((await jsonInTurns({ a: [1] })).toString()).toBe('{"a":[1]}');
  expect((await jsonInTurns(null)).toString()).toBe('null');
});

it('sorts as at once, and keeps the order of equal elements', async () => {
  const lists = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 9000, size: 'max' });
  await fc.assert(
    fc.asyncProperty(lists, async (keys) => {
      const elements = keys.map((key, index) => ({ key, index }));
      const sorted = await sortedInTurns(elements, (a, b) => a.key < b.key);
      expect(sorted).toEqual(elements.toSorted((a, b) => a.key - b.key));
    }),
    { numRuns: 20 },
  );
});

it('lets others in while it works', async () => {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const list = Array.from({ length: 20_000 }, (_value, index) => ({ index: (index * 7919) % 20_000 }));
  const sorted = await sortedInTurns(list, (a, b) => a.index < b.index);
  const turnsOfSorting = turns;
  await jsonInTurns(sorted);
  isOver = true;
  expect(turnsOfSorting).toBeGreaterThan(10);
  expect(turns - turnsOfSorting).toBeGreaterThan(10);
});
