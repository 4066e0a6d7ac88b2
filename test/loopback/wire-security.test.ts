import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { access, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentFailure } from '../../electron/agent-worker/agent-failure.ts';
import { storedIdentitySchema } from '../../electron/agent-worker/agent-identity.ts';
import type { AgentOptions, RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { GroupKey } from '../../shared/contracts/agent-api.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, randomId } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { answerOfPeer } from './support/answer-of-peer.ts';
import { CuttableWay } from './support/cuttable-way.ts';
import { DatagramSigner } from './support/datagram-signer.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { settledWanBytesInto, setUpFleetPolicy, wanBytesInto } from './support/fleet-of-one-subnet.ts';
import type { WatchedAgent } from './support/watched-agent.ts';

const port = 26_000 + (process.pid % 1000);
const mebibyte = 1024 * 1024;

describe('agents with a real Notification Server', () => {
  let place: LoopbackPlace;

  beforeEach(async () => {
    place = await LoopbackPlace.start({ groupKeySettleMs: 2000 });
  });

  afterEach(() => place.stop());

  const start = (name: string, address: string, more: Partial<AgentOptions> = {}): Promise<RunningAgent> =>
    place.startAgent(name, { interface: onLoopback(address), port, ...more });
  const wayToServer = async (): Promise<CuttableWay> => {
    const way = await CuttableWay.to(place.server.agentUrl);
    place.onStop(() => way.stop());
    return way;
  };
  const whenSent = (subnet: string, bytes: number) =>
    eventually('some of it has crossed the WAN', async () =>
      (await wanBytesInto(place.server, subnet)) >= bytes ? true : null,
    );
  const whenReady = async (delivered: DeliveredPackage, names: readonly string[]) => {
    for (const name of names) await eventually(`${name} has the package`, () => delivered.readyOn(name), 40_000);
  };
  const isAt = (watched: WatchedAgent, peer: AgentId) =>
    eventually('they know each other', () => (watched.isPeer(peer) ? true : null), 20_000);
  /** As soon as the server lets it: a rotation has to settle before the next one. */
  const rotate = () =>
    eventually(
      'the group key can be rotated',
      () =>
        place.server.call('rotateGroupKeys', {}).catch((error: Error) => {
          if (error.message.includes('still taking over')) return null;
          throw error;
        }),
      20_000,
    );
  const groupKeysOf = async (name: string): Promise<GroupKey[]> =>
    JSON.parse(await readFile(path.join(place.agentFolder(name), 'configuration.json'), 'utf8')).configuration
      .groupKeys;

  it('lose nothing when the group key is rotated in the middle of a delivery', async () => {
    const addresses = [1, 2, 3].map(() => freshLoopbackAddress(81));
    const subnet = await setUpFleetPolicy(place.server, addresses[0] ?? '', port, 40_000);
    const agents = await Promise.all(addresses.map((address, index) => start(`r${index}`, address)));
    const watched = await Promise.all(agents.map(({ agentId }) => place.watch(agentId)));
    for (const [index, each] of watched.entries()) {
      for (const other of agents.filter((_, at) => at !== index)) await isAt(each, other.agentId);
    }
    const content = randomBytes(20 * mebibyte);
    const delivered = await place.deliver(content);
    await whenSent(subnet, content.length / 4);
    // Whoever spoke to an agent that had no configuration yet was not understood.
    const droppedBy = (each: WatchedAgent) => [each.dropped('wrong-mac'), each.dropped('unknown-group-key')];
    const before = watched.map(droppedBy);
    await rotate();
    await whenReady(delivered, ['r0', 'r1', 'r2']);
    expect(await settledWanBytesInto(place.server, subnet)).toBe(content.length);
    expect(watched.map(droppedBy)).toEqual(before);
  });

  it('hear an agent that missed one rotation at once, and one that missed two when it reaches the server', async () => {
    const [first, second] = [freshLoopbackAddress(82), freshLoopbackAddress(82)];
    await setUpFleetPolicy(place.server, first, port);
    const way = await wayToServer();
    const a = await place.watch((await start('a', first)).agentId);
    const b = await start('b', second, { serverUrl: way.url });
    await isAt(a, b.agentId);
    way.cut();
    await rotate();
    await b.stop();
    await eventually('it is gone', () => (a.isPeer(b.agentId) ? null : true), 20_000);
    // From what it knew before: its current key is the previous one of the others.
    await start('b', second, { serverUrl: way.url, joinToken: null });
    await isAt(a, b.agentId);
    expect(a.dropped('unknown-group-key')).toBe(0);
    await rotate();
    await eventually('its key is too old now', () => (a.dropped('unknown-group-key') > 0 ? true : null), 20_000);
    way.mend();
    await eventually(
      'it has the new keys',
      async () => ((await groupKeysOf('b')).at(-1)?.id === (await groupKeysOf('a')).at(-1)?.id ? true : null),
      30_000,
    );
    const dropped = a.dropped('unknown-group-key');
    await isAt(a, b.agentId);
    expect(a.dropped('unknown-group-key')).toBeLessThanOrEqual(dropped + 2);
  });

  it('go on without one that is revoked in the middle of a delivery, which says so and stops', async () => {
    const addresses = [1, 2, 3].map(() => freshLoopbackAddress(83));
    const subnet = await setUpFleetPolicy(place.server, addresses[0] ?? '', port, 40_000);
    const failures: AgentFailure[] = [];
    const a = await start('a', addresses[0] ?? '');
    await start('b', addresses[1] ?? '');
    const lost = await start('lost', addresses[2] ?? '', { onFailure: (failure) => failures.push(failure) });
    const watched = await place.watch(a.agentId);
    await isAt(watched, lost.agentId);
    const content = randomBytes(20 * mebibyte);
    const delivered = await place.deliver(content);
    await whenSent(subnet, content.length / 4);
    const known = await groupKeysOf('lost');
    await place.server.call('revokeAgent', { params: { agentId: lost.agentId } });
    await eventually('it says that it is revoked', () => failures[0] ?? null);
    expect([failures[0]?.code, failures[0]?.isFinal]).toEqual(['revoked', true]);
    await whenReady(delivered, ['a', 'b']);
    expect(await delivered.readyOn('lost')).toBeNull();
    expect(await settledWanBytesInto(place.server, subnet)).toBeLessThanOrEqual(content.length * 1.2);
    expect(watched.latest?.peers.some(({ agentId }) => agentId === lost.agentId)).toBe(false);
    expect([watched.dropped('wrong-mac'), watched.dropped('unknown-group-key')]).toEqual([0, 0]);

    // Its certificate opens nothing any more, and whoever uses the keys that it knew is heard no longer.
    const stolen = storedIdentitySchema.parse(
      JSON.parse(await readFile(path.join(place.agentFolder('lost'), 'identity.json'), 'utf8')),
    );
    const heard = { agentId: a.agentId, address: addresses[0] ?? '', port };
    const credentials = { key: stolen.privateKeyPem, cert: stolen.certificatePem, ca: stolen.caCertificatePem };
    expect(await answerOfPeer(heard, addresses[2] ?? '', credentials)).toBe('nothing');
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind({ address: freshLoopbackAddress(83), port: 0 }, resolve));
    const answers: Buffer[] = [];
    socket.on('message', (bytes) => answers.push(bytes));
    const forger = new DatagramSigner({ agentId: randomId() as AgentId, serverId: stolen.serverId }, known);
    await eventually(
      'the keys that it knew count no longer',
      async () => {
        socket.send(forger.sign({ kind: 'byebye' }), port, addresses[0]);
        return watched.dropped('retired-group-key') > 0 ? true : null;
      },
      30_000,
    );
    socket.close();
    const dropped = watched.dropped('retired-group-key');
    expect(dropped).toBeGreaterThan(0);
    expect(answers).toEqual([]);
    const anew = await start('anew', freshLoopbackAddress(83));
    expect(anew.agentId).not.toBe(lost.agentId);
  });

  it('fetch and serve not one byte more of a package that is withdrawn, without a feed neither', async () => {
    const addresses = [1, 2, 3].map(() => freshLoopbackAddress(84));
    const subnet = await setUpFleetPolicy(place.server, addresses[0] ?? '', port, 20_000);
    const way = await wayToServer();
    const a = await start('a', addresses[0] ?? '');
    await start('b', addresses[1] ?? '');
    const alone = await start('alone', addresses[2] ?? '', { serverUrl: way.url });
    const watched = await place.watch(a.agentId);
    await isAt(watched, alone.agentId);
    const content = randomBytes(24 * mebibyte);
    const delivered = await place.deliver(content);
    await whenSent(subnet, content.length / 4);
    const folderOf = (name: string) =>
      access(path.join(place.agentFolder(name), 'packages', delivered.key)).then(
        () => true,
        () => false,
      );
    await eventually('it takes part', async () => ((await folderOf('alone')) ? true : null));
    way.cut();
    await place.server.call('withdrawPackage', { params: { guid: delivered.guid, version: delivered.version } });
    const sentThen = await settledWanBytesInto(place.server, subnet);
    for (const name of ['a', 'b', 'alone']) {
      await eventually(`${name} has deleted it`, async () => ((await folderOf(name)) ? null : true), 5000);
    }
    const twoReportsLater = async () => {
      const atMs = watched.latest?.atMs ?? 0;
      await eventually('a later report', () => ((watched.latest?.atMs ?? 0) > atMs + 1500 ? true : null));
    };
    // The last report is up to a second old: it may lack what was served before.
    await twoReportsLater();
    const peerBytesOut = watched.latest?.httpServer.bytesOut;
    expect(await settledWanBytesInto(place.server, subnet)).toBe(sentThen);
    expect(sentThen).toBeLessThan(content.length);
    await twoReportsLater();
    expect(watched.latest?.httpServer.bytesOut).toBe(peerBytesOut);
    expect(watched.latest?.packages.find(({ key }) => key === delivered.key)?.state).toBe('withdrawn');
  });

  it('take nothing from a peer that sends damaged blocks, and the administrator is told', async () => {
    const [first, second] = [freshLoopbackAddress(85), freshLoopbackAddress(85)];
    await setUpFleetPolicy(place.server, first, port);
    const bad = await start('bad', first);
    const contents = [1, 2, 3].map(() => randomBytes(3 * mebibyte));
    const packages: DeliveredPackage[] = [];
    for (const content of contents) packages.push(await place.deliver(content));
    for (const each of packages) await eventually('it has them', () => each.readyOn('bad'), 30_000);
    for (const { key, fileName } of packages) {
      const file = await open(path.join(place.agentFolder('bad'), 'packages', key, 'files', fileName), 'r+');
      for (const offset of [1000, 2 * mebibyte + 1000]) await file.write(Buffer.from('damage'), 0, 6, offset);
      await file.close();
    }
    const good = await start('good', second);
    const watched = await place.watch(good.agentId);
    for (const [index, each] of packages.entries()) {
      await eventually('the other has it all the same', () => each.readyOn('good'), 40_000);
      const file = path.join(place.agentFolder('good'), 'packages', each.key, 'files', each.fileName);
      expect((await readFile(file)).equals(contents[index] ?? Buffer.alloc(0))).toBe(true);
    }
    const alert = await eventually(
      'the administrator is told',
      async () => (await place.server.call('alerts', {})).find(({ count }) => count >= 3) ?? null,
      20_000,
    );
    expect(alert).toMatchObject({ kind: 'corrupt-blocks', agentId: bad.agentId, agentName: 'bad', count: 3 });
    expect(alert.reportedBy).toBe(good.agentId);
    await eventually('it is banned', () =>
      watched.latest?.peers.some(({ agentId, state }) => agentId === bad.agentId && state === 'banned') ? true : null,
    );
  });
});
