import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';

/** What such packages are usually cut into: many pieces even for a small one. */
const pieceBytes = 256 * 1024;

/** A version 1 torrent of one file, as bytes. */
export async function torrentOf(file: string, announceUrl: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const piece = Buffer.alloc(pieceBytes);
    const hashes: Buffer[] = [];
    for (let at = 0; at < size; at += pieceBytes) {
      const { bytesRead } = await handle.read(piece, 0, pieceBytes, at);
      hashes.push(createHash('sha1').update(piece.subarray(0, bytesRead)).digest());
    }
    const info = { length: size, name: path.basename(file), 'piece length': pieceBytes, pieces: Buffer.concat(hashes) };
    return bencoded({ announce: announceUrl, info });
  } finally {
    await handle.close();
  }
}

type Value = number | string | Buffer | { readonly [key: string]: Value };

function bencoded(value: Value): Buffer {
  if (typeof value === 'number') return Buffer.from(`i${value}e`);
  if (typeof value === 'string') return bencoded(Buffer.from(value));
  if (Buffer.isBuffer(value)) return Buffer.concat([Buffer.from(`${value.length}:`), value]);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([
    Buffer.from('d'),
    ...entries.flatMap(([key, entry]) => [bencoded(key), bencoded(entry)]),
    Buffer.from('e'),
  ]);
}
