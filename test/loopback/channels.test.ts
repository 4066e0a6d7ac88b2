import { randomBytes } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import { weekdays } from '../../shared/base/week-time.ts';
import type { Channel, ChannelCopy } from '../../shared/contracts/channels-api.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { JumpingClock } from '../support/jumping-clock.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { settledWanBytesInto } from './support/fleet-of-one-subnet.ts';

const port = 28_430;
const content = randomBytes(2 * BLOCK_SIZE_BYTES + 1000);
const dayMs = 86_400_000;
/** Of no agent: the package is there, and nobody is told to fetch it. */
const nobody = { target: { kind: 'agents' as const, agentIds: ['e'.repeat(32) as AgentId] } };

/** Two hours of the night of the day after tomorrow, in UTC: closed now, and when it opens. */
function laterWindow() {
  const opensAtMs = Math.floor(Date.now() / dayMs) * dayMs + 2 * dayMs + 2 * 3_600_000;
  const day = weekdays[(new Date(opensAtMs).getUTCDay() + 6) % 7] ?? 'mon';
  return { window: { days: [day], from: '02:00', to: '04:00' }, opensAtMs };
}

describe('a channel that a Package Server subscribes to, over real sockets', () => {
  let place: LoopbackPlace;
  let clock: JumpingClock;
  let subnet = '';
  let subject: DeliveredPackage;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
    const address = freshLoopbackAddress(72);
    subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
    const body = { name: 'Branch', subnets: [subnet], wanKilobitsPerSecond: 0 };
    const site = await place.server.call('createSite', { body });
    await place.createPolicy('branch', { kind: 'subnets', subnets: [subnet] }, { port, eventInterval: 5 });
    const server = await place.startAgent('ps', {
      interface: onLoopback(address),
      port,
      makeClock: (push) => {
        clock = new JumpingClock(push, new Date().toISOString());
        return clock;
      },
    });
    await eventually('it is online', async () => ((await place.isOnline(server.agentId)) ? true : null));
    await place.server.call('addPackageServer', { body: { agentId: server.agentId, siteId: site.id } });
    subject = await place.deliver(content, nobody);
  });

  afterEach(() => place.stop());

  function createChannel(more: object = {}): Promise<Channel> {
    const items = [{ guid: subject.guid }];
    const body = { name: 'Office', items, subscribers: { all: true }, ...more };
    return place.server.call('createChannel', { body });
  }

  async function copyWhen(state: ChannelCopy['state']): Promise<ChannelCopy> {
    return eventually(`the copy is ${state}`, async () => {
      const { copies } = await place.server.call('channelCopies', { query: {} });
      return copies.find((copy) => copy.state === state) ?? null;
    });
  }

  it('is replicated as soon as a package is injected, by one copy, and shows it', async () => {
    const { id } = await createChannel({ items: [] });
    const body = { guid: subject.guid };
    await place.server.call('addChannelPackage', { params: { id }, body });
    const copy = await copyWhen('complete');
    expect(copy).toMatchObject({ percent: 100, copiedBytes: content.length, siteName: 'Branch', reason: '' });
    expect(await subject.readyOn('ps')).toBe(true);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(content.length);
  });

  it('waits for its window, says so, and copies when it opens', async () => {
    const { window, opensAtMs } = laterWindow();
    await createChannel({ windows: [window] });
    await eventually('the agent notes it', async () => {
      return (await place.journalOf('ps')).some(({ reason }) => reason === 'outside-window') ? true : null;
    });
    const waiting = await copyWhen('outside-window');
    expect(waiting.reason).toMatch(/^The window opens at 02:00 on \w+, by the clocks of its site\.$/);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(0);
    clock.jump(opensAtMs + 60_000 - Date.now());
    await copyWhen('complete');
    expect(await settledWanBytesInto(place.server, subnet)).toBe(content.length);
  });

  it('is kept until it expires, and deleted when nobody used it for long enough since', async () => {
    const { id } = await createChannel();
    await copyWhen('complete');
    const stored = path.join(place.agentFolder('ps'), 'packages', subject.key);
    const isStored = () =>
      access(stored).then(
        () => true,
        () => false,
      );
    await place.server.call('updateAgentPackage', { body: { deleteUnusedAfterHours: 24 } });
    clock.jump(2 * dayMs);
    // It would be gone now, were it not kept: its next one arrives, which an agent looks for after it has looked round.
    const other = await place.deliver(randomBytes(1000));
    await eventually('the next package is there', () => other.readyOn('ps'));
    expect(await isStored()).toBe(true);
    const body = { guid: subject.guid, expiresAtMs: Date.now() + 100 };
    await place.server.call('addChannelPackage', { params: { id }, body });
    await copyWhen('expired');
    await eventually('it is deleted', async () => ((await isStored()) ? null : true));
  });
});
