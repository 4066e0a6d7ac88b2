import { appendFile, mkdir, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import type { StoredPackage } from '../../electron/agent-worker/stored-package.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { TemporaryFolder, TestPackage } from '../support/agent-fixtures.ts';
import { makePackage, silentLogger, TestAuthority, temporaryFolder } from '../support/agent-fixtures.ts';

const blockSize = 65_536;

describe('a package on disk', () => {
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let made: TestPackage;
  let stores: BlockStore[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    authority = await TestAuthority.create();
    made = makePackage([{ path: 'a/package.bin', sizeBytes: 5 * blockSize + 1 }], blockSize);
    stores = [];
  });

  afterEach(async () => {
    for (const store of stores) await store.close();
    await folder.remove();
  });

  const openStore = async () => {
    const store = new BlockStore(folder.path, snapshotKeyOf(authority.snapshotPublicKey), silentLogger);
    stores.push(store);
    return { store, restored: await store.restore() };
  };

  const keptPackage = async (of = made): Promise<StoredPackage> => {
    const { store } = await openStore();
    const stored = await store.keepSnapshot(of.snapshot, authority.sign(of.snapshot));
    await stored.open();
    return stored;
  };

  const restoredBlocks = async () => (await openStore()).restored[0]?.blocks.ranges() ?? null;
  const file = (name: string): string => path.join(folder.path, packageKeyOf(made.snapshot.guid, '1.0'), name);
  const writeAll = async (stored: StoredPackage, of = made): Promise<void> => {
    for (let block = 0; block < stored.manifest.blockCount; block++) {
      expect(await stored.writeBlock(block, [of.blockBytes(block)])).toEqual({ ok: true, value: undefined });
    }
  };

  describe('with a block that the disk has changed since', () => {
    const damageBlock = async (name: string, block: number): Promise<void> => {
      const bytes = await readFile(file(name));
      bytes.fill(0, block * blockSize, block * blockSize + 100);
      await writeFile(file(name), bytes);
    };
    const reopened = async (): Promise<StoredPackage> => {
      const stored = (await openStore()).store.find(packageKeyOf(made.snapshot.guid, '1.0'));
      if (stored === undefined) throw new Error('the package is gone');
      return stored;
    };

    it('notes every damaged block of a finished package, also those that are found at the same time', async () => {
      const before = await keptPackage();
      await writeAll(before);
      expect(await before.finish()).toMatchObject({ ok: true });
      for (const block of [1, 3, 4]) await damageBlock('files/a/package.bin', block);
      const stored = await reopened();
      expect(await Promise.all([1, 3, 4].map((block) => stored.isSound(block)))).toEqual([false, false, false]);
      expect((await reopened()).blocks.ranges()).toEqual([
        [0, 1],
        [2, 3],
        [5, 6],
      ]);
    });

    it('lets the block not leave, and fetches just that one again', async () => {
      const before = await keptPackage();
      for (const block of [0, 2, 3]) await before.writeBlock(block, [made.blockBytes(block)]);
      await damageBlock('part/a/package.bin', 2);
      const stored = await reopened();
      expect(await Promise.all([0, 1, 2, 3].map((block) => stored.isSound(block)))).toEqual([true, false, false, true]);
      expect((await reopened()).blocks.ranges()).toEqual([
        [0, 1],
        [3, 4],
      ]);
      await stored.open();
      for (const block of [1, 2, 4, 5]) await stored.writeBlock(block, [made.blockBytes(block)]);
      expect(await stored.finish()).toEqual({ ok: true, value: undefined });
      expect((await readFile(file('files/a/package.bin'))).equals(made.content)).toBe(true);
    });

    it('is not finished with it', async () => {
      const before = await keptPackage();
      for (const block of [0, 1, 2]) await before.writeBlock(block, [made.blockBytes(block)]);
      await damageBlock('part/a/package.bin', 1);
      const stored = await reopened();
      await stored.open();
      for (const block of [3, 4, 5]) await stored.writeBlock(block, [made.blockBytes(block)]);
      expect(await stored.finish()).toMatchObject({ ok: false, error: { code: 'disk-error' } });
      expect(stored.blocks.ranges()).toEqual([
        [0, 1],
        [2, 6],
      ]);
      await stored.writeBlock(1, [made.blockBytes(1)]);
      expect(await stored.finish()).toEqual({ ok: true, value: undefined });
    });

    it('is finished no longer where it was, and keeps its other blocks', async () => {
      const before = await keptPackage();
      await writeAll(before);
      await before.finish();
      await damageBlock('files/a/package.bin', 4);
      const stored = await reopened();
      expect(await stored.isSound(3)).toBe(true);
      expect(await stored.isSound(4)).toBe(false);
      const again = await reopened();
      expect(again.isFinished).toBe(false);
      expect(again.blocks.ranges()).toEqual([
        [0, 4],
        [5, 6],
      ]);
      await again.open();
      await again.writeBlock(4, [made.blockBytes(4)]);
      expect(await again.finish()).toEqual({ ok: true, value: undefined });
      expect((await readFile(file('files/a/package.bin'))).equals(made.content)).toBe(true);
    });
  });

  describe('that is finished and of which something is lost', () => {
    const several = () =>
      makePackage(
        [
          { path: 'a/first.bin', sizeBytes: 2 * blockSize + 7 },
          { path: 'b/small.bin', sizeBytes: 100 },
          { path: 'b/second.bin', sizeBytes: 2 * blockSize },
        ],
        blockSize,
      );
    const finished = async (): Promise<StoredPackage> => {
      made = several();
      const stored = await keptPackage();
      await writeAll(stored);
      expect(await stored.finish()).toMatchObject({ ok: true });
      return stored;
    };
    const expectContent = async (): Promise<void> => {
      for (const { path: name, offsetBytes, sizeBytes } of made.snapshot.files) {
        const content = await readFile(file(path.join('files', name)));
        expect(content.equals(made.content.subarray(offsetBytes, offsetBytes + sizeBytes))).toBe(true);
      }
    };
    const fillAndFinish = async (stored: StoredPackage): Promise<void> => {
      for (let block = 0; block < stored.manifest.blockCount; block++) {
        if (!stored.blocks.has(block)) await stored.writeBlock(block, [made.blockBytes(block)]);
      }
      expect(await stored.finish()).toEqual({ ok: true, value: undefined });
    };

    it('takes just the damaged block again, without a start between', async () => {
      const stored = await finished();
      const bytes = await readFile(file('files/b/second.bin'));
      await writeFile(file('files/b/second.bin'), bytes.fill(0, 2 * blockSize - 107));
      const damaged = made.snapshot.blockHashes.length - 1;
      await stored.hashAgain(damaged);
      expect([stored.blocks.has(damaged), stored.blocks.count]).toEqual([false, damaged]);
      const opened = await stored.open();
      expect(opened.ok && opened.value.count).toBe(damaged);
      expect(stored.isFinished).toBe(false);
      const buffer = Buffer.alloc(1000);
      await stored.read(0, 500, buffer);
      expect(buffer.equals(made.content.subarray(500, 1500))).toBe(true);
      await fillAndFinish(stored);
      await expectContent();
      expect((await openStore()).restored[0]?.finished).toBe(true);
    });

    for (const deleted of ['files', 'files/b', 'files/b/small.bin']) {
      it(`finds all that is gone with ${deleted} as soon as one block of it is missed`, async () => {
        const stored = await finished();
        await rm(file(deleted), { recursive: true });
        expect(await stored.hashAgain(2)).toBeNull();
        const opened = await stored.open();
        expect(opened.ok && opened.value.ranges()).toEqual(
          deleted === 'files' ? [] : [[0, 2], ...(deleted === 'files/b' ? [] : [[3, 5]])],
        );
        await fillAndFinish(stored);
        await expectContent();
      });
    }

    it('keeps what is left after a start, and reads it again before it is served', async () => {
      await finished();
      await rm(file('files/b/second.bin'));
      await writeFile(file('files/a/first.bin'), Buffer.alloc(2 * blockSize + 7));
      const { store, restored } = await openStore();
      expect([restored[0]?.finished, restored[0]?.blocks.ranges()]).toEqual([false, [[0, 2]]]);
      const stored = store.all()[0];
      expect(await stored?.isSound(0)).toBe(false);
    });
  });

  it('writes blocks in parts, at the same time, and reads them back', async () => {
    const stored = await keptPackage();
    const halves = (block: number) => {
      const bytes = made.blockBytes(block);
      return [bytes.subarray(0, 100), bytes.subarray(100)];
    };
    await Promise.all([3, 0, 5, 1].map((block) => stored.writeBlock(block, halves(block))));
    for (const block of [0, 1, 3, 5]) {
      const buffer = Buffer.alloc(stored.blockLength(block));
      await stored.read(block, 0, buffer);
      expect(buffer.equals(made.blockBytes(block))).toBe(true);
    }
  });

  it('believes in no record that a crash has torn, and goes on behind the whole ones', async () => {
    const stored = await keptPackage();
    await stored.writeBlock(0, [made.blockBytes(0)]);
    await stored.writeBlock(4, [made.blockBytes(4)]);
    await truncate(file('blocks.journal'), 12 + 5);
    expect(await restoredBlocks()).toEqual([[0, 1]]);
    const { store } = await openStore();
    const again = store.find(stored.manifest.key);
    await again?.open();
    await again?.writeBlock(2, [made.blockBytes(2)]);
    expect(await restoredBlocks()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('writes over half a record that a full disk has left', async () => {
    const stored = await keptPackage();
    await stored.writeBlock(0, [made.blockBytes(0)]);
    await appendFile(file('blocks.journal'), Buffer.alloc(5, 7));
    await stored.writeBlock(2, [made.blockBytes(2)]);
    expect(await restoredBlocks()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('believes in no record that is not of this snapshot', async () => {
    const stored = await keptPackage();
    await stored.writeBlock(0, [made.blockBytes(0)]);
    const foreign = Buffer.alloc(24, 1);
    foreign.writeUInt32BE(3, 0);
    foreign.writeUInt32BE(4_000_000, 12);
    await appendFile(file('blocks.journal'), foreign);
    expect(await restoredBlocks()).toEqual([[0, 1]]);
  });

  it('holds nothing where the content is gone or has another size', async () => {
    const stored = await keptPackage();
    await stored.writeBlock(0, [made.blockBytes(0)]);
    await truncate(file('part/a/package.bin'), blockSize);
    expect(await restoredBlocks()).toEqual([]);
  });

  it('is finished where the crash came between the last file and the marker', async () => {
    const stored = await keptPackage();
    await writeAll(stored);
    await rename(file('part'), file('files'));
    expect((await openStore()).restored[0]?.finished).toBe(true);
  });

  it('is not finished where one of its files has changed its size', async () => {
    const stored = await keptPackage();
    await writeAll(stored);
    await stored.finish();
    await appendFile(file('files/a/package.bin'), 'x');
    const { restored } = await openStore();
    expect([restored[0]?.finished, restored[0]?.blocks.count]).toEqual([false, 0]);
  });

  it('puts many files in place and serves their blocks from there', async () => {
    made = makePackage(
      [
        { path: 'none', sizeBytes: 0 },
        { path: 'x/one', sizeBytes: 100_000 },
        { path: 'x/two', sizeBytes: 1 },
        { path: 'y/three', sizeBytes: 99_000 },
        { path: 'last', sizeBytes: 0 },
      ],
      blockSize,
    );
    const stored = await keptPackage();
    await writeAll(stored);
    expect(await stored.finish()).toEqual({ ok: true, value: undefined });
    for (const { path: name, sizeBytes, offsetBytes } of made.snapshot.files) {
      const content = await readFile(file(`files/${name}`));
      expect(content.equals(made.content.subarray(offsetBytes, offsetBytes + sizeBytes))).toBe(true);
    }
    expect((await readdir(path.dirname(file('x')))).sort()).toEqual([
      'blocks.journal',
      'files',
      'finished',
      'snapshot.json',
    ]);
    const buffer = Buffer.alloc(1000);
    await stored.read(1, 50_000 - 500, buffer);
    expect(buffer.equals(made.blockBytes(1).subarray(49_500, 50_500))).toBe(true);
  });

  it('loses only the blocks of a file that is missing, and does not find them again after another start', async () => {
    made = makePackage(
      [
        { path: 'one', sizeBytes: 2 * blockSize },
        { path: 'two', sizeBytes: 2 * blockSize },
      ],
      blockSize,
    );
    await writeAll(await keptPackage());
    await rm(file('part/two'));
    const { store, restored } = await openStore();
    expect(restored[0]?.blocks.ranges()).toEqual([[0, 2]]);
    const again = store.find(packageKeyOf(made.snapshot.guid, '1.0'));
    await again?.open();
    // The file has its whole size again, with a hole where the other block was.
    await again?.writeBlock(2, [made.blockBytes(2)]);
    expect(await restoredBlocks()).toEqual([[0, 3]]);
  });

  it('writes a block that spans many files where each of them belongs, and nothing beside', async () => {
    const files = Array.from({ length: 300 }, (_, index) => ({
      path: `d${index % 7}/f${index}`,
      sizeBytes: 1 + index,
    }));
    made = makePackage(files, blockSize);
    const stored = await keptPackage();
    await writeAll(stored);
    const names = (await readdir(path.dirname(file('x')))).sort();
    expect(names).toEqual(['blocks.journal', 'part', 'snapshot.json']);
    for (const { path: name, sizeBytes, offsetBytes } of made.snapshot.files) {
      const content = await readFile(file(`part/${name}`));
      expect(content.equals(made.content.subarray(offsetBytes, offsetBytes + sizeBytes))).toBe(true);
    }
  });

  it('writes a block once that two sources bring at the same time', async () => {
    const stored = await keptPackage();
    const both = [stored.writeBlock(1, [made.blockBytes(1)]), stored.writeBlock(1, [made.blockBytes(1)])];
    expect((await Promise.all(both)).map(({ ok }) => ok)).toEqual([true, true]);
    expect((await stat(file('blocks.journal'))).size).toBe(12);
  });

  it('goes on serving while the files are put in place', async () => {
    const stored = await keptPackage();
    await writeAll(stored);
    let reads = 0;
    let isOver = false;
    const readOn = async (block: number): Promise<void> => {
      const buffer = Buffer.alloc(stored.blockLength(block));
      while (!isOver || reads < 20) {
        await stored.read(block, 0, buffer);
        expect(buffer.equals(made.blockBytes(block))).toBe(true);
        reads++;
      }
    };
    const readers = [0, 3, 5].map(readOn);
    expect((await stored.finish()).ok).toBe(true);
    isOver = true;
    await Promise.all(readers);
  });

  describe.runIf(process.platform === 'linux')('on a disk that is full', () => {
    const fullDisk = '/dev/full';

    it('counts no block that found no room, and takes it once there is', async () => {
      made = makePackage([{ path: 'whole', sizeBytes: 1000 }], blockSize);
      const stored = await keptPackage();
      await mkdir(file('part'));
      await symlink(fullDisk, file('part/whole'));
      expect(await stored.writeBlock(0, [made.blockBytes(0)])).toMatchObject({
        ok: false,
        error: { code: 'disk-full' },
      });
      expect([stored.blocks.count, (await stat(file('blocks.journal'))).size]).toEqual([0, 0]);
      await rm(file('part/whole'));
      await writeAll(stored);
      expect((await stored.finish()).ok).toBe(true);
    });

    it('counts no block whose record found no room', async () => {
      const { store } = await openStore();
      const stored = await store.keepSnapshot(made.snapshot, authority.sign(made.snapshot));
      await symlink(fullDisk, file('blocks.journal'));
      await stored.open();
      expect(await stored.writeBlock(0, [made.blockBytes(0)])).toMatchObject({
        ok: false,
        error: { code: 'disk-full' },
      });
      expect(stored.blocks.count).toBe(0);
    });
  });

  it('finishes a package without any byte', async () => {
    made = makePackage([{ path: 'empty', sizeBytes: 0 }], blockSize);
    const stored = await keptPackage();
    expect((await stored.finish()).ok).toBe(true);
    expect((await stat(file('files/empty'))).size).toBe(0);
  });

  it('discards a package whose snapshot was changed on disk', async () => {
    const stored = await keptPackage();
    await stored.writeBlock(0, [made.blockBytes(0)]);
    const signed = JSON.parse(await readFile(file('snapshot.json'), 'utf8'));
    const changed = { ...made.snapshot, name: 'another' };
    await writeFile(
      file('snapshot.json'),
      JSON.stringify({ ...signed, payload: Buffer.from(JSON.stringify(changed)).toString('base64') }),
    );
    expect((await openStore()).restored).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  describe('of which somebody has deleted files while it was being fetched', () => {
    const several = () =>
      makePackage(
        [
          { path: 'a/first.bin', sizeBytes: 2 * blockSize + 7 },
          { path: 'b/small.bin', sizeBytes: 100 },
          { path: 'b/second.bin', sizeBytes: 2 * blockSize },
        ],
        blockSize,
      );
    const fill = async (stored: StoredPackage): Promise<void> => {
      for (let block = 0; block < stored.manifest.blockCount; block++) {
        if (!stored.blocks.has(block)) await stored.writeBlock(block, [made.blockBytes(block)]);
      }
    };

    for (const deleted of ['part', 'part/a', 'part/b/small.bin', 'part/b/second.bin']) {
      it(`is not finished without ${deleted}, and fetches just what is gone`, async () => {
        made = several();
        const stored = await keptPackage();
        await fill(stored);
        await rm(file(deleted), { recursive: true });
        expect(await stored.finish()).toMatchObject({ ok: false, error: { code: 'disk-error' } });
        expect(stored.isFinished).toBe(false);
        const isAllGone = deleted === 'part';
        expect(stored.blocks.count === 0).toBe(isAllGone);
        await stored.open();
        await fill(stored);
        expect(await stored.finish()).toEqual({ ok: true, value: undefined });
        for (const { path: name, offsetBytes, sizeBytes } of made.snapshot.files) {
          const content = await readFile(file(path.join('files', name)));
          const expected = Buffer.concat(made.snapshot.blockHashes.map((_, block) => made.blockBytes(block)));
          expect(content.equals(expected.subarray(offsetBytes, offsetBytes + sizeBytes))).toBe(true);
        }
      });
    }

    it('goes on where writing failed because of it', async () => {
      made = several();
      const stored = await keptPackage();
      await stored.writeBlock(0, [made.blockBytes(0)]);
      await rm(file('part'), { recursive: true });
      const opened = await stored.open();
      expect(opened.ok && opened.value.count).toBe(0);
      await fill(stored);
      expect(await stored.finish()).toEqual({ ok: true, value: undefined });
    });
  });

  for (const deleted of ['.', 'snapshot.json']) {
    it(`knows nothing of a package any more of which somebody has deleted ${deleted}, and keeps it anew`, async () => {
      const { store } = await openStore();
      const stored = await store.keepSnapshot(made.snapshot, authority.sign(made.snapshot));
      await stored.open();
      await stored.writeBlock(0, [made.blockBytes(0)]);
      const { key } = stored.manifest;
      expect(await store.findOnDisk(key)).toBe(stored);
      await rm(file(deleted), { recursive: true });
      expect(await store.findOnDisk(key)).toBeNull();
      const again = await store.keepSnapshot(made.snapshot, authority.sign(made.snapshot));
      expect(again.blocks.count).toBe(0);
      await again.open();
      await again.writeBlock(2, [made.blockBytes(2)]);
      expect(await restoredBlocks()).toEqual([[2, 3]]);
    });
  }

  it('removes what a crash has left of a deletion', async () => {
    await mkdir(path.join(folder.path, '.dropped-1-0-x'));
    await openStore();
    expect(await readdir(folder.path)).toEqual([]);
    await rm(folder.path, { recursive: true });
  });

  it('reports a disk that fails with its code instead of a bit', async () => {
    const stored = await keptPackage();
    await stored.close();
    const written = await stored.writeBlock(0, [made.blockBytes(0)]);
    expect(written).toMatchObject({ ok: false, error: { code: 'disk-error' } });
    expect(stored.blocks.count).toBe(0);
  });
});
