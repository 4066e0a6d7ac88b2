import { readdir, readFile, readlink } from 'node:fs/promises';

export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Tells two processes of the same pid apart: the start time in the kernel's ticks on Linux, '' elsewhere. Without it a
 * lock that outlived a reboot would be taken for a running server.
 */
export async function processStartMark(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22; the name in field 2 may hold spaces and parentheses, so count from its last one.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Of each protocol: its tables, and the state of a socket that takes what comes to its port (0A = LISTEN, 07 = bound). */
const socketTables = {
  tcp: { files: ['/proc/net/tcp', '/proc/net/tcp6'], state: '0A' },
  udp: { files: ['/proc/net/udp', '/proc/net/udp6'], state: '07' },
} as const;

/** The process that listens on a port, where the system tells it for free (Linux); else null. */
export async function pidOfListener(port: number, protocol: keyof typeof socketTables = 'tcp'): Promise<number | null> {
  const inodes = new Set<string>();
  for (const table of socketTables[protocol].files) {
    const text = await readFile(table, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [, local = '', , state, , , , , , inode = ''] = fields;
      const isThere = state === socketTables[protocol].state && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
      if (isThere) inodes.add(`socket:[${inode}]`);
    }
  }
  if (inodes.size === 0) return null;
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    for (const descriptor of await readdir(`/proc/${name}/fd`).catch(() => [])) {
      const target = await readlink(`/proc/${name}/fd/${descriptor}`).catch(() => '');
      if (inodes.has(target)) return Number(name);
    }
  }
  return null;
}
