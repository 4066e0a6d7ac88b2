import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { Snapshot } from '../../shared/contracts/snapshot.ts';
import { readExactly, writeAllAt, writeFileDurably } from './durable-files.ts';

/**
 * Which blocks of a package are on disk, as a file that only grows: a record is the block number (4 bytes) and the first
 * 8 bytes of the block's SHA-256. A torn or foreign record does not match the snapshot and counts for nothing.
 */
const recordBytes = 12;
const hashDigits = 16;

export class BlockJournal {
  readonly #handle: FileHandle;
  readonly #snapshot: Snapshot;
  /** Behind the last whole record. What a failed write has left there is written over. */
  #endBytes: number;

  private constructor(handle: FileHandle, snapshot: Snapshot, endBytes: number) {
    this.#handle = handle;
    this.#snapshot = snapshot;
    this.#endBytes = endBytes;
  }

  /** Opens or creates the journal. New records stand behind the last whole one, so that they are found. */
  static async open(file: string, snapshot: Snapshot): Promise<BlockJournal> {
    const handle = await open(file, constants.O_RDWR | constants.O_CREAT);
    const { size } = await handle.stat();
    return new BlockJournal(handle, snapshot, size - (size % recordBytes));
  }

  /** Replaces a journal that says more than there is; after a crash the old or the new one is there. */
  static async replace(file: string, snapshot: Snapshot, blocks: BlockSet): Promise<void> {
    const numbers: number[] = [];
    for (const [first, end] of blocks.ranges()) for (let block = first; block < end; block++) numbers.push(block);
    await writeFileDurably(file, recordsOf(snapshot, numbers));
  }

  async read(): Promise<BlockSet> {
    const blocks = new BlockSet(this.#snapshot.blockHashes.length);
    const bytes = Buffer.alloc(this.#endBytes);
    await readExactly(this.#handle, bytes, 0);
    for (let at = 0; at < bytes.length; at += recordBytes) {
      const block = bytes.readUInt32BE(at);
      const expected = this.#snapshot.blockHashes[block]?.slice(0, hashDigits);
      if (bytes.toString('hex', at + 4, at + recordBytes) === expected) blocks.add(block);
    }
    return blocks;
  }

  /** Durable when it resolves. The blocks themselves must be durable before. */
  async append(blocks: readonly number[]): Promise<void> {
    const bytes = recordsOf(this.#snapshot, blocks);
    await writeAllAt(this.#handle, [bytes], this.#endBytes);
    await this.#handle.datasync();
    this.#endBytes += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

function recordsOf(snapshot: Snapshot, blocks: readonly number[]): Buffer {
  const bytes = Buffer.alloc(blocks.length * recordBytes);
  blocks.forEach((block, index) => {
    bytes.writeUInt32BE(block, index * recordBytes);
    bytes.write(snapshot.blockHashes[block]?.slice(0, hashDigits) ?? '', index * recordBytes + 4, 'hex');
  });
  return bytes;
}

/** How many blocks a journal says are on disk, for whoever looks at the folder of an agent that does not run. */
export async function countJournalledBlocks(file: string): Promise<number> {
  const bytes = await readFile(file);
  const blocks = new Set<number>();
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) blocks.add(bytes.readUInt32BE(at));
  return blocks.size;
}
