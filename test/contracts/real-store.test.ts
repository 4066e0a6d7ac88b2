import { open } from 'node:fs/promises';
import path from 'node:path';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import { StoreAdapter } from '../../electron/agent-worker/store-adapter.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import { makePackage, silentLogger, TestAuthority, temporaryFolder } from '../support/agent-fixtures.ts';
import { CollectedInputs } from './collected-inputs.ts';
import { realTime } from './real-harness.ts';
import { describeStorePort } from './store.contract.ts';

const layouts = {
  'one file': [{ path: 'setup/installer.bin', sizeBytes: 4 * 65_536 + 77 }],
  'many files': [
    { path: 'empty.txt', sizeBytes: 0 },
    { path: 'bin/tool', sizeBytes: 100_000 },
    { path: 'bin/data/table', sizeBytes: 150_000 },
    { path: 'read me.txt', sizeBytes: 12_345 },
  ],
};

for (const [layout, files] of Object.entries(layouts)) {
  describeStorePort(`real files, package of ${layout}`, async () => {
    const folder = await temporaryFolder();
    const authority = await TestAuthority.create();
    const made = makePackage(files, 65_536);
    const { snapshot } = made;
    const key = packageKeyOf(snapshot.guid, snapshot.version);
    const openStore = () =>
      new BlockStore(path.join(folder.path, 'packages'), snapshotKeyOf(authority.snapshotPublicKey), silentLogger);
    const store = openStore();
    await store.restore();
    const keepSnapshot = async () => void (await store.keepSnapshot(snapshot, authority.sign(snapshot)));
    await keepSnapshot();
    const inputs = new CollectedInputs();
    const opened = [store];
    return {
      store: new StoreAdapter(store, inputs.push),
      inputs,
      key,
      blockCount: snapshot.blockHashes.length,
      blockSizeBytes: snapshot.blockSizeBytes,
      storeBlock: async (block) => {
        const written = await store.find(key)?.writeBlock(block, [made.blockBytes(block)]);
        if (written?.ok !== true) throw new Error(`block ${block} was not stored`);
      },
      damageBlock: async (block) => {
        const stored = store.find(key);
        const {
          snapshot: { files: laidOut },
        } = made;
        const first = block * snapshot.blockSizeBytes;
        const hit = laidOut.find(
          ({ offsetBytes, sizeBytes }) => offsetBytes <= first && first < offsetBytes + sizeBytes,
        );
        if (stored === undefined || hit === undefined) throw new Error(`block ${block} is not there`);
        const handle = await open(path.join(stored.filesFolder, hit.path), 'r+');
        await handle.write(Buffer.alloc(1, 1 + (made.blockBytes(block)[0] ?? 0)), 0, 1, first - hit.offsetBytes);
        await handle.close();
        await stored.hashAgain(block);
      },
      keepSnapshot,
      restart: async () => {
        // The old store is simply left behind, with its files open, as a crash would leave it.
        const next = openStore();
        opened.push(next);
        return { restored: await next.restore(), retired: next.retired };
      },
      ...realTime(async () => {
        for (const each of opened) await each.close();
        await folder.remove();
      }),
    };
  });
}
