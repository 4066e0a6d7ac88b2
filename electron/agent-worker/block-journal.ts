import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { Snapshot } from '../../shared/contracts/snapshot.ts';

/**
 * Which blocks of a package are on disk, as a file that only grows: a record is the block number (4 bytes) and the first
 * 8 bytes of the block's SHA-256. A torn or foreign record does not match the snapshot and counts for nothing.
 */
const recordBytes = 12;
const hashDigits = 16;

export class BlockJournal {
  readonly #handle: FileHandle;
  readonly #snapshot: Snapshot;

  private constructor(handle: FileHandle, snapshot: Snapshot) {
    this.#handle = handle;
    this.#snapshot = snapshot;
  }

  /** Opens or creates the journal, cut behind its last whole record, so that new records stand where they are looked for. */
  static async open(file: string, snapshot: Snapshot): Promise<BlockJournal> {
    const handle = await open(file, 'a+');
    const { size } = await handle.stat();
    if (size % recordBytes !== 0) await handle.truncate(size - (size % recordBytes));
    return new BlockJournal(handle, snapshot);
  }

  async read(): Promise<BlockSet> {
    const blocks = new BlockSet(this.#snapshot.blockHashes.length);
    const { size } = await this.#handle.stat();
    const bytes = Buffer.alloc(size - (size % recordBytes));
    await this.#handle.read(bytes, 0, bytes.length, 0);
    for (let at = 0; at < bytes.length; at += recordBytes) {
      const block = bytes.readUInt32BE(at);
      const expected = this.#snapshot.blockHashes[block]?.slice(0, hashDigits);
      if (bytes.toString('hex', at + 4, at + recordBytes) === expected) blocks.add(block);
    }
    return blocks;
  }

  /** Durable when it resolves. The blocks themselves must be durable before. */
  async append(blocks: readonly number[]): Promise<void> {
    const bytes = Buffer.alloc(blocks.length * recordBytes);
    blocks.forEach((block, index) => {
      bytes.writeUInt32BE(block, index * recordBytes);
      bytes.write(this.#snapshot.blockHashes[block]?.slice(0, hashDigits) ?? '', index * recordBytes + 4, 'hex');
    });
    await this.#handle.appendFile(bytes);
    await this.#handle.datasync();
  }

  async clear(): Promise<void> {
    await this.#handle.truncate(0);
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** How many blocks a journal says are on disk, for whoever looks at the folder of an agent that does not run. */
export async function countJournalledBlocks(file: string): Promise<number> {
  const bytes = await readFile(file);
  const blocks = new Set<number>();
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) blocks.add(bytes.readUInt32BE(at));
  return blocks.size;
}
