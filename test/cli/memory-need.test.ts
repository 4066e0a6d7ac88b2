import { expect, it } from 'vitest';
import { memoryProblem, ownMemoryLimits } from '../../electron/cli/simulate/memory-need.ts';

const gibibyte = 1_073_741_824;
const ofHeap = (heapBytes: number) => ({ heapBytes, mappings: Number.POSITIVE_INFINITY });

it('lets an organisation be simulated that fits into the memory', () => {
  expect(memoryProblem(5000, ofHeap(gibibyte))).toBeNull();
  expect(memoryProblem(54_000, { heapBytes: 8 * gibibyte, mappings: 65_530 })).toBeNull();
});

it('says how much memory it would take, and how large a part of it fits', () => {
  expect(memoryProblem(54_000, ofHeap(4 * gibibyte))).toBe(
    '54,000 agents need about 6.2 GiB of memory, and this process may use 4.0 GiB. ' +
      'Draw a part of the organisation: --sample 34000.',
  );
  expect(memoryProblem(200_000, ofHeap(gibibyte / 8))).toContain('--sample 1092.');
});

it('says what to raise where there is memory enough, and the system does not let it be mapped', () => {
  const limits = { heapBytes: 48 * gibibyte, mappings: 65_530 };
  expect(memoryProblem(200_000, limits)).toBe(
    '200,000 agents need about 22.9 GiB of memory, and the system lets a process map 16.0 GiB of such memory. ' +
      'Raise vm.max_map_count to 117188 with sysctl, as root. Draw a part of the organisation: --sample 139000 otherwise.',
  );
  expect(memoryProblem(139_000, limits)).toBeNull();
  expect(memoryProblem(200_000, { ...limits, mappings: 117_188 })).toBeNull();
});

it('advises a part that it lets be simulated', () => {
  for (const memoryBytes of [gibibyte / 16, gibibyte, 3.7 * gibibyte]) {
    const advised = Number(/--sample (\d+)/.exec(memoryProblem(1_000_000, ofHeap(memoryBytes)) ?? '')?.[1]);
    expect(memoryProblem(advised, ofHeap(memoryBytes))).toBeNull();
  }
});

it('knows what this process may use', async () => {
  const { heapBytes, mappings } = await ownMemoryLimits();
  expect(heapBytes).toBeGreaterThan(gibibyte / 16);
  expect(mappings).toBeGreaterThan(1000);
});
