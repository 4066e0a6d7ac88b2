import { describe, expect, it, test } from 'vitest';
import {
  agentsNamed,
  emptyFilter,
  filterKinds,
  rowsOf,
  targetOf,
  targetProblems,
} from '../../renderer/components/target-rows.ts';
import type { Target } from '../../shared/contracts/targets.ts';

const sites = { kind: 'sites', siteIds: ['a'], withChildren: true } as const;
const target: Target = {
  kind: 'rows',
  first: { kind: 'sites', siteIds: ['a'], withChildren: true },
  next: [
    { operation: 'intersect', filter: { kind: 'tags', tags: ['lab'] } },
    { operation: 'except', filter: { kind: 'names', patterns: ['KIOSK-*'] } },
  ],
};

describe('the rows of a target', () => {
  test('are the target again, and one row alone is its filter', () => {
    expect(targetOf(rowsOf(target))).toEqual(target);
    expect(targetOf(rowsOf({ kind: 'all' }))).toEqual({ kind: 'all' });
    expect(targetOf(rowsOf(target).slice(0, 1))).toEqual(sites);
  });

  test('lose the first one without losing how the next counts', () => {
    expect(targetOf(rowsOf(target).slice(1))).toEqual({
      kind: 'rows',
      first: { kind: 'tags', tags: ['lab'] },
      next: [{ operation: 'except', filter: { kind: 'names', patterns: ['KIOSK-*'] } }],
    });
  });
});

it('says what is wrong in which row, and in which line of a list', () => {
  const wrong = targetOf([
    ...rowsOf({ kind: 'subnets', subnets: ['10.1.0.0/16', '10.1.2.3/16'] }),
    { operation: 'union', filter: { kind: 'tags', tags: ['lab'] } },
    { operation: 'except', filter: emptyFilter('names') },
  ]);
  const problems = targetProblems(wrong);
  expect([...problems.keys()]).toEqual([0, 2]);
  expect(problems.get(0)).toMatch(/^Line 2: /);
  expect(problems.get(2)).toBe('List at least one name pattern.');
  expect(targetProblems(target).size).toBe(0);
});

it('begins every kind of row but all agents with something to fill in', () => {
  const complete = filterKinds.filter((kind) => targetProblems(emptyFilter(kind)).size === 0);
  expect(complete).toEqual(['all']);
});

it('finds the computers of a pasted list by name or address, and says which it does not know', () => {
  const agents = [
    { name: 'PC-1', address: '10.1.0.1' },
    { name: 'PC-2', address: '10.1.0.2' },
    { name: 'pc-1', address: '10.2.0.1' },
  ];
  const { found, unknown } = agentsNamed(['pc-1', '10.1.0.2', 'PC-9'], agents);
  expect(found.map(({ address }) => address)).toEqual(['10.1.0.1', '10.2.0.1', '10.1.0.2']);
  expect(unknown).toEqual(['PC-9']);
});
