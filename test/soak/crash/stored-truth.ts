import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SignedSnapshot, Snapshot } from '../../../shared/contracts/snapshot.ts';

/** What an agent that does not run has on disk of a package, read without the product's code. */
export interface StoredTruth {
  readonly isFinished: boolean;
  /** Blocks that the journal claims. */
  readonly claimed: readonly number[];
  /** Of those, the ones whose bytes are not what the package has there. */
  readonly wrong: readonly number[];
}

const recordBytes = 12;

/** Null where the agent has nothing of the package yet. */
export async function storedTruth(packageFolder: string, content: Buffer): Promise<StoredTruth | null> {
  const text = await readFile(path.join(packageFolder, 'snapshot.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const { payload } = JSON.parse(text) as SignedSnapshot;
  const snapshot = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as Snapshot;
  const journal = await readFile(path.join(packageFolder, 'blocks.journal')).catch(() => Buffer.alloc(0));
  const isFinished = (await readFile(path.join(packageFolder, 'finished')).catch(() => null)) !== null;
  const claimed = isFinished ? snapshot.blockHashes.map((_, block) => block) : blocksOf(journal, snapshot);
  const stored = await storedContent(packageFolder, snapshot);
  const { blockSizeBytes } = snapshot;
  const wrong = claimed.filter((block) => {
    const [from, end] = [block * blockSizeBytes, (block + 1) * blockSizeBytes];
    return !stored.subarray(from, end).equals(content.subarray(from, end));
  });
  return { isFinished, claimed, wrong };
}

function blocksOf(journal: Buffer, { blockHashes }: Snapshot): number[] {
  const blocks = new Set<number>();
  for (let at = 0; at + recordBytes <= journal.length; at += recordBytes) {
    const block = journal.readUInt32BE(at);
    const hash = journal.toString('hex', at + 4, at + recordBytes);
    if (blockHashes[block]?.startsWith(hash)) blocks.add(block);
    // A record of a block that was found damaged takes it back.
    if (block >= 2 ** 31) blocks.delete(block - 2 ** 31);
  }
  return [...blocks].sort((a, b) => a - b);
}

/** What lies in `files/`, or in `part/`, in the order of the snapshot; zeros where there is nothing. */
async function storedContent(packageFolder: string, { files, totalSizeBytes }: Snapshot): Promise<Buffer> {
  const content = Buffer.alloc(totalSizeBytes);
  for (const file of files) {
    for (const folder of ['files', 'part']) {
      const bytes = await readFile(path.join(packageFolder, folder, file.path)).catch(() => null);
      if (bytes === null) continue;
      bytes.copy(content, file.offsetBytes);
      break;
    }
  }
  return content;
}
