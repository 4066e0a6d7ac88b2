import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

/** A file in which no two blocks are the same. */
export async function writeRandomFile(file: string, sizeBytes: number): Promise<void> {
  const buffer = Buffer.alloc(1024 * 1024);
  const handle = await open(file, 'w');
  try {
    for (let left = sizeBytes; left > 0; left -= buffer.length) {
      randomFillSync(buffer);
      await handle.write(buffer, 0, Math.min(left, buffer.length));
    }
  } finally {
    await handle.close();
  }
}
