/** Measured among 200 in a subnet: 100 KiB are in use, and some more wait to be collected. */
const bytesPerAgent = 120 * 1024;
const gibibyte = 1_073_741_824;

/**
 * Why so many agents cannot be simulated, in sentences; null where they can. A process that comes to the end of its memory is
 * ended after many minutes, and has said nothing.
 *
 * @param memoryBytes what this process may use
 */
export function memoryProblem(agents: number, memoryBytes: number): string | null {
  const needed = agents * bytesPerAgent;
  if (needed <= memoryBytes) return null;
  const possible = Math.floor(memoryBytes / bytesPerAgent);
  const sample = possible >= 2000 ? Math.floor(possible / 1000) * 1000 : possible;
  return (
    `${agents.toLocaleString('en-US')} agents need about ${(needed / gibibyte).toFixed(1)} GiB of memory, and this process may ` +
    `use ${(memoryBytes / gibibyte).toFixed(1)} GiB. Draw a part of the organisation: --sample ${sample}.`
  );
}
