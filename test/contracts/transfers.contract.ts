import { afterEach, describe, expect, it } from 'vitest';
import type { BlockSource, PeerEndpoint, TransferPort } from '../../shared/agent/ports.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import type { CollectedInputs, PortHarness } from './collected-inputs.ts';
import { onlyCompletion } from './collected-inputs.ts';

/** Sources of one package that the receiver has opened in its store. */
export interface TransferHarness extends PortHarness {
  readonly transfers: TransferPort;
  readonly inputs: CollectedInputs;
  readonly key: PackageKey;
  readonly blockCount: number;
  /** Length of block 0 in bytes; at least 64 KiB. */
  readonly blockBytes: number;
  /** A peer that holds every block, named `holder` with boot id 77; its block map has version 5. */
  readonly holder: PeerEndpoint;
  /** Sends other bytes than the snapshot says. */
  readonly corrupt: PeerEndpoint;
  /** Holds nothing. */
  readonly empty: PeerEndpoint;
  /** Answers every block request "busy, retry after 1,500 ms, ask `holder`". */
  readonly busy: PeerEndpoint;
  /** The address of `holder` under another agent's identity. */
  readonly impostor: PeerEndpoint;
  /** Nobody listens there. */
  readonly absent: PeerEndpoint;
  /** Holds every block and stops in the middle of each; goes on only after `release()`. */
  readonly stalling: PeerEndpoint;
  release(): void;
  /** What the receiver's store holds now. */
  storedBlocks(): readonly number[];
}

export function describeTransferPort(name: string, create: () => Promise<TransferHarness>): void {
  describe(`transfer port: ${name}`, () => {
    let harness: TransferHarness | undefined;
    const start = async (): Promise<TransferHarness> => {
      harness = await create();
      return harness;
    };
    afterEach(async () => {
      await harness?.dispose();
      harness = undefined;
    });

    const fetch = (of: TransferHarness, commandId: number, block: number, peer: PeerEndpoint, rate = Infinity) => {
      const source: BlockSource = { kind: 'peer', peer };
      of.transfers.fetchBlock({
        commandId,
        key: of.key,
        block,
        source,
        maxBytesPerSecond: rate,
        idleTimeoutMs: 2000,
      });
    };

    it('stores a block and says so once, never from inside the call', async () => {
      const it = await start();
      fetch(it, 1, 0, it.holder);
      expect(it.inputs.all).toEqual([]);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ kind: 'blockStored', bytes: it.blockBytes });
      expect(it.storedBlocks()).toEqual([0]);
    });

    it('fetches several blocks at the same time, the short last one too', async () => {
      const it = await start();
      for (let block = 0; block < it.blockCount; block++) fetch(it, block + 1, block, it.holder);
      await it.until('all are stored', () => it.inputs.of('blockStored').length === it.blockCount);
      expect(it.storedBlocks()).toEqual(Array.from({ length: it.blockCount }, (_, block) => block));
    });

    it('refuses a block whose bytes are not those of the snapshot', async () => {
      const it = await start();
      fetch(it, 1, 0, it.corrupt);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({
        kind: 'transferFailed',
        failure: { code: 'hash-mismatch' },
      });
      expect(it.storedBlocks()).toEqual([]);
    });

    it('tells a peer without the block from one that is gone', async () => {
      const it = await start();
      fetch(it, 1, 0, it.empty);
      fetch(it, 2, 0, it.absent);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ failure: { code: 'not-available' } });
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ failure: { code: 'refused' } });
    });

    it('hands on when a busy peer wants to be asked again, and who else has the block', async () => {
      const it = await start();
      fetch(it, 1, 0, it.busy);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({
        failure: { code: 'busy', retryAfterMs: 1500, others: [it.holder] },
        receivedBytes: 0,
      });
    });

    it('takes no byte from a peer of another identity than the announced one', async () => {
      const it = await start();
      fetch(it, 1, 0, it.impostor);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({
        failure: { code: 'identity-mismatch' },
        receivedBytes: 0,
      });
    });

    it('ends a cancelled fetch as aborted, once', async () => {
      const it = await start();
      fetch(it, 1, 0, it.holder, 20_000);
      it.transfers.cancel(1, false);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ failure: { code: 'aborted' } });
      expect(it.storedBlocks()).toEqual([]);
    });

    it('lets a block that is half there finish where the cancelling says so', async () => {
      const it = await start();
      fetch(it, 1, 0, it.stalling);
      await it.until('half is there', () =>
        it.inputs.of('transferProgressed').some(({ receivedBytes }) => receivedBytes * 2 >= it.blockBytes),
      );
      it.transfers.cancel(1, true);
      it.release();
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ kind: 'blockStored' });
    });

    it('gives up on a source that stalls', async () => {
      const it = await start();
      fetch(it, 1, 0, it.stalling);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ failure: { code: 'timeout' } });
    });

    it('obeys a new rate at once', async () => {
      const it = await start();
      // At this rate the block would take far longer than `until` waits.
      fetch(it, 1, 0, it.holder, 1000);
      it.transfers.setRate(1, Infinity);
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({ kind: 'blockStored' });
    });

    it('takes commands for a fetch that has ended', async () => {
      const it = await start();
      fetch(it, 1, 0, it.holder);
      await onlyCompletion(it, it.inputs, 1);
      it.transfers.cancel(1, false);
      it.transfers.setRate(1, 5);
      await onlyCompletion(it, it.inputs, 1);
    });

    it('reads the block map of a peer', async () => {
      const it = await start();
      it.transfers.fetchBlockMap({ commandId: 1, key: it.key, peer: it.holder, timeoutMs: 2000 });
      it.transfers.fetchBlockMap({ commandId: 2, key: it.key, peer: it.absent, timeoutMs: 2000 });
      const completion = await onlyCompletion(it, it.inputs, 1);
      expect(completion).toMatchObject({ kind: 'blockMapReceived', mapVersion: 5 });
      expect(completion.kind === 'blockMapReceived' && completion.blocks.isFull).toBe(true);
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ kind: 'peerRequestFailed', code: 'refused' });
    });

    it('probes a peer', async () => {
      const it = await start();
      it.transfers.hello({ commandId: 1, peer: it.holder, timeoutMs: 2000 });
      it.transfers.hello({ commandId: 2, peer: it.absent, timeoutMs: 2000 });
      it.transfers.hello({ commandId: 3, peer: it.impostor, timeoutMs: 2000 });
      expect(await onlyCompletion(it, it.inputs, 1)).toMatchObject({
        kind: 'helloAnswered',
        name: 'holder',
        bootId: 77,
      });
      expect(await onlyCompletion(it, it.inputs, 2)).toMatchObject({ code: 'refused' });
      expect(await onlyCompletion(it, it.inputs, 3)).toMatchObject({ code: 'identity-mismatch' });
    });
  });
}
