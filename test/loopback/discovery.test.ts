import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SystemAdapter } from '../../electron/agent-worker/own-interfaces.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { card, fastClock, LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { settledWanBytesInto } from './support/fleet-of-one-subnet.ts';

const port = 26_000 + (process.pid % 1000);
const quickly = {
  announcementInterval: 5,
  unavailableTimeout: 15,
  eventInterval: 5,
  blockProgress: 1,
  attemptPeriod: 1,
};

function subnetOf(address: string): string {
  return `${address.split('.').slice(0, 3).join('.')}.0/24`;
}

function answers(address: string, at: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: at }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

describe('discovery over real sockets', () => {
  let place: LoopbackPlace;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
  });

  afterEach(async () => {
    await place.stop();
  });

  it('announces at the interval of the policy, and at another one when that changes', async () => {
    const [often, rarely] = [freshLoopbackAddress(20), freshLoopbackAddress(20)];
    const announcements = await place.countAnnouncements(port);
    const options = { port, makeClock: fastClock(20) };
    const oftenAgent = await place.startAgent('often', { ...options, interface: onLoopback(often) });
    const rarelyAgent = await place.startAgent('rarely', { ...options, interface: onLoopback(rarely) });
    const target = (agentId: typeof oftenAgent.agentId) => ({ kind: 'agents' as const, agentIds: [agentId] });
    await place.createPolicy('often', target(oftenAgent.agentId), quickly);
    const slow = { announcementInterval: 3600, unavailableTimeout: 7200 };
    const { id } = await place.createPolicy('rarely', target(rarelyAgent.agentId), slow);
    await eventually('both are heard', () => (announcements(often) > 0 && announcements(rarely) > 0 ? true : null));
    const before = announcements(rarely);
    const since = announcements(often);
    await eventually('ten intervals', () => (announcements(often) >= since + 10 ? true : null));
    expect(announcements(rarely)).toBe(before);
    await place.changePolicy(id, quickly);
    await eventually('it announces often', () => (announcements(rarely) >= before + 4 ? true : null));
  });

  it('believes in a silent peer for as long as the policy says', async () => {
    const [patient, hasty, silent] = [freshLoopbackAddress(21), freshLoopbackAddress(21), freshLoopbackAddress(21)];
    const settings = { ...quickly, port };
    await place.createPolicy('all', { kind: 'subnets', subnets: [subnetOf(silent)] }, settings);
    const clock = fastClock(10);
    const hastyAgent = await place.startAgent('hasty', { port, interface: onLoopback(hasty), makeClock: clock });
    const patientAgent = await place.startAgent('patient', { port, interface: onLoopback(patient), makeClock: clock });
    const { id } = await place.createPolicy(
      'patient',
      { kind: 'agents', agentIds: [patientAgent.agentId] },
      { ...settings, unavailableTimeout: 86_400 },
    );
    await place.server.call('orderPolicies', {
      body: {
        ids: [
          id,
          ...(await place.server.call('policies', {}))
            .filter((policy) => !policy.isGlobal && policy.id !== id)
            .map((policy) => policy.id),
        ],
      },
    });
    const worker = await place.startWorker();
    await worker.startAgent(place.plan('silent', { interface: onLoopback(silent), port }));
    const stateOfSilent = (state: string) => (diagnostics: { peers: readonly { address: string; state: string }[] }) =>
      diagnostics.peers.some((peer) => peer.address === silent && peer.state === state);
    for (const { agentId } of [hastyAgent, patientAgent]) {
      await place.diagnosticsOf(agentId, 'it is known', stateOfSilent('available'));
    }
    await worker.kill();
    await place.diagnosticsOf(hastyAgent.agentId, 'it is given up', stateOfSilent('unavailable'));
    await place.diagnosticsOf(patientAgent.agentId, 'it is still believed in', stateOfSilent('available'));
  });

  it('is silent and serves nobody while peer downloading is off, and at the port of the policy when it is on', async () => {
    const address = freshLoopbackAddress(22);
    const [first, second] = [port + 1, port + 2];
    const announcements = await place.countAnnouncements(first);
    const announcementsThere = await place.countAnnouncements(second);
    const { id } = await place.createPolicy(
      'one',
      { kind: 'subnets', subnets: [subnetOf(address)] },
      { ...quickly, port: first, peerDownloading: false },
    );
    const agent = await place.startAgent('one', {
      interface: onLoopback(address),
      port: 27_801,
      hearingPort: null,
      makeClock: fastClock(20),
    });
    await eventually('the port of the policy', () => (agent.port === first ? true : null));
    await eventually('nobody listens', async () => ((await answers(address, first)) ? null : true));
    expect(announcements(address)).toBe(0);
    await place.changePolicy(id, { peerDownloading: true });
    await eventually('it is heard and listens', async () =>
      announcements(address) > 0 && (await answers(address, first)) ? true : null,
    );
    await place.changePolicy(id, { port: second });
    await eventually('it is heard and listens at the other port', async () =>
      announcementsThere(address) > 0 && (await answers(address, second)) ? true : null,
    );
    await eventually('the old port is free', async () => ((await answers(address, first)) ? null : true));
    await place.changePolicy(id, { peerDownloading: false });
    await eventually('nobody listens', async () => ((await answers(address, second)) ? null : true));
  });

  it('finds peers in additional subnets while both sides list each other, and takes a package from there', async () => {
    const [here, there] = [freshLoopbackAddress(23), freshLoopbackAddress(24)];
    const [hereSubnet, thereSubnet] = [subnetOf(here), subnetOf(there)];
    const settings = { ...quickly, port };
    const hereTarget = { kind: 'subnets' as const, subnets: [hereSubnet] };
    const thereTarget = { kind: 'subnets' as const, subnets: [thereSubnet] };
    await place.createPolicy('here', hereTarget, { ...settings, additionalSubnets: [thereSubnet] });
    const { id } = await place.createPolicy('there', thereTarget, settings);
    const hereAgent = await place.startAgent('here', { port, interface: onLoopback(here) });
    const thereAgent = await place.startAgent('there', { port, interface: onLoopback(there) });
    const refused = await place.diagnosticsOf(hereAgent.agentId, 'it is told why nobody is there', ({ subnets }) =>
      subnets.some(({ subnet, note }) => subnet === thereSubnet && note !== undefined && note !== ''),
    );
    expect(refused.subnets.find(({ subnet }) => subnet === thereSubnet)).toEqual({
      subnet: thereSubnet,
      adapter: 'lo',
      kind: 'additional',
      peers: 0,
      note: `${thereSubnet} does not list this computer's subnet.`,
    });
    await place.changePolicy(id, { additionalSubnets: [hereSubnet] });
    for (const [agent, address] of [
      [hereAgent, there],
      [thereAgent, here],
    ] as const) {
      await place.diagnosticsOf(agent.agentId, `${address} is known`, ({ peers }) =>
        peers.some((peer) => peer.address === address && peer.state === 'available'),
      );
    }
    const content = randomBytes(9 * 1024 * 1024);
    const delivered = await place.deliver(content);
    for (const name of ['here', 'there']) await eventually(`${name} has it`, () => delivered.readyOn(name), 30_000);
    const bytes = [
      await settledWanBytesInto(place.server, hereSubnet),
      await settledWanBytesInto(place.server, thereSubnet),
    ];
    expect((bytes[0] ?? 0) + (bytes[1] ?? 0), 'one copy for both').toBe(content.length);
  });

  it('hands a package from one subnet to another through an agent that lives in both', async () => {
    const [left, right] = [freshLoopbackAddress(25), freshLoopbackAddress(26)];
    const [between, besides] = [freshLoopbackAddress(25), freshLoopbackAddress(26)];
    const subnets = [subnetOf(left), subnetOf(right)];
    await place.createPolicy('both', { kind: 'subnets', subnets }, { ...quickly, port });
    const both = await place.startAgent('both', { port, interface: [onLoopback(between), onLoopback(besides)] });
    await place.startAgent('left', { port, interface: onLoopback(left) });
    await place.startAgent('right', { port, interface: onLoopback(right) });
    const diagnostics = await place.diagnosticsOf(both.agentId, 'it knows both', ({ peers }) => peers.length === 2);
    expect(diagnostics.subnets.map(({ subnet, kind, peers }) => ({ subnet, kind, peers }))).toEqual(
      subnets.map((subnet) => ({ subnet, kind: 'own', peers: 1 })),
    );
    const content = randomBytes(9 * 1024 * 1024);
    const delivered = await place.deliver(content);
    for (const name of ['both', 'left', 'right'])
      await eventually(`${name} has it`, () => delivered.readyOn(name), 30_000);
    for (const subnet of subnets) {
      // Who lives in both follows one claim of each side; neither side fetches more than its own copy.
      expect(await settledWanBytesInto(place.server, subnet)).toBeLessThanOrEqual(content.length * 1.05);
    }
  });

  it('takes its blocks along to another subnet in the middle of a delivery', async () => {
    const [old, stays] = [freshLoopbackAddress(27), freshLoopbackAddress(27)];
    const [now, lives] = [freshLoopbackAddress(28), freshLoopbackAddress(28)];
    const [oldSubnet, newSubnet] = [subnetOf(old), subnetOf(now)];
    await place.createPolicy('both', { kind: 'subnets', subnets: [oldSubnet, newSubnet] }, { ...quickly, port });
    for (const [name, subnet] of [
      ['Old', oldSubnet],
      ['New', newSubnet],
    ] as const) {
      await place.server.call('createSite', { body: { name, subnets: [subnet], wanKilobitsPerSecond: 40_000 } });
    }
    let adapters: SystemAdapter[] = [card('lan0', old)];
    const traveller = await place.startAgent('traveller', { port, interface: 'auto', readAdapters: () => adapters });
    await place.startAgent('stays', { port, interface: onLoopback(stays) });
    await place.startAgent('lives', { port, interface: onLoopback(lives) });
    const content = randomBytes(24 * 1024 * 1024);
    const delivered = await place.deliver(content);
    const blocksOf = async () => {
      const { packages } = await place.server.call('agent', { params: { agentId: traveller.agentId } });
      return packages.find(({ key }) => key === delivered.key)?.blocks ?? 0;
    };
    const diagnostics = await place.diagnosticsOf(traveller.agentId, 'it holds a third', ({ packages }) =>
      packages.some(({ blocks }) => blocks.reduce((sum, [first, end]) => sum + end - first, 0) >= 4),
    );
    const [held] = diagnostics.packages;
    adapters = [card('lan0', now)];
    for (const name of ['traveller', 'stays', 'lives'])
      await eventually(`${name} has it`, () => delivered.readyOn(name), 60_000);
    await eventually('the server knows of all of its blocks', async () => ((await blocksOf()) === 12 ? true : null));
    expect(held?.blocks.length).toBeGreaterThan(0);
    expect(traveller.interfaces.map(({ name }) => name)).toEqual(['lan0']);
    const moved = await place.diagnosticsOf(traveller.agentId, 'it knows its new peers alone', ({ peers }) =>
      peers.some(({ address, state }) => address === lives && state === 'available'),
    );
    expect(moved.peers.map(({ address }) => address)).toEqual([lives]);
    expect(moved.subnets.map(({ subnet }) => subnet)).toEqual([newSubnet]);
    for (const subnet of [oldSubnet, newSubnet]) {
      expect(await settledWanBytesInto(place.server, subnet), subnet).toBeLessThanOrEqual(content.length * 1.2);
    }
  }, 90_000);

  it('goes on with a taken port or an address that is gone, and takes them when they are to be had', async () => {
    const [first, second] = [freshLoopbackAddress(29), freshLoopbackAddress(30)];
    await place.createPolicy(
      'both',
      { kind: 'subnets', subnets: [subnetOf(first), subnetOf(second)] },
      { ...quickly, port },
    );
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(port, second, resolve));
    let adapters: SystemAdapter[] = [card('lan0', first)];
    const told: string[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object) => told.push(JSON.stringify(fields)),
      child: () => logger,
      level: 'error',
    };
    const agent = await place.startAgent('one', { port, interface: 'auto', readAdapters: () => adapters, logger });
    adapters = [card('lan0', first), card('lan1', second), { ...card('lan2', first), ipv4: [], hasIpv6: true }];
    await eventually('it says which port is taken', () =>
      told.some((line) => line.includes(`${port}`) && line.includes(second)) ? true : null,
    );
    expect(agent.interfaces.map(({ name }) => name)).toEqual(['lan0']);
    expect(told.filter((line) => line.includes(second))).toHaveLength(1);
    await new Promise((resolve) => occupant.close(resolve));
    await eventually('it takes the port', () => (agent.interfaces.length === 2 ? true : null));
    adapters = [];
    await eventually('it is nowhere', () => (agent.interfaces.length === 0 ? true : null));
    adapters = [card('lan1', second)];
    await eventually('it is back', async () => ((await answers(second, port)) ? true : null));
    expect(await answers(first, port)).toBe(false);
  });
});
