import { afterEach, describe, expect, it } from 'vitest';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { StorePort } from '../../shared/agent/ports.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import type { CollectedInputs, PortHarness } from './collected-inputs.ts';
import { onlyCompletion } from './collected-inputs.ts';

/** A store in which the snapshot of one package is kept already; nothing else of it is there. */
export interface StoreHarness extends PortHarness {
  readonly store: StorePort;
  readonly inputs: CollectedInputs;
  readonly key: PackageKey;
  /** At least 4. */
  readonly blockCount: number;
  readonly blockSizeBytes: number;
  /** A verified block gets in, as after a transfer. */
  storeBlock(block: number): Promise<void>;
  /** The disk holds something else than the block from now on, and somebody finds out. */
  damageBlock(block: number): Promise<void>;
  /** As when the server sends it again; resolves once it is kept. */
  keepSnapshot(): Promise<void>;
  /** The agent dies without a word and starts again on the same disk: what `started` brings. */
  restart(): Promise<Pick<Extract<AgentInput, { kind: 'started' }>, 'restored' | 'retired'>>;
}

export function describeStorePort(name: string, create: () => Promise<StoreHarness>): void {
  describe(`store port: ${name}`, () => {
    let harness: StoreHarness | undefined;
    const start = async (): Promise<StoreHarness> => {
      harness = await create();
      return harness;
    };
    afterEach(async () => {
      await harness?.dispose();
      harness = undefined;
    });

    const storeAll = async (of: StoreHarness): Promise<void> => {
      for (let block = 0; block < of.blockCount; block++) await of.storeBlock(block);
    };

    it('opens a package empty, once, never from inside the call', async () => {
      const it = await start();
      it.store.open(1, it.key);
      expect(it.inputs.all).toEqual([]);
      const opened = await onlyCompletion(it, it.inputs, 1);
      expect(opened).toMatchObject({ kind: 'storeOpened' });
      expect(opened.kind === 'storeOpened' && [opened.blocks.size, opened.blocks.count]).toEqual([it.blockCount, 0]);
    });

    it('opens a package that is open with the blocks it holds', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await it.storeBlock(2);
      it.store.open(2, it.key);
      const opened = await onlyCompletion(it, it.inputs, 2);
      expect(opened.kind === 'storeOpened' && opened.blocks.ranges()).toEqual([[2, 3]]);
    });

    it('refuses a package whose snapshot it does not know', async () => {
      const it = await start();
      it.store.open(1, 'ee'.repeat(20) as PackageKey);
      const refused = await onlyCompletion(it, it.inputs, 1);
      expect(refused).toMatchObject({ kind: 'storeFailed', code: 'snapshot-missing' });
    });

    it('keeps a snapshot anew that came while its package was deleted', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await it.storeBlock(0);
      it.store.drop(2, it.key);
      await it.keepSnapshot();
      await onlyCompletion(it, it.inputs, 2);
      await it.keepSnapshot();
      it.store.open(3, it.key);
      const opened = await onlyCompletion(it, it.inputs, 3);
      expect(opened.kind === 'storeOpened' && opened.blocks.count).toBe(0);
      await it.storeBlock(1);
      expect((await it.restart()).restored[0]?.blocks.ranges()).toEqual([[1, 2]]);
    });

    it('finishes a package that is whole', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await storeAll(it);
      it.store.finish(2, it.key);
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ kind: 'storeFinished' });
    });

    it('does not finish a package with a hole', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await it.storeBlock(0);
      it.store.finish(2, it.key);
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ kind: 'storeFailed' });
    });

    it('brings stored blocks back after a crash', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await it.storeBlock(1);
      await it.storeBlock(3);
      const { restored } = await it.restart();
      expect(restored).toHaveLength(1);
      expect(restored[0]?.manifest.key).toBe(it.key);
      expect(restored[0]?.finished).toBe(false);
      expect(restored[0]?.blocks.ranges()).toEqual([
        [1, 2],
        [3, 4],
      ]);
    });

    it('brings a finished package back after a crash as finished', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await storeAll(it);
      it.store.finish(2, it.key);
      await onlyCompletion(it, it.inputs, 2);
      const { restored } = await it.restart();
      expect(restored[0]?.finished).toBe(true);
      expect(restored[0]?.blocks.isFull).toBe(true);
    });

    it('tells of blocks that the disk has lost, of a finished package too, and takes them again', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await storeAll(it);
      it.store.finish(2, it.key);
      await onlyCompletion(it, it.inputs, 2);
      await it.damageBlock(1);
      await it.until('the loss is told', () => it.inputs.of('blocksLost').length > 0);
      expect(it.inputs.of('blocksLost')).toEqual([{ kind: 'blocksLost', key: it.key, blocks: [1] }]);
      it.store.open(3, it.key);
      const opened = await onlyCompletion(it, it.inputs, 3);
      expect(opened.kind === 'storeOpened' && [opened.blocks.has(1), opened.blocks.count]).toEqual([
        false,
        it.blockCount - 1,
      ]);
      it.store.finish(4, it.key);
      expect(await onlyCompletion(it, it.inputs, 4)).toMatchObject({ kind: 'storeFailed' });
      await it.storeBlock(1);
      it.store.finish(5, it.key);
      expect(await onlyCompletion(it, it.inputs, 5)).toMatchObject({ kind: 'storeFinished' });
      expect((await it.restart()).restored[0]?.finished).toBe(true);
    });

    it('does not know a block any more after a crash that the disk has lost before', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await storeAll(it);
      it.store.finish(2, it.key);
      await onlyCompletion(it, it.inputs, 2);
      await it.damageBlock(0);
      const { restored } = await it.restart();
      expect([restored[0]?.finished, restored[0]?.blocks.ranges()]).toEqual([false, [[1, it.blockCount]]]);
    });

    it('forgets a dropped package for good', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await it.storeBlock(0);
      it.store.drop(2, it.key);
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ kind: 'storeDropped' });
      expect(await it.restart()).toEqual({ restored: [], retired: [] });
    });

    it('measures the disk and what its packages take of it', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      const measure = async (commandId: number) => {
        it.store.measure(commandId);
        const measured = await onlyCompletion(it, it.inputs, commandId);
        if (measured.kind !== 'storeMeasured') throw new Error(`${measured.kind} instead of storeMeasured`);
        return measured;
      };
      const before = await measure(2);
      expect(before.usedBytes).toBe(0);
      expect(before.freeBytes).toBeGreaterThan(0);
      expect(before.freeBytes).toBeLessThanOrEqual(before.diskBytes);
      await it.storeBlock(1);
      expect((await measure(3)).usedBytes).toBe(it.blockSizeBytes);
    });

    it('brings back after a crash when a package was used last', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      it.store.noteUse(it.key, 1_234_567);
      await it.settle();
      expect((await it.restart()).restored[0]?.lastUsedMs).toBe(1_234_567);
    });

    it('remembers after a crash which delivery was fulfilled by a package that it deleted', async () => {
      const it = await start();
      it.store.open(1, it.key);
      await onlyCompletion(it, it.inputs, 1);
      await it.storeBlock(0);
      it.store.retire(2, it.key, 'delivery-1');
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ kind: 'storeDropped' });
      expect(await it.restart()).toEqual({ restored: [], retired: [{ key: it.key, deliveryId: 'delivery-1' }] });
    });

    it('forgets a fulfilled delivery that it is told to drop', async () => {
      const it = await start();
      it.store.retire(1, it.key, 'delivery-1');
      await onlyCompletion(it, it.inputs, 1);
      it.store.drop(2, it.key);
      await onlyCompletion(it, it.inputs, 2);
      expect(await it.restart()).toEqual({ restored: [], retired: [] });
    });

    it('takes the dropping of a package that is not there', async () => {
      const it = await start();
      it.store.drop(1, 'ee'.repeat(20) as PackageKey);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ kind: 'storeDropped' });
    });
  });
}
