import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { JumpingClock } from '../support/jumping-clock.ts';
import { fastClock } from './support/agents-on-loopback.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { OneSite } from './support/one-site.ts';
import { SpokenPeer } from './support/spoken-peer.ts';

const port = 24_000 + (process.pid % 1000);

/** Counts how many computers of this process send blocks at the same moment. */
function watchSenders(): { mostAtATime(): number; stop(): void } {
  const running = new Map<IncomingMessage, string>();
  let most = 0;
  const isBlock = ({ url = '' }: IncomingMessage): boolean => /^\/peer\/.*\/blocks\/\d+$/.test(url);
  const started = (message: unknown): void => {
    const { request } = message as { readonly request: IncomingMessage };
    if (!isBlock(request)) return;
    running.set(request, request.socket.localAddress ?? '');
    most = Math.max(most, new Set(running.values()).size);
  };
  const finished = (message: unknown): void => {
    running.delete((message as { readonly request: IncomingMessage }).request);
  };
  const starts = channel('http.server.request.start');
  const ends = channel('http.server.response.finish');
  starts.subscribe(started);
  ends.subscribe(finished);
  return {
    mostAtATime: () => most,
    stop: () => {
      starts.unsubscribe(started);
      ends.unsubscribe(finished);
    },
  };
}

describe('how a package is fetched', () => {
  let site: OneSite;
  let peer: SpokenPeer | null = null;

  afterEach(async () => {
    await peer?.close();
    peer = null;
    await site.close();
  });

  const ready = (delivered: DeliveredPackage, ...names: string[]): Promise<unknown> =>
    Promise.all(names.map((name) => eventually(`${name} is ready`, () => delivered.readyOn(name), 30_000)));

  it('minPeerPackage: each computer fetches a smaller package for itself', async () => {
    site = await OneSite.open({ subnetNumber: 51, port }, { minPeerPackage: 10 });
    await site.startAgent('a');
    await site.startAgent('b');
    const content = randomBytes(2 * BLOCK_SIZE_BYTES);
    await ready(await site.deliver(content), 'a', 'b');
    expect(await site.settledWanBytes()).toBe(2 * content.length);
    await site.change({ minPeerPackage: 1 });
    await eventually('both have the policy', async () => (await site.hasPolicy('a')) && (await site.hasPolicy('b')));
    await ready(await site.deliver(randomBytes(content.length)), 'a', 'b');
    expect(await site.settledWanBytes()).toBe(3 * content.length);
  });

  it('peersPerAttempt: so many peers are asked at a time', async () => {
    site = await OneSite.open({ subnetNumber: 52, port });
    const holders = ['a', 'b', 'c'];
    for (const name of holders) await site.startAgent(name);
    const delivered = await site.deliver(randomBytes(6 * BLOCK_SIZE_BYTES));
    await ready(delivered, ...holders);
    await site.change({ peersPerAttempt: 1, maxUpload: 4000 });
    for (const name of holders) await eventually('the policy has arrived', () => site.hasPolicy(name));
    const one = watchSenders();
    await site.startAgent('d');
    await ready(delivered, 'd');
    one.stop();
    expect(one.mostAtATime()).toBe(1);
    await site.change({ peersPerAttempt: 3 });
    const three = watchSenders();
    await site.startAgent('e');
    await ready(delivered, 'e');
    three.stop();
    expect(three.mostAtATime()).toBeGreaterThan(1);
  });

  /** A peer that says it has everything, and a computer that asks it in vain. */
  async function askInVain(subnetNumber: number) {
    let clock: JumpingClock | null = null;
    const agent = await site.startAgent('a', {
      makeClock: (push) => {
        clock = new JumpingClock(push, new Date().toISOString());
        return clock;
      },
    });
    peer = await SpokenPeer.open(site.server, subnetNumber, port);
    const blocks = 2;
    const content = randomBytes(blocks * BLOCK_SIZE_BYTES);
    const speaker = peer;
    const delivered = await site.deliver(content, {
      imported: (key) => speaker.keepAnnouncing(agent.address, [{ key, state: 'ready', blocks }]),
    });
    if (clock === null) throw new Error('the agent did not ask for a clock');
    const refusals = async (count: number): Promise<void> => {
      await eventually(`attempt ${count} has failed`, async () =>
        (await site.journalOf('a')).filter(({ reason }) => reason === 'peer-refused').length >= count ? true : null,
      );
    };
    await refusals(1);
    return { clock: clock as JumpingClock, delivered, content, refusals };
  }

  it('attemptPeriod: the next attempt begins after it', async () => {
    site = await OneSite.open({ subnetNumber: 53, port }, { attemptPeriod: 600, maxAttempts: 2 });
    const { clock, delivered, content, refusals } = await askInVain(53);
    clock.jump(590_000);
    expect(await site.settledWanBytes()).toBe(0);
    clock.jump(20_000);
    await refusals(2);
    // Both attempts are used up: what the peer says it has is fetched from the server.
    await ready(delivered, 'a');
    expect(await site.settledWanBytes()).toBe(content.length);
  });

  it('maxAttempts: after so many attempts the server is asked', async () => {
    site = await OneSite.open({ subnetNumber: 54, port }, { attemptPeriod: 600, maxAttempts: 20 });
    const { delivered, content } = await askInVain(54);
    expect(await site.settledWanBytes()).toBe(0);
    await site.change({ maxAttempts: 1 });
    await ready(delivered, 'a');
    expect(await site.settledWanBytes()).toBe(content.length);
  });

  it('blockProgress: a peer is told of new blocks after it', async () => {
    site = await OneSite.open({ subnetNumber: 55, port, wanKilobitsPerSecond: 80_000 }, { blockProgress: 300 });
    // Two and a half seconds of the WAN link are ten of the agents.
    const makeClock = fastClock(4);
    const agents = [await site.startAgent('a', { makeClock }), await site.startAgent('b', { makeClock })];
    const speaker = await SpokenPeer.open(site.server, 55, port);
    peer = speaker;
    const timesTold = async (): Promise<number> => {
      const before = await site.wanBytes();
      const delivered = await site.deliver(randomBytes(10 * BLOCK_SIZE_BYTES));
      await eventually('the first block is on its way', async () => ((await site.wanBytes()) > before ? true : null));
      const { key } = delivered;
      speaker.heard.length = 0;
      for (const { address } of agents) speaker.tell(address, { kind: 'want', key });
      await ready(delivered, 'a', 'b');
      return speaker.heard.filter((message) => message.kind === 'blocks' && message.key === key).length;
    };
    const rarely = await timesTold();
    await site.change({ blockProgress: 1 });
    await eventually('both have the policy', async () => (await site.hasPolicy('a')) && (await site.hasPolicy('b')));
    expect(await timesTold()).toBeGreaterThan(rarely + 2);
  });
});
