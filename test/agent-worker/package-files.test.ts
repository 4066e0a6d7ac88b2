import type { FileHandle } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenFiles } from '../../electron/agent-worker/open-files.ts';
import { PackageFiles } from '../../electron/agent-worker/package-files.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { makePackage, temporaryFolder } from '../support/agent-fixtures.ts';

/** A disk that fails the next sync, or none, and counts those that it did. */
class FailingDisk extends OpenFiles {
  failsNextSync = false;
  syncs = 0;

  override use<Value>(file: string, flags: string | number, run: (handle: FileHandle) => Promise<Value>) {
    return super.use(file, flags, (handle) =>
      run(
        new Proxy(handle, {
          get: (target, name) => {
            if (name === 'datasync') return () => this.#sync(target);
            const value = Reflect.get(target, name);
            return typeof value === 'function' ? value.bind(target) : value;
          },
        }),
      ),
    );
  }

  async #sync(handle: FileHandle): Promise<void> {
    if (this.failsNextSync) {
      this.failsNextSync = false;
      throw new Error('EIO');
    }
    await handle.datasync();
    this.syncs++;
  }
}

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

it('a file whose sync failed is synced with the next', async () => {
  const made = makePackage([{ path: 'package.bin', sizeBytes: 4 * 65_536 }], 65_536);
  const packageFolder = path.join(folder.path, 'package');
  await mkdir(packageFolder);
  const disk = new FailingDisk();
  const files = new PackageFiles(packageFolder, made.snapshot, disk);
  await files.write(0, [made.blockBytes(0)]);
  disk.failsNextSync = true;
  await expect(files.sync()).rejects.toThrow('EIO');
  await files.sync();
  expect(disk.syncs).toBe(1);
  await files.sync();
  expect(disk.syncs).toBe(1);
  await files.close();
});
