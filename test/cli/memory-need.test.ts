import { expect, it } from 'vitest';
import { memoryProblem } from '../../electron/cli/simulate/memory-need.ts';

const gibibyte = 1_073_741_824;

it('lets an organisation be simulated that fits into the memory', () => {
  expect(memoryProblem(5000, gibibyte)).toBeNull();
  expect(memoryProblem(54_000, 8 * gibibyte)).toBeNull();
});

it('says how much memory it would take, and how large a part of it fits', () => {
  expect(memoryProblem(54_000, 4 * gibibyte)).toBe(
    '54,000 agents need about 6.2 GiB of memory, and this process may use 4.0 GiB. ' +
      'Draw a part of the organisation: --sample 34000.',
  );
  expect(memoryProblem(200_000, gibibyte / 8)).toContain('--sample 1092.');
});

it('advises a part that it lets be simulated', () => {
  for (const memoryBytes of [gibibyte / 16, gibibyte, 3.7 * gibibyte]) {
    const advised = Number(/--sample (\d+)/.exec(memoryProblem(1_000_000, memoryBytes) ?? '')?.[1]);
    expect(memoryProblem(advised, memoryBytes)).toBeNull();
  }
});
