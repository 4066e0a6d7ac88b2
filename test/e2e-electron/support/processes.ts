/** Processes and their children as the system sees them. Linux only, as the runs with a virtual display are. */
import { readdirSync, readFileSync } from 'node:fs';
import { vi } from 'vitest';

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** `Z` = ended, and only its parent has not taken note. */
  readonly state: string;
}

/** proc(5): pid, name in parentheses (which may hold anything), state, parent. */
function readStat(pid: string): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid: Number(pid), parent: Number(parent), state };
  } catch {
    return null; // it has ended since the folder was read
  }
}

function runningProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((stat) => stat !== null)
    .filter((stat) => stat.state !== 'Z');
}

/** Children, their children and so on. */
export function descendantsOf(pid: number): number[] {
  const processes = runningProcesses();
  const found = new Set([pid]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    for (const process of processes) if (found.has(process.parent)) found.add(process.pid);
  }
  found.delete(pid);
  return [...found];
}

export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended
  }
}

/** Waits until none of them runs any more; fails naming those that do. */
export async function waitForEnd(pids: readonly number[], withinMs = 30_000): Promise<void> {
  await vi.waitFor(
    () => {
      const running = new Set(runningProcesses().map((process) => process.pid));
      const left = pids.filter((pid) => running.has(pid));
      if (left.length > 0) throw new Error(`still running: ${left.map((pid) => `${pid} ${commandLineOf(pid)}`)}`);
    },
    { timeout: withinMs, interval: 50 },
  );
}
