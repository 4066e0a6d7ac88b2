import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { AgentOptions, RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { UserNotice } from '../../shared/contracts/user-control.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { fanout, runFanout } from '../cli/fanout-process.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { JumpingClock } from '../support/jumping-clock.ts';
import { countRequests, OneSite } from './support/one-site.ts';

const mebibyte = 2 ** 20;
const minuteMs = 60_000;
const port = 22_000 + (process.pid % 1000);

let site: OneSite;
const closing: (() => void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await site.close();
});

function requestsTo(path: string): () => number {
  const { count, stop } = countRequests((url) => url === `/agent/v1${path}`);
  closing.push(stop);
  return count;
}

async function startWithClock(
  name: string,
  more: Partial<AgentOptions> = {},
): Promise<{ agent: RunningAgent; clock: JumpingClock }> {
  let clock: JumpingClock | null = null;
  const agent = await site.startAgent(name, {
    ...more,
    makeClock: (push) => {
      clock = new JumpingClock(push, '2026-01-05T12:00:00Z');
      return clock;
    },
  });
  if (clock === null) throw new Error('the agent did not ask for a clock');
  await eventually(`${name} is online`, async () => ((await site.isOnline(name)) ? true : null));
  return { agent, clock };
}

/** Saves the policy and waits until the agent's answer shows it. */
async function untilAnswer(agent: RunningAgent, action: 'pause' | 'postpone', words: string): Promise<void> {
  await eventually(`"${action}" is answered with "${words}"`, async () =>
    (await agent.ask(action)).message.includes(words) ? true : null,
  );
}

describe('the person at the computer', () => {
  it('allowUserPause: pauses and resumes downloads where the policy allows it, but no emergency', async () => {
    site = await OneSite.open({ subnetNumber: 31, port, wanKilobitsPerSecond: 32_000 }, {});
    const agent = await site.startAgent('a');
    const content = randomBytes(16 * mebibyte);
    const delivered = await site.deliver(content);
    await site.whenSent(content.length / 4);
    expect(await agent.ask('pause')).toEqual({
      accepted: false,
      message: 'The policy of this computer does not allow downloads to be paused.',
    });
    await site.change({ allowUserPause: true });
    await untilAnswer(agent, 'pause', 'Downloads are paused');
    const sentBytes = await eventually('the blocks under way are complete', async () => {
      const bytes = await site.settledWanBytes();
      return bytes % (2 * mebibyte) === 0 ? bytes : null;
    });
    expect(sentBytes).toBeLessThan(content.length);
    const emergency = await site.deliver(randomBytes(2 * mebibyte), { priority: 'emergency' });
    await eventually('the emergency is ready', () => emergency.readyOn('a'), 20_000);
    expect(await delivered.readyOn('a')).toBeNull();
    expect((await agent.ask('resume')).accepted).toBe(true);
    await eventually('the package is ready', () => delivered.readyOn('a'), 30_000);
    expect(await site.settledWanBytes()).toBe(content.length + 2 * mebibyte);
  });

  it('allowUserPause: a pause ends with the policy that allowed it', async () => {
    site = await OneSite.open({ subnetNumber: 32, port }, { allowUserPause: true });
    const agent = await site.startAgent('a');
    await untilAnswer(agent, 'pause', 'Downloads are paused');
    const delivered = await site.deliver(randomBytes(3 * mebibyte));
    await eventually('it waits', async () =>
      (await site.journalOf('a')).some(({ reason }) => reason === 'paused') ? true : null,
    );
    expect((await agent.ask('status')).message).toContain('paused');
    await site.change({ allowUserPause: false });
    await eventually('the package is ready', () => delivered.readyOn('a'), 20_000);
  });

  it('allowUserPostpone: puts an installation off as often as the policy says', async () => {
    site = await OneSite.open({ subnetNumber: 33, port }, {});
    const notices: UserNotice[] = [];
    const { agent, clock } = await startWithClock('a', { onNotice: (notice) => notices.push(notice) });
    await untilAnswer(agent, 'postpone', 'does not allow');
    await site.change({ allowUserPostpone: 2, showNotifications: true });
    await untilAnswer(agent, 'postpone', 'nothing to postpone');
    const { id } = await site.install(randomBytes(mebibyte));
    const isInstalled = async (): Promise<boolean> =>
      (await site.server.call('delivery', { params: { id } })).stages[0]?.states.installed === 1;
    await eventually(
      'the person is told',
      () => notices.find(({ kind }) => kind === 'installation-soon') ?? null,
      20_000,
    );
    expect((await agent.ask('postpone')).message).toContain('It can be postponed once more.');
    clock.jump(30 * minuteMs);
    expect(await agent.ask('postpone')).toMatchObject({ accepted: true });
    expect(await agent.ask('postpone')).toMatchObject({ accepted: false });
    clock.jump(31 * minuteMs);
    // The first hour is over, the second is not.
    expect((await agent.ask('postpone')).message).toContain('postponed 2 times already');
    expect(await isInstalled()).toBe(false);
    clock.jump(61 * minuteMs);
    await eventually('it is installed', async () => ((await isInstalled()) ? true : null), 20_000);
  });

  it('showNotifications: hears of downloads only where the policy shows notifications', async () => {
    site = await OneSite.open({ subnetNumber: 34, port }, {});
    const notices: UserNotice[] = [];
    await site.startAgent('a', { onNotice: (notice) => notices.push(notice) });
    const silent = await site.deliver(randomBytes(mebibyte));
    await eventually('the first package is ready', () => silent.readyOn('a'), 20_000);
    expect(notices).toEqual([]);
    await site.change({ showNotifications: true });
    const loud = await site.deliver(randomBytes(mebibyte));
    await eventually('the second package is ready', () => loud.readyOn('a'), 20_000);
    await eventually('both notices are there', () => (notices.length >= 2 ? true : null));
    expect(notices.map(({ kind }) => kind)).toEqual(['download-started', 'download-ready']);
    expect(notices[1]?.message).toContain('is ready');
  });

  it('speaks to a running "fanout agent" through its data folder', async () => {
    site = await OneSite.open({ subnetNumber: 35, port }, { allowUserPause: true, showNotifications: true });
    const data = site.dataFolderOf('standalone');
    const run = fanout([
      'agent',
      ...['--server', site.server.agentUrl, '--join-token', await site.server.makeJoinToken()],
      ...['--data', data, '--name', 'standalone', '--interface', freshLoopbackAddress(35), '--prefix', '24'],
      ...['--port', String(port), '--hearing-port', String(port), '--json'],
    ]);
    closing.push(() => run.child.kill('SIGKILL'));
    await eventually('it is online', async () => ((await site.isOnline('standalone')) ? true : null), 20_000);
    const say = (action: string) => runFanoutHere(['agent', action, '--data', data]);
    await eventually('a pause is accepted', async () => ((await say('pause')).exitCode === 0 ? true : null), 20_000);
    expect((await runFanout(['agent', 'status', '--data', data])).stdout).toContain('Downloads are paused.');
    expect((await say('resume')).stdout).toContain('Downloads go on.');
    await eventually('the notices are printed', () => (run.stderr().includes('Downloads are paused.') ? true : null));
    const postponed = await say('postpone');
    expect([postponed.exitCode === 0, postponed.stderr.includes('does not allow')]).toEqual([false, true]);
    expect(((await stat(`${data}/control.sock`)).mode & 0o077).toString(8)).toBe('0');
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    const gone = await say('pause');
    expect(gone.stderr).toContain('No agent is running with the data folder');
  });
});

describe('what an agent says of itself', () => {
  it('logLevel: the log follows the policy as soon as it changes', async () => {
    site = await OneSite.open({ subnetNumber: 36, port }, { logLevel: 'error' });
    const lines: string[] = [];
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(...chunk.toString().trim().split('\n'));
        done();
      },
    });
    await site.startAgent('a', { logger: pino({}, stream) });
    const quiet = await site.deliver(randomBytes(mebibyte));
    await eventually('the first package is ready', () => quiet.readyOn('a'), 20_000);
    expect(lines.filter((line) => line.includes(quiet.key))).toEqual([]);
    await site.change({ logLevel: 'debug' });
    const told = await site.deliver(randomBytes(mebibyte));
    await eventually('the second package is ready', () => told.readyOn('a'), 20_000);
    await eventually('its decisions are in the log', () =>
      lines.some((line) => line.includes(told.key) && line.includes('"level":20')) ? true : null,
    );
  });

  it('eventInterval: what was counted is sent after it, and sooner once a shorter one holds', async () => {
    site = await OneSite.open({ subnetNumber: 37, port, wanKilobitsPerSecond: 32_000 }, { eventInterval: 3600 });
    const { clock } = await startWithClock('a');
    const batches = requestsTo('/events');
    await site.deliver(randomBytes(32 * mebibyte));
    await site.whenSent(7 * mebibyte);
    const before = batches();
    await site.whenSent(10 * mebibyte);
    expect(batches()).toBe(before);
    clock.jump(60 * minuteMs);
    await eventually('the events are sent', () => (batches() === before + 1 ? true : null));
    await site.change({ eventInterval: 5 });
    await eventually('the policy has arrived', () => site.hasPolicy('a'));
    clock.jump(5000);
    await eventually('the next follow soon', () => (batches() > before + 1 ? true : null), 15_000);
  });

  it('configurationInterval: the policy is asked for after it, and no sooner', async () => {
    site = await OneSite.open({ subnetNumber: 38, port }, { configurationInterval: 60 });
    const asked = requestsTo('/configuration');
    const { clock } = await startWithClock('a');
    let seen = -1;
    const settled = (): Promise<number> =>
      eventually('no request is under way', async () => {
        await site.settledWanBytes();
        const isSettled = asked() === seen;
        seen = asked();
        return isSettled ? seen : null;
      });
    const before = await settled();
    clock.jump(58 * minuteMs);
    expect(await settled()).toBe(before);
    clock.jump(3 * minuteMs);
    await eventually('it is asked for', () => (asked() === before + 1 ? true : null));
    await site.change({ configurationInterval: 1 });
    const changed = await settled();
    // It may still be taking the new interval over; twenty minutes are far from the old one.
    for (let jumps = 0; jumps < 10 && asked() <= changed; jumps++) {
      clock.jump(2 * minuteMs);
      await settled();
    }
    expect(asked()).toBeGreaterThan(changed);
  });

  it('journalEntries: so many are kept', async () => {
    // So slow that the package is never complete: then nothing would be decided any more.
    const place = { subnetNumber: 39, port, wanKilobitsPerSecond: 1000 };
    site = await OneSite.open(place, { allowUserPause: true, journalEntries: 20_000 });
    const agent = await site.startAgent('a');
    await untilAnswer(agent, 'pause', 'Downloads are paused');
    await site.deliver(randomBytes(32 * mebibyte));
    await eventually('it waits', async () => ((await site.journalOf('a')).length > 0 ? true : null));
    const decide = async (times: number): Promise<void> => {
      for (let time = 0; time < times; time++) {
        await agent.ask('resume');
        await agent.ask('pause');
      }
    };
    await decide(260);
    await eventually('all are kept', async () => ((await site.journalOf('a')).length > 250 ? true : null));
    await site.change({ journalEntries: 100 });
    await eventually('only the newest are kept', async () => {
      await decide(1);
      return (await site.journalOf('a')).length <= 200 ? true : null;
    });
  });

  it('sourceBackoffScale: a server that failed is asked again after three minutes times the scale', async () => {
    site = await OneSite.open({ subnetNumber: 40, port, wanKilobitsPerSecond: 32_000 }, { sourceBackoffScale: 1 });
    const { agent, clock } = await startWithClock('a');
    const content = randomBytes(16 * mebibyte);
    const delivered = await site.deliver(content);
    await site.whenSent(content.length / 4);
    const backsOff = (times: number): Promise<true> =>
      eventually('it waits before asking again', async () =>
        (await site.journalOf('a')).filter(({ reason }) => reason === 'source-back-off').length >= times ? true : null,
      );
    await site.restartServer(() => backsOff(1).then(() => undefined));
    await eventually('it is online', async () => ((await site.isOnline('a')) ? true : null), 30_000);
    const before = await site.settledWanBytes();
    clock.jump(2 * minuteMs);
    expect(await site.settledWanBytes()).toBe(before);
    clock.jump(2 * minuteMs);
    await eventually('it goes on', async () => ((await site.wanBytes()) > before ? true : null), 20_000);
    // On its disk would be too early: a failure before the scale is in force is waited out for three minutes.
    await site.change({ sourceBackoffScale: 0.001, allowUserPostpone: 1 });
    await untilAnswer(agent, 'postpone', 'nothing to postpone');
    await site.restartServer(() => backsOff(2).then(() => undefined));
    await eventually('it goes on by itself', () => delivered.readyOn('a'), 40_000);
  });
});
