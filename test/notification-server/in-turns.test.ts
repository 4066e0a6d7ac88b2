import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonInTurns, ListInTurns } from '../../electron/notification-server/console/json-in-turns.ts';
import { sortedInTurns } from '../../electron/notification-server/console/sorted-in-turns.ts';

async function textOf(value: unknown): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of jsonInTurns(value)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

it('a long list becomes the same text as at once', async () => {
  for (const length of [0, 1, 100, 101, 200, 234]) {
    const list = Array.from({ length }, (_value, index) => ({ index, name: `é "${index}"` }));
    expect(await textOf(list)).toBe(JSON.stringify(list));
    const made = ListInTurns.of([...list.keys()], (index) => list[index]);
    expect(await textOf(made)).toBe(JSON.stringify(list));
  }
  expect(await textOf({ a: [1] })).toBe('{"a":[1]}');
  expect(await textOf(null)).toBe('null');
});

it('makes no more of a list than is taken', async () => {
  let made = 0;
  const list = ListInTurns.of(Array(10_000).fill(0), () => made++);
  const pieces = jsonInTurns(list);
  await pieces.next();
  expect(made).toBeLessThan(1000);
  await pieces.return(undefined);
  expect(made).toBeLessThan(1000);
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
  await textOf(sorted);
  isOver = true;
  expect(turnsOfSorting).toBeGreaterThan(10);
  expect(turns - turnsOfSorting).toBeGreaterThan(10);
});
