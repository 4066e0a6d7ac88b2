import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { Snapshot } from '../../shared/contracts/snapshot.ts';
import { readExactly, writeAllAt, writeFileDurably } from './durable-files.ts';

/**
 * Which blocks of a package are on disk, as a file that only grows: a record is the block number (4 bytes) and the first
 * 8 bytes of the block's SHA-256. A torn or foreign record does not match the snapshot and counts for nothing. A record
 * whose number has `takenBack` added says that the block is not there after all: it was found damaged.
 */
const recordBytes = 12;
const hashDigits = 16;
const takenBack = 0x80000000;

export class BlockJournal {
  readonly #handle: FileHandle;
  readonly #snapshot: Snapshot;
  /** Behind the last whole record. What a failed write has left there is written over. */
  #endBytes: number;
  #lastWrite: Promise<void> = Promise.resolve();

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
      const number = bytes.readUInt32BE(at);
      const block = number % takenBack;
      const expected = this.#snapshot.blockHashes[block]?.slice(0, hashDigits);
      if (bytes.toString('hex', at + 4, at + recordBytes) !== expected) continue;
      if (number === block) blocks.add(block);
      else blocks.delete(block);
    }
    return blocks;
  }

  /** Durable when it resolves. The blocks themselves must be durable before. */
  append(blocks: readonly number[]): Promise<void> {
    return this.#write(recordsOf(this.#snapshot, blocks));
  }

  /** The block is held no longer; durable when it resolves. */
  takeBack(block: number): Promise<void> {
    const bytes = recordsOf(this.#snapshot, [block]);
    bytes.writeUInt32BE(block + takenBack, 0);
    return this.#write(bytes);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** One at a time: each stands behind the one before. */
  #write(bytes: Buffer): Promise<void> {
    const written = this.#lastWrite.then(async () => {
      await writeAllAt(this.#handle, [bytes], this.#endBytes);
      await this.#handle.datasync();
      this.#endBytes += bytes.length;
    });
    // The caller is told of a failure; the next write stands where this one was to stand.
    this.#lastWrite = written.catch(() => undefined);
    return written;
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
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const number = bytes.readUInt32BE(at);
    if (number < takenBack) blocks.add(number);
    else blocks.delete(number - takenBack);
  }
  return blocks.size;
}
