import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

const chunkBytes = 256 * 1024;

/** Copies a file, readable by its owner only, waits for the disk, and returns what was copied. */
export async function copyFile(
  from: string,
  to: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      const chunk = Buffer.allocUnsafe(chunkBytes);
      let bytes = 0;
      for (;;) {
        const { bytesRead } = await source.read(chunk, 0, chunkBytes, bytes);
        if (bytesRead === 0) break;
        const read = chunk.subarray(0, bytesRead);
        hash.update(read);
        for (let at = 0; at < bytesRead; ) at += (await target.write(read, at)).bytesWritten;
        bytes += bytesRead;
        onBytes(bytesRead);
      }
      await target.sync();
      return { bytes, sha256: hash.digest('hex') };
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
