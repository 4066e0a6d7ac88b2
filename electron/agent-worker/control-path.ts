import { createHash } from 'node:crypto';
import path from 'node:path';

/** What every system takes as the path of a socket (macOS: 104 bytes with the end). */
const maxSocketPathBytes = 103;

/** Where a running agent takes words of the person at its computer; null where the data folder lies too deep for that. */
export function controlPathOf(dataFolder: string, platform: NodeJS.Platform = process.platform): string | null {
  const folder = path.resolve(dataFolder);
  if (platform === 'win32') {
    const digest = createHash('sha256').update(folder.toLowerCase()).digest('hex');
    return `\\\\.\\pipe\\fanout-agent-${digest.slice(0, 32)}`;
  }
  const socketPath = path.join(folder, 'control.sock');
  return Buffer.byteLength(socketPath) > maxSocketPathBytes ? null : socketPath;
}
