import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { weekdays } from '../../shared/base/week-time.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { JumpingClock } from '../support/jumping-clock.ts';
import { OneSite } from './support/one-site.ts';

const mebibyte = 2 ** 20;
const minuteMs = 60_000;
const everyDay = [...weekdays];
const port = 23_000 + (process.pid % 1000);
/** Ten seconds before a blockout that begins at 02:00. */
const mondayAt0159 = '2026-01-05T01:59:50Z';

function nightly(kind: 'downloads' | 'total'): AgentSettings['blockouts'] {
  return [{ days: everyDay, from: '02:00', to: '03:00', kind }];
}

function throttled(kilobytesPerSecond: number, from = '00:00', to = '00:00'): AgentSettings['throttlingPeriods'] {
  return [{ days: everyDay, from, to, kilobytesPerSecond }];
}

describe('times and rates of the policy', () => {
  let site: OneSite;

  afterEach(() => site.close());

  async function startWithClock(
    name: string,
    wallTime: string,
    zoneMinutes = 0,
  ): Promise<{ agent: RunningAgent & { readonly address: string }; clock: JumpingClock }> {
    let clock: JumpingClock | null = null;
    const agent = await site.startAgent(name, {
      makeClock: (push) => {
        clock = new JumpingClock(push, wallTime, zoneMinutes);
        return clock;
      },
    });
    if (clock === null) throw new Error('the agent did not ask for a clock');
    return { agent, clock };
  }

  const journaled = (name: string, reason: string): Promise<string> =>
    eventually(`${name} writes down "${reason}"`, async () => {
      const entry = (await site.journalOf(name)).find((candidate) => candidate.reason === reason);
      return entry?.sentence ?? null;
    });

  it('throttlingPeriods: a download from the server keeps to the rate, and runs free once the policy does without', async () => {
    site = await OneSite.open({ subnetNumber: 41, port }, { throttlingPeriods: throttled(900) });
    await site.startAgent('a');
    const small = randomBytes(3 * mebibyte);
    const startedMs = performance.now();
    const first = await site.deliver(small);
    await eventually('the first package is ready', () => first.readyOn('a'), 30_000);
    expect(performance.now() - startedMs).toBeGreaterThan((small.length / 900) * 0.95);
    expect(await journaled('a', 'throttled')).toContain('900 KB/s');
    await site.change({ throttlingPeriods: throttled(20) });
    const second = await site.deliver(randomBytes(8 * mebibyte));
    await eventually('the lower rate holds', async () =>
      (await site.journalOf('a')).some(({ sentence }) => sentence.includes('20 KB/s')) ? true : null,
    );
    // 8 MiB at 20 KB/s would take seven minutes.
    await site.change({ throttlingPeriods: [] });
    await eventually('the second package is ready', () => second.readyOn('a'), 30_000);
  });

  it('periodClock: the same period holds by local time or by UTC', async () => {
    // 01:30 UTC is 02:30 there.
    site = await OneSite.open({ subnetNumber: 42, port }, { blockouts: nightly('downloads') });
    await startWithClock('a', '2026-01-05T01:30:00Z', 60);
    const delivered = await site.deliver(randomBytes(3 * mebibyte));
    expect(await journaled('a', 'blockout')).toContain('ends at 03:00 on Monday.');
    expect(await site.settledWanBytes()).toBe(0);
    await site.change({ periodClock: 'utc' });
    await eventually('the package is ready', () => delivered.readyOn('a'), 20_000);
  });

  it('blockouts of downloads: stop the transfers at their minute, not the talk, and cost no second copy', async () => {
    site = await OneSite.open(
      { subnetNumber: 43, port, wanKilobitsPerSecond: 48_000 },
      { blockouts: nightly('downloads') },
    );
    const content = randomBytes(24 * mebibyte);
    const { clock } = await startWithClock('a', mondayAt0159);
    const delivered = await site.deliver(content);
    await site.whenSent(content.length / 4);
    clock.jump(15_000);
    expect(await journaled('a', 'blockout')).toContain('ends at 03:00 on Monday.');
    const sentBytes = await site.settledWanBytes();
    expect(sentBytes).toBeLessThan(content.length);
    expect(await site.isOnline('a')).toBe(true);
    clock.jump(60 * minuteMs);
    await eventually('the package is ready', () => delivered.readyOn('a'), 30_000);
    // What was under way when the clock jumped: two blocks at most.
    expect(await site.settledWanBytes()).toBeLessThanOrEqual(content.length + 4 * mebibyte);
  });

  it('restartSpread: downloads wait for a moment within it, which a shorter one brings nearer', async () => {
    site = await OneSite.open({ subnetNumber: 44, port }, { blockouts: nightly('downloads'), restartSpread: 60 });
    const { clock } = await startWithClock('a', '2026-01-05T02:30:00Z');
    const delivered = await site.deliver(randomBytes(3 * mebibyte));
    await journaled('a', 'blockout');
    clock.jump(30 * minuteMs + 1000);
    // The moment is random: within the first second after the hour only once in an hour's worth of runs.
    expect(await site.settledWanBytes()).toBe(0);
    await site.change({ restartSpread: 0 });
    await eventually('the package is ready', () => delivered.readyOn('a'), 20_000);
  });

  it('blockouts of all communication: goodbye, then silence; afterwards the agent asks for its policy', async () => {
    site = await OneSite.open({ subnetNumber: 45, port }, { blockouts: nightly('total') });
    // Early enough for both to come online before it, however busy the computer is.
    const { agent, clock } = await startWithClock('a', '2026-01-05T01:50:00Z');
    // Not by the real clock: at night this agent would be silent as well.
    const { agent: peer } = await startWithClock('b', '2026-01-05T12:00:00Z');
    await eventually('both are online', async () =>
      (await site.isOnline('a')) && (await site.isOnline('b')) ? true : null,
    );
    // The policy, and with it the listener, comes after the feed.
    await eventually('both listen', async () =>
      (await canConnect(agent.address)) && (await canConnect(peer.address)) ? true : null,
    );
    const heard = await hearDatagramsOf(agent.address);
    clock.jump(10 * minuteMs);
    await eventually('the feed is closed', async () => ((await site.isOnline('a')) ? null : true));
    await eventually('goodbye is said', () => (heard.texts.some((text) => text.includes('byebye')) ? true : null));
    expect(await canConnect(agent.address)).toBe(false);
    expect(await canConnect(peer.address)).toBe(true);
    const datagramsBefore = heard.texts.length;
    const delivered = await site.deliver(randomBytes(3 * mebibyte));
    await site.change({ logLevel: 'debug' });
    await eventually('the other has the package', () => delivered.readyOn('b'), 20_000);
    // Several announcement intervals pass for it.
    clock.jump(minuteMs);
    expect(await delivered.readyOn('a')).toBeNull();
    expect(heard.texts.length).toBe(datagramsBefore);
    clock.jump(60 * minuteMs);
    await eventually('it is online again', async () => ((await site.isOnline('a')) ? true : null), 20_000);
    await eventually('it has the package', () => delivered.readyOn('a'), 20_000);
    expect(heard.texts.slice(datagramsBefore).some((text) => text.includes('NTS: alive'))).toBe(true);
    heard.close();
  });

  it('priorities: an emergency goes first at a block boundary, in blockouts of downloads too, and costs no second copy', async () => {
    site = await OneSite.open({ subnetNumber: 46, port, wanKilobitsPerSecond: 48_000 }, {});
    const [slow, urgent] = [randomBytes(24 * mebibyte), randomBytes(6 * mebibyte)];
    for (const name of ['a', 'b']) await startWithClock(name, '2026-01-05T02:30:00Z');
    const normal = await site.deliver(slow);
    await site.whenSent(slow.length / 5);
    const emergency = await site.deliver(urgent, { priority: 'emergency' });
    await eventually('the emergency is ready', () => emergency.readyOn('a'), 30_000);
    expect(await normal.readyOn('a')).toBeNull();
    expect(await journaled('a', 'pre-empted')).toContain('more urgent packages go first');
    for (const name of ['a', 'b']) await eventually(`${name} has both`, () => normal.readyOn(name), 40_000);
    expect(await site.settledWanBytes()).toBe(slow.length + urgent.length);
    await site.change({ blockouts: nightly('downloads') });
    const held = await site.deliver(randomBytes(2 * mebibyte));
    const inTheNight = await site.deliver(randomBytes(2 * mebibyte), { priority: 'emergency' });
    await eventually('the emergency ignores the blockout', () => inTheNight.readyOn('a'), 20_000);
    expect(await held.readyOn('a')).toBeNull();
  });

  it('maxConcurrentPackages: one after the other, or as many as a new value says while they run', async () => {
    site = await OneSite.open({ subnetNumber: 47, port, wanKilobitsPerSecond: 16_000 }, { maxConcurrentPackages: 1 });
    await site.startAgent('a');
    const first = await site.deliver(randomBytes(16 * mebibyte));
    const second = await site.deliver(randomBytes(16 * mebibyte));
    const statesOf = async (): Promise<string[]> => {
      const agents = await site.server.call('agents', {});
      const agentId = agents.find(({ name }) => name === 'a')?.agentId;
      if (agentId === undefined) return [];
      const { packages } = await site.server.call('agent', { params: { agentId } });
      return [first, second].map(({ key }) => packages.find((held) => held.key === key)?.state ?? 'unknown');
    };
    await eventually('the first is under way', async () => ((await statesOf())[0] === 'downloading' ? true : null));
    await site.whenSent(3 * mebibyte);
    expect((await statesOf())[1]).not.toBe('downloading');
    await site.change({ maxConcurrentPackages: 2 });
    await eventually('both are under way', async () =>
      (await statesOf()).every((state) => state === 'downloading') ? true : null,
    );
    expect(await first.readyOn('a')).toBeNull();
  });
});

/** Listens as any computer of the subnet would, without a key. */
async function hearDatagramsOf(address: string): Promise<{ readonly texts: string[]; close(): void }> {
  const texts: string[] = [];
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (bytes, from) => {
    if (from.address === address) texts.push(bytes.toString('latin1'));
  });
  await new Promise<void>((resolve) => socket.bind(port, resolve));
  return { texts, close: () => socket.close() };
}

function canConnect(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
