import { readFile } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import { bytesPerAgent } from '../../sim-worker/thread-plan.ts';

const gibibyte = 1_073_741_824;
/** V8 maps its heap in pieces of so many bytes. */
const bytesPerMapping = 262_144;

/** What this process may use. */
export interface MemoryLimits {
  readonly heapBytes: number;
  /** Pieces of memory that the system lets a process map; Infinity where it does not count them. */
  readonly mappings: number;
}

export async function ownMemoryLimits(): Promise<MemoryLimits> {
  return { heapBytes: getHeapStatistics().heap_size_limit, mappings: await mostMappings() };
}

/**
 * Why so many agents cannot be simulated, in sentences; null where they can. A process that comes to the end of its memory is
 * ended after many minutes, and has said nothing.
 */
export function memoryProblem(agents: number, { heapBytes, mappings }: MemoryLimits): string | null {
  const memoryBytes = Math.min(heapBytes, mappings * bytesPerMapping);
  const neededBytes = agents * bytesPerAgent;
  if (neededBytes <= memoryBytes) return null;
  const possible = Math.floor(memoryBytes / bytesPerAgent);
  const sample = possible >= 2000 ? Math.floor(possible / 1000) * 1000 : possible;
  const needed = `${agents.toLocaleString('en-US')} agents need about ${(neededBytes / gibibyte).toFixed(1)} GiB of memory`;
  const draw = `Draw a part of the organisation: --sample ${sample}`;
  if (heapBytes < neededBytes) {
    return `${needed}, and this process may use ${(heapBytes / gibibyte).toFixed(1)} GiB. ${draw}.`;
  }
  return (
    `${needed}, and the system lets a process map ${(memoryBytes / gibibyte).toFixed(1)} GiB of such memory. ` +
    `Raise vm.max_map_count to ${Math.ceil((1.25 * neededBytes) / bytesPerMapping)} with sysctl, as root. ${draw} otherwise.`
  );
}

async function mostMappings(): Promise<number> {
  if (process.platform !== 'linux') return Number.POSITIVE_INFINITY;
  const text = await readFile('/proc/sys/vm/max_map_count', 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
