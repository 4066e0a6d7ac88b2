import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockRange } from '../../shared/base/block-set.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import { holds } from '../helpers/properties.ts';

interface Step {
  readonly kind: 'add' | 'delete' | 'range';
  readonly first: number;
  readonly end: number;
}

const sizes = fc.integer({ min: 0, max: 200 });
const sizeAndSteps = sizes.chain((size) =>
  fc.tuple(
    fc.constant(size),
    fc.array(
      fc.record({
        kind: size === 0 ? fc.constant('range' as const) : fc.constantFrom('add', 'delete', 'range'),
        first: fc.integer({ min: 0, max: Math.max(0, size - 1) }),
        end: fc.integer({ min: -10, max: size + 10 }),
      }),
      { maxLength: 40 },
    ),
  ),
);

/** The same steps on a plain set of numbers. */
function modelOf(size: number, steps: readonly Step[]): Set<number> {
  const model = new Set<number>();
  for (const { kind, first, end } of steps) {
    if (kind === 'add') model.add(first);
    else if (kind === 'delete') model.delete(first);
    else for (let block = first; block < Math.min(size, end); block++) model.add(block);
  }
  return model;
}

function setOf(size: number, steps: readonly Step[]): BlockSet {
  const set = new BlockSet(size);
  for (const { kind, first, end } of steps) {
    if (kind === 'add') set.add(first);
    else if (kind === 'delete') set.delete(first);
    else set.addRange([first, end]);
  }
  return set;
}

function membersOf(set: BlockSet): number[] {
  return Array.from({ length: set.size }, (_, block) => block).filter((block) => set.has(block));
}

describe('a block set', () => {
  it('holds and counts what a set of numbers would', () => {
    holds(
      fc.property(sizeAndSteps, ([size, steps]) => {
        const set = setOf(size, steps);
        const expected = [...modelOf(size, steps)].sort((a, b) => a - b);
        expect(membersOf(set)).toEqual(expected);
        expect(set.count).toBe(expected.length);
        expect(set.isFull).toBe(expected.length === size);
      }),
    );
  });

  it('comes back the same from its ranges, which are ascending, disjoint and as long as can be', () => {
    holds(
      fc.property(sizeAndSteps, ([size, steps]) => {
        const set = setOf(size, steps);
        const ranges = set.ranges();
        expect(membersOf(BlockSet.fromRanges(size, ranges))).toEqual(membersOf(set));
        let previousEnd = -1;
        for (const [first, end] of ranges) {
          expect(first).toBeGreaterThan(previousEnd);
          expect(end).toBeGreaterThan(first);
          previousEnd = end;
        }
      }),
    );
  });

  it('cuts ranges from the network to its size, whatever numbers they hold', () => {
    const hostile = fc.array(fc.tuple(fc.integer(), fc.integer()), { maxLength: 20 });
    holds(
      fc.property(sizes, hostile, (size, ranges: BlockRange[]) => {
        const set = BlockSet.fromRanges(size, ranges);
        expect(set.count).toBe(membersOf(set).length);
        expect(set.has(size)).toBe(false);
        expect(set.has(-1)).toBe(false);
      }),
    );
  });

  it('says whether a block was new, and whether one was there', () => {
    const set = new BlockSet(40);
    expect([set.add(33), set.add(33), set.delete(33), set.delete(33)]).toEqual([true, false, true, false]);
    expect(set.count).toBe(0);
  });

  it('refuses blocks that the package does not have', () => {
    const set = new BlockSet(10);
    expect(() => set.add(10)).toThrow();
    expect(() => set.add(-1)).toThrow();
    expect(set.count).toBe(0);
  });

  it('is independent of its clone', () => {
    const set = BlockSet.fromRanges(64, [[3, 9]]);
    const copy = set.clone();
    copy.add(50);
    set.clear();
    expect(set.ranges()).toEqual([]);
    expect(copy.ranges()).toEqual([
      [3, 9],
      [50, 51],
    ]);
  });

  it('takes over all blocks of another', () => {
    holds(
      fc.property(sizeAndSteps, fc.array(fc.nat(199)), ([size, steps], more) => {
        const set = setOf(size, steps);
        const other = new BlockSet(size);
        for (const block of more) if (block < size) other.add(block);
        const expected = new Set([...membersOf(set), ...membersOf(other)]);
        set.addAll(other);
        expect(membersOf(set)).toEqual([...expected].sort((a, b) => a - b));
        expect(set.count).toBe(expected.size);
      }),
    );
  });

  it('compares with another as sets of numbers do', () => {
    holds(
      fc.property(sizeAndSteps, fc.array(fc.nat(199)), ([size, steps], more) => {
        const set = setOf(size, steps);
        const other = new BlockSet(size);
        for (const block of more) if (block < size) other.add(block);
        const mine = new Set(membersOf(set));
        const theirs = new Set(membersOf(other));
        const all = Array.from({ length: size }, (_, block) => block);
        expect(set.containsAll(other)).toBe([...theirs].every((block) => mine.has(block)));
        expect(set.countWithout(other)).toBe([...mine].filter((block) => !theirs.has(block)).length);
        expect(set.isFullWith(other)).toBe(all.every((block) => mine.has(block) || theirs.has(block)));
        expect([...set.missing()]).toEqual(all.filter((block) => !mine.has(block)));
        const third = new BlockSet(size);
        third.addRange([0, 7]);
        const expected = all.filter((block) => mine.has(block) && !theirs.has(block) && block >= 7);
        expect(set.without(other, third)).toEqual(expected);
        const absent = Array.from({ length: set.size }, (_, block) => block).filter(
          (block) => !set.has(block) && !other.has(block) && !third.has(block),
        );
        expect(set.missingWith(other, third)).toEqual(absent);
      }),
    );
  });

  it('is full from the start where the package has no blocks', () => {
    expect(new BlockSet(0).isFull).toBe(true);
    expect(BlockSet.full(33).isFull).toBe(true);
  });
});
