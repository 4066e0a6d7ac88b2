import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentOptions, RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { settledWanBytesInto, setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const port = 28_000 + (process.pid % 700);
const validityMs = 6000;

let place: LoopbackPlace;

beforeEach(async () => {
  place = await LoopbackPlace.start({ agentCertificateTimes: { validityMs, backdatedMs: 1000 } });
});

afterEach(() => place.stop());

const start = (name: string, address: string, more: Partial<AgentOptions> = {}): Promise<RunningAgent> =>
  place.startAgent(name, { interface: onLoopback(address), port, ...more });
const certificateOf = async (name: string) =>
  new X509Certificate(
    JSON.parse(await readFile(path.join(place.agentFolder(name), 'identity.json'), 'utf8')).certificatePem,
  );

it('an agent whose certificate ran out while it was off gets a new one and goes on', async () => {
  const address = freshLoopbackAddress(96);
  const before = await start('off', address);
  await before.stop();
  const { validTo } = await certificateOf('off');
  await eventually('it is over', () => (Date.now() > Date.parse(validTo) + 1000 ? true : null), 20_000);
  const after = await start('off', address, { joinToken: null });
  expect(after.agentId).toBe(before.agentId);
  await eventually('it is online', async () => ((await place.isOnline(after.agentId)) ? true : null));
  expect(Date.parse((await certificateOf('off')).validTo)).toBeGreaterThan(Date.parse(validTo));
});

it('agents renew at half of the validity, and connections and listeners go on with the new certificate', async () => {
  const addresses = [freshLoopbackAddress(95), freshLoopbackAddress(95)] as const;
  const subnet = await setUpFleetPolicy(place.server, addresses[0], port, 40_000);
  const agents = [await start('n0', addresses[0]), await start('n1', addresses[1])];
  const first = await certificateOf('n0');
  // Takes about four seconds: certificates change in the middle of it.
  const under = await place.deliver(randomBytes(20 * 1024 * 1024));
  await eventually(
    'the first certificates are over, and others in their place',
    async () => {
      const isOver = Date.now() > Date.parse(first.validTo) + 1000;
      return isOver && (await certificateOf('n0')).serialNumber !== first.serialNumber ? true : null;
    },
    20_000,
  );
  for (const name of ['n0', 'n1']) await eventually(`${name} is ready`, () => under.readyOn(name), 20_000);
  expect(await settledWanBytesInto(place.server, subnet)).toBe(20 * 1024 * 1024);
  const content = randomBytes(5 * 1024 * 1024);
  const later = await place.deliver(content);
  for (const name of ['n0', 'n1']) await eventually(`${name} is ready`, () => later.readyOn(name), 20_000);
  // One copy over the WAN: the other came from a peer, over listeners and connections with the new certificates.
  expect(await settledWanBytesInto(place.server, subnet)).toBe(25 * 1024 * 1024);
  for (const { agentId } of agents) expect(await place.isOnline(agentId)).toBe(true);
});
