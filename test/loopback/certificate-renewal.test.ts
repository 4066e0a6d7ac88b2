import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger } from '../support/agent-fixtures.ts';
import { deliver, settledWanBytesInto, setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const port = 28_000 + (process.pid % 700);
const validityMs = 6000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: TestServer;
const running: RunningAgent[] = [];

beforeEach(async () => {
  folder = await temporaryFolder();
  const agentCertificateTimes = { validityMs, backdatedMs: 1000 };
  server = await startTestServer(path.join(folder.path, 'server'), { agentCertificateTimes });
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
  await server.stop();
  await folder.remove();
});

const start = async (name: string, address: string, joinToken: string | null): Promise<RunningAgent> => {
  const agent = await startAgent({
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
  running.push(agent);
  return agent;
};
const certificateOf = async (name: string) =>
  new X509Certificate(JSON.parse(await readFile(path.join(folder.path, name, 'identity.json'), 'utf8')).certificatePem);

it('an agent whose certificate ran out while it was off gets a new one and goes on', async () => {
  const address = freshLoopbackAddress(96);
  const before = await start('off', address, await server.makeJoinToken());
  await before.stop();
  const { validTo } = await certificateOf('off');
  await eventually('it is over', () => (Date.now() > Date.parse(validTo) + 1000 ? true : null), 20_000);
  const after = await start('off', address, null);
  expect(after.agentId).toBe(before.agentId);
  await eventually('it is online', async () =>
    (await server.call('agent', { params: { agentId: after.agentId } })).online ? true : null,
  );
  expect(Date.parse((await certificateOf('off')).validTo)).toBeGreaterThan(Date.parse(validTo));
});

it('agents renew at half of the validity, and connections and listeners go on with the new certificate', async () => {
  const addresses = [freshLoopbackAddress(95), freshLoopbackAddress(95)];
  const subnet = await setUpFleetPolicy(server, addresses[0] ?? '', port, 40_000);
  const joinToken = await server.makeJoinToken();
  for (const [index, address] of addresses.entries()) await start(`n${index}`, address, joinToken);
  const first = await certificateOf('n0');
  const ids = running.map(({ agentId }) => agentId);
  // Takes about four seconds: certificates change in the middle of it.
  const under = await deliver(server, path.join(folder.path, 'one'), randomBytes(20 * 1024 * 1024));
  await eventually(
    'the first certificates are over, and others in their place',
    async () => {
      const isOver = Date.now() > Date.parse(first.validTo) + 1000;
      return isOver && (await certificateOf('n0')).serialNumber !== first.serialNumber ? true : null;
    },
    20_000,
  );
  const readyIn = (name: string, key: string) =>
    readFile(path.join(folder.path, name, 'packages', key, 'finished')).then(
      () => true,
      () => null,
    );
  for (const name of ['n0', 'n1']) await eventually(`${name} is ready`, () => readyIn(name, under.key), 20_000);
  expect(await settledWanBytesInto(server, subnet)).toBe(20 * 1024 * 1024);
  const content = randomBytes(5 * 1024 * 1024);
  const later = await deliver(server, path.join(folder.path, 'two'), content);
  for (const name of ['n0', 'n1']) await eventually(`${name} is ready`, () => readyIn(name, later.key), 20_000);
  // One copy over the WAN: the other came from a peer, over listeners and connections with the new certificates.
  expect(await settledWanBytesInto(server, subnet)).toBe(25 * 1024 * 1024);
  const agents = await server.call('agents', {});
  expect(ids.every((id) => agents.find(({ agentId }) => agentId === id)?.online)).toBe(true);
});
