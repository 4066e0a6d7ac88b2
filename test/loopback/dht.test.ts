import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { maxAnnouncedPackages } from '../../shared/agent/datagram-message.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { settledWanBytesInto, setUpFleetPolicy, wanBytesInto } from './support/fleet-of-one-subnet.ts';

const port = 25_000 + (process.pid % 1000);
const packages = maxAnnouncedPackages + 2;
const packageBytes = 1_100_000;

describe('the DHT over real sockets', () => {
  let place: LoopbackPlace;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
  });

  afterEach(() => place.stop());

  const start = (name: string, address: string): Promise<RunningAgent> =>
    place.startAgent(name, { interface: onLoopback(address), port });

  it('tells a late joiner who holds what no announcement names', async () => {
    const [first, second, third] = [freshLoopbackAddress(31), freshLoopbackAddress(31), freshLoopbackAddress(31)];
    const { server } = place;
    const subnet = await setUpFleetPolicy(server, first, port, 0, { maxConcurrentPackages: 10 });
    const early = await Promise.all([start('a', first), start('b', second)]);
    const delivered: DeliveredPackage[] = [];
    const target = { kind: 'agents' as const, agentIds: early.map(({ agentId }) => agentId) };
    for (let number = 0; number < packages; number++) {
      delivered.push(await place.deliver(randomBytes(packageBytes), { target }));
    }
    for (const name of ['a', 'b']) {
      for (const { readyOn } of delivered) await eventually(`${name} is ready`, () => readyOn(name), 30_000);
    }
    for (const agent of early) {
      const { dht } = await place.diagnosticsOf(agent.agentId, 'everything is announced', (now) =>
        now.dht.some(({ announced, storedPackages }) => announced === packages && storedPackages === packages),
      );
      expect(dht.map((node) => [node.subnet, node.kind])).toEqual([[subnet, 'own']]);
    }
    const bytesBefore = await settledWanBytesInto(server, subnet);
    const late = await start('c', third);
    // In its first seconds the answers to its wants come before it looks anything up.
    await place.diagnosticsOf(
      late.agentId,
      'a computer that has been on for a while',
      (now) => now.atMs - now.startedAtMs > 6000,
    );
    for (const { guid, version } of delivered) {
      const body = {
        guid,
        version,
        target: { kind: 'agents' as const, agentIds: [late.agentId] },
        priority: 'normal' as const,
      };
      await server.call('createDelivery', { body });
    }
    for (const { readyOn } of delivered) await eventually('c is ready', () => readyOn('c'), 30_000);
    expect((await wanBytesInto(server, subnet)) - bytesBefore).toBe(0);
    // The first two packages are in nobody's announcement.
    const unannounced = delivered.slice(0, packages - maxAnnouncedPackages).map(({ key }) => key);
    const { dht } = await place.diagnosticsOf(
      late.agentId,
      'a report of after the downloads',
      (now) => now.packages.filter(({ state }) => state === 'ready').length === packages,
    );
    const lookups = dht.flatMap((node) => node.lookups).filter(({ purpose }) => purpose === 'download');
    for (const key of unannounced) {
      const found = lookups.filter(({ target }) => target === key).map(({ holders, hops }) => ({ holders, hops }));
      // Where the holders have answered its want within 50 ms there is nothing to look up.
      expect([[], [{ holders: 2, hops: 1 }]]).toContainEqual(found);
    }
  });
});
