import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { maxAnnouncedPackages } from '../../shared/agent/datagram-message.ts';
import { feedToConsoleSchema } from '../../shared/contracts/console-feed.ts';
import type { AgentDiagnostics } from '../../shared/contracts/diagnostics.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger } from '../support/agent-fixtures.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { deliver, settledWanBytesInto, setUpFleetPolicy, wanBytesInto } from './support/fleet-of-one-subnet.ts';

const port = 25_000 + (process.pid % 1000);
const packages = maxAnnouncedPackages + 2;
const packageBytes = 1_100_000;

describe('the DHT over real sockets', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: TestServer;
  let joinToken: string;
  const running: { stop(): Promise<unknown> }[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
    server = await startTestServer(path.join(folder.path, 'server'));
    joinToken = await server.makeJoinToken();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    await server.stop();
    await folder.remove();
  });

  const start = async (name: string, address: string): Promise<RunningAgent> => {
    const started = await startAgent({
      name,
      dataFolder: path.join(folder.path, name),
      interface: { name: 'lo', address, prefixLength: 24 },
      port,
      hearingPort: port,
      serverUrl: server.agentUrl,
      joinToken,
      productVersion: '0.0.0-test',
      logger: silentLogger,
    });
    running.push(started);
    return started;
  };

  /** What the agent's page shows, as soon as it is so. */
  const reported = async (
    agent: RunningAgent,
    what: string,
    isSo: (diagnostics: AgentDiagnostics) => boolean,
  ): Promise<AgentDiagnostics> => {
    const headers = { authorization: `Bearer ${server.apiToken}` };
    const socket = new WebSocket(`${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`, { headers });
    let latest: AgentDiagnostics | null = null;
    socket.on('message', (data) => {
      const message = feedToConsoleSchema.parse(JSON.parse(data.toString()));
      if (message.topic === 'agent') latest = message.data.diagnostics;
    });
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    try {
      socket.send(JSON.stringify({ kind: 'subscribe', topic: { topic: 'agent', agentId: agent.agentId } }));
      return await eventually(what, () => (latest !== null && isSo(latest) ? latest : null), 20_000);
    } finally {
      socket.close();
    }
  };

  it('tells a late joiner who holds what no announcement names', async () => {
    const [first, second, third] = [freshLoopbackAddress(31), freshLoopbackAddress(31), freshLoopbackAddress(31)];
    const subnet = await setUpFleetPolicy(server, first, port);
    const early = await Promise.all([start('a', first), start('b', second)]);
    const delivered: DeliveredPackage[] = [];
    const target = { kind: 'agents' as const, agentIds: early.map(({ agentId }) => agentId) };
    for (let number = 0; number < packages; number++) {
      delivered.push(await deliver(server, folder.path, randomBytes(packageBytes), target));
    }
    for (const name of ['a', 'b']) {
      for (const { readyOn } of delivered) await eventually(`${name} is ready`, () => readyOn(name), 30_000);
    }
    for (const agent of early) {
      const { dht } = await reported(agent, 'everything is announced', (now) =>
        now.dht.some(({ announced, storedPackages }) => announced === packages && storedPackages === packages),
      );
      expect(dht.map((node) => [node.subnet, node.kind])).toEqual([[subnet, 'own']]);
    }
    const bytesBefore = await settledWanBytesInto(server, subnet);
    const late = await start('c', third);
    // In its first seconds the answers to its wants come before it looks anything up.
    await reported(late, 'a computer that has been on for a while', (now) => now.atMs - now.startedAtMs > 6000);
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
    const { dht } = await reported(
      late,
      'a report of after the downloads',
      (now) => now.packages.filter(({ state }) => state === 'ready').length === packages,
    );
    const lookups = dht.flatMap((node) => node.lookups).filter(({ purpose }) => purpose === 'download');
    for (const key of unannounced) {
      const found = lookups.filter(({ target }) => target === key).map(({ holders, hops }) => ({ holders, hops }));
      expect(found).toEqual([{ holders: 2, hops: 1 }]);
    }
  });
});
