import { afterEach, describe, expect, it } from 'vitest';
import type { PeerEndpoint, ServingPort } from '../../shared/agent/ports.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { CollectedInputs, PortHarness } from './collected-inputs.ts';

/** What a peer that asked got. */
export type PeerAnswer =
  | { readonly kind: 'block'; readonly bytes: number; readonly intact: boolean }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly retryAfterMs: number;
      readonly others: readonly PeerEndpoint[];
    }
  | { readonly kind: 'block-map'; readonly mapVersion: number; readonly blocks: readonly number[] }
  | { readonly kind: 'failed' };

/** An agent that holds blocks 0 and 1 of a package of four, and a peer that asks it. */
export interface ServingHarness extends PortHarness {
  readonly serving: ServingPort;
  readonly inputs: CollectedInputs;
  readonly key: PackageKey;
  readonly blockBytes: number;
  readonly peer: PeerEndpoint;
  requestBlock(block: number): Promise<PeerAnswer>;
  requestBlockMap(): Promise<PeerAnswer>;
  /** As of a Package Server, of the package in the harness. */
  requestContent(block: number): Promise<PeerAnswer>;
  /** Asks for a block and goes away as soon as the first bytes are there. */
  requestBlockAndLeave(block: number): Promise<void>;
}

export function describeServingPort(name: string, create: () => Promise<ServingHarness>): void {
  describe(`serving port: ${name}`, () => {
    let harness: ServingHarness | undefined;
    const start = async (): Promise<ServingHarness> => {
      harness = await create();
      harness.serving.configure({ enabled: true, maxConnections: 8, requestTimeoutMs: 5000, contentKey: null });
      return harness;
    };
    afterEach(async () => {
      await harness?.dispose();
      harness = undefined;
    });

    const requested = async (of: ServingHarness, count = 1) => {
      await of.until('the core is asked', () => of.inputs.of('servingRequested').length >= count);
      const request = of.inputs.of('servingRequested')[count - 1];
      if (request === undefined) throw new Error('unreachable: the length was waited for');
      return request;
    };

    it('asks the core, streams the block and says how much left', async () => {
      const it = await start();
      const answer = it.requestBlock(0);
      const request = await requested(it);
      expect(request).toMatchObject({
        peer: it.peer.agentId,
        address: it.peer.address,
        request: { kind: 'block', key: it.key, block: 0 },
      });
      it.serving.answer(request.requestId, { kind: 'serve-block', maxBytesPerSecond: Infinity });
      expect(await answer).toEqual({ kind: 'block', bytes: it.blockBytes, intact: true });
      await it.until('the end is told', () => it.inputs.of('servingEnded').length > 0);
      await it.settle();
      expect(it.inputs.of('servingEnded')).toEqual([
        { kind: 'servingEnded', requestId: request.requestId, sentBytes: it.blockBytes, completed: true },
      ]);
    });

    it('gives every request a number of its own', async () => {
      const it = await start();
      const answers = [it.requestBlock(0), it.requestBlock(1)];
      await requested(it, 2);
      const ids = it.inputs.of('servingRequested').map(({ requestId }) => requestId);
      expect(new Set(ids).size).toBe(2);
      for (const requestId of ids) it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: Infinity });
      for (const answer of answers) expect(await answer).toMatchObject({ kind: 'block', intact: true });
    });

    it('brings a refusal with its time and the other holders to the peer, and reports no end of serving', async () => {
      const it = await start();
      const answer = it.requestBlock(0);
      const { requestId } = await requested(it);
      const others = [{ agentId: '11'.repeat(16) as AgentId, address: it.peer.address, port: 4000 }];
      it.serving.answer(requestId, { kind: 'refuse', code: 'busy', retryAfterMs: 2500, others });
      expect(await answer).toEqual({ kind: 'refused', code: 'busy', retryAfterMs: 2500, others });
      await it.settle();
      expect(it.inputs.of('servingEnded')).toEqual([]);
    });

    it('never serves a block that is not verified, whatever the core answers', async () => {
      const it = await start();
      const answer = it.requestBlock(2);
      // The adapter may refuse by itself, or ask the core and refuse after.
      let answered = false;
      void answer.then(() => {
        answered = true;
      });
      await it.until(
        'the core is asked or the peer refused',
        () => answered || it.inputs.of('servingRequested').length > 0,
      );
      for (const { requestId } of it.inputs.of('servingRequested'))
        it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: Infinity });
      expect(await answer).toMatchObject({ kind: 'refused', code: 'not-available' });
    });

    it('reports the end of serving to a peer that left in the middle', async () => {
      const it = await start();
      const left = it.requestBlockAndLeave(0);
      const { requestId } = await requested(it);
      it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: 100_000 });
      await left;
      await it.until('the end is told', () => it.inputs.of('servingEnded').length > 0);
      const [end] = it.inputs.of('servingEnded');
      expect(end).toMatchObject({ requestId, completed: false });
      expect(end?.sentBytes).toBeLessThan(it.blockBytes);
    });

    it('obeys a new rate at once', async () => {
      const it = await start();
      const answer = it.requestBlock(1);
      const { requestId } = await requested(it);
      // At this rate the block would take far longer than `until` waits.
      it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: 1000 });
      it.serving.setServingRate(requestId, Infinity);
      expect(await answer).toMatchObject({ kind: 'block', intact: true });
    });

    it('sends not one byte more of a block that it is told to break off', async () => {
      const it = await start();
      const answer = it.requestBlock(0);
      const { requestId } = await requested(it);
      it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: 100_000 });
      it.serving.breakOff(requestId);
      expect(await answer).toEqual({ kind: 'failed' });
      await it.until('the end is told', () => it.inputs.of('servingEnded').length > 0);
      await it.settle();
      const ends = it.inputs.of('servingEnded');
      expect(ends).toHaveLength(1);
      expect(ends[0]).toMatchObject({ requestId, completed: false });
      expect(ends[0]?.sentBytes).toBeLessThan(it.blockBytes);
    });

    it('answers a block map from the core', async () => {
      const it = await start();
      const answer = it.requestBlockMap();
      const request = await requested(it);
      expect(request.request).toEqual({ kind: 'block-map', key: it.key });
      it.serving.answer(request.requestId, {
        kind: 'block-map',
        mapVersion: 9,
        blockCount: 4,
        blocks: BlockSet.fromRanges(4, [[0, 2]]),
      });
      expect(await answer).toEqual({ kind: 'block-map', mapVersion: 9, blocks: [0, 1] });
    });

    it('brings what is asked of a Package Server to the core, which may answer when the block has come', async () => {
      const it = await start();
      const answer = it.requestContent(1);
      const { requestId, peer, request } = await requested(it);
      expect(peer).toBe(it.peer.agentId);
      expect(request).toMatchObject({ kind: 'content', key: it.key, block: 1 });
      await it.settle();
      it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: Infinity });
      expect(await answer).toEqual({ kind: 'block', bytes: it.blockBytes, intact: true });
      await it.until('the end is told', () => it.inputs.of('servingEnded').length > 0);
      expect(it.inputs.of('servingEnded')[0]).toMatchObject({ requestId, sentBytes: it.blockBytes, completed: true });
    });

    it('answers nobody after it was switched off, and again after it was switched on', async () => {
      const it = await start();
      it.serving.configure({ enabled: false, maxConnections: 8, requestTimeoutMs: 5000, contentKey: null });
      await it.settle();
      expect(await it.requestBlock(0)).toMatchObject({ kind: 'failed' });
      expect(it.inputs.of('servingRequested')).toEqual([]);
      it.serving.configure({ enabled: true, maxConnections: 8, requestTimeoutMs: 5000, contentKey: null });
      await it.settle();
      const answer = it.requestBlock(0);
      const { requestId } = await requested(it);
      it.serving.answer(requestId, { kind: 'serve-block', maxBytesPerSecond: Infinity });
      expect(await answer).toMatchObject({ kind: 'block' });
    });
  });
}
