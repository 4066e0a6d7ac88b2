import { appendFile, open, readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import { onceIn, oneOf, randomBytesOf } from '../support/choices.ts';

export type Damage =
  | 'none'
  | 'torn journal'
  | 'foreign record'
  | 'truncated file'
  | 'zeroed region'
  | 'torn decision journal';

/** What a power failure, or a disk that does not keep its word, may leave. Gives what was done. */
export async function damage(random: Xoshiro128, agentFolder: string, key: string): Promise<Damage> {
  const folder = path.join(agentFolder, 'packages', key);
  const journal = path.join(folder, 'blocks.journal');
  const journalBytes = await sizeOf(journal);
  const files = await filesOf(folder);
  switch (random.below(8)) {
    case 0:
      if (journalBytes < 12) return 'none';
      if (onceIn(random, 2)) await truncate(journal, journalBytes - 1 - random.below(11));
      else await appendFile(journal, randomBytesOf(random, 1 + random.below(11)));
      return 'torn journal';
    case 1:
      if (journalBytes === 0) return 'none';
      await appendFile(journal, randomBytesOf(random, 12));
      return 'foreign record';
    case 2: {
      if (files.length === 0) return 'none';
      const file = oneOf(random, files);
      await truncate(file, random.below(Math.max(await sizeOf(file), 1)));
      return 'truncated file';
    }
    case 3: {
      if (files.length === 0) return 'none';
      const file = oneOf(random, files);
      const handle = await open(file, 'r+');
      const size = await sizeOf(file);
      const length = Math.min(size, 4096 * (1 + random.below(64)));
      await handle.write(Buffer.alloc(length), 0, length, random.below(size - length + 1));
      await handle.close();
      return 'zeroed region';
    }
    case 4:
      await appendFile(path.join(agentFolder, 'decision-journal.jsonl'), '{"sequence":');
      return 'torn decision journal';
    default:
      return 'none';
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Of the package, with something in them. */
async function filesOf(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const place of ['part', 'files']) {
    const entries = await readdir(path.join(folder, place), { withFileTypes: true, recursive: true }).catch(() => []);
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile() && (await sizeOf(file)) > 0) found.push(file);
    }
  }
  return found.sort();
}
