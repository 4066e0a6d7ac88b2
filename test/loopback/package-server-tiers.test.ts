import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import type { PackageServerSettings } from '../../shared/contracts/package-servers-api.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';
import { settledWanBytesInto } from './support/fleet-of-one-subnet.ts';
import { mostHeadBytes, SentBySockets } from './support/sent-by-sockets.ts';
import type { TestWorker } from './support/worker-process.ts';

const port = 28_430;
const blocks = 8;
const content = randomBytes(blocks * BLOCK_SIZE_BYTES - 500);
const longMs = 240_000;

interface PlacedSite {
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
  /** `127.x.y.`, what all its addresses begin with. */
  readonly prefix: string;
  readonly serverAddress: string;
  readonly serverName: string;
}

let place: LoopbackPlace;
let sockets: SentBySockets;
let nextSubnet = 80;

beforeEach(async () => {
  place = await LoopbackPlace.start();
  sockets = new SentBySockets((url) => url.startsWith('/package-server/v1/') || /^\/agent\/v1\/.*\/blocks\//.test(url));
  place.onStop(() => sockets.stop());
  await place.createPolicy('all', { kind: 'all' }, { port, announcementInterval: 5, eventInterval: 5 });
});

afterEach(() => place.stop());

/** A site of one subnet; its Package Server does not run yet. */
async function site(name: string, parent: PlacedSite | null): Promise<PlacedSite> {
  const serverAddress = freshLoopbackAddress(nextSubnet++);
  const prefix = `${serverAddress.split('.').slice(0, 3).join('.')}.`;
  const subnet = `${prefix}0/24`;
  const body = { name, subnets: [subnet], wanKilobitsPerSecond: 0, parentId: parent?.id ?? null };
  const { id } = await place.server.call('createSite', { body });
  return { id, name, subnet, prefix, serverAddress, serverName: `ps-${name}` };
}

/** Its address, as its sockets have it. */
function notificationServer(): string {
  return new URL(place.server.agentUrl).hostname;
}

async function idOf(name: string): Promise<AgentId> {
  return eventually(`${name} is online`, async () => {
    const agent = (await place.server.call('agents', {})).find((candidate) => candidate.name === name);
    return agent?.online === true ? agent.agentId : null;
  });
}

/** Gives the role to the agent that runs, and waits until it knows. */
async function giveRole({ serverName }: PlacedSite, settings: Partial<PackageServerSettings> = {}): Promise<AgentId> {
  const agentId = await idOf(serverName);
  await place.server.call('addPackageServer', { body: { agentId, ...settings } });
  const file = path.join(place.agentFolder(serverName), 'configuration.json');
  await eventually(`${serverName} has the role`, async () => {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return null;
    const { configuration } = JSON.parse(text) as { configuration: AgentConfiguration };
    return configuration.packageServer == null ? null : true;
  });
  return agentId;
}

async function startServer(of: PlacedSite, settings: Partial<PackageServerSettings> = {}): Promise<AgentId> {
  await place.startAgent(of.serverName, { interface: onLoopback(of.serverAddress), port });
  return giveRole(of, settings);
}

async function startAgents({ name, prefix }: PlacedSite, count: number): Promise<string[]> {
  const subnetNumber = Number(prefix.split('.')[2]);
  const names = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  for (const agent of names) {
    await place.startAgent(agent, { interface: onLoopback(freshLoopbackAddress(subnetNumber)), port });
  }
  for (const agent of names) await idOf(agent);
  return names;
}

function deliverTo(sites: readonly PlacedSite[], bytes: Buffer): Promise<DeliveredPackage> {
  return place.deliver(bytes, { target: { kind: 'subnets', subnets: sites.map(({ subnet }) => subnet) } });
}

async function ready(subject: DeliveredPackage, agents: readonly string[]): Promise<void> {
  for (const agent of agents) await eventually(`${agent} is ready`, () => subject.readyOn(agent), 120_000);
}

/** Bytes of the package by source, as the agent told the server; waits until all of it is told. */
async function sourcesOf(agent: string, { key }: DeliveredPackage): Promise<Map<string, number>> {
  const agentId = await idOf(agent);
  return eventually(
    `${agent} has told where its bytes came from`,
    async () => {
      const { packages } = await place.server.call('agent', { params: { agentId } });
      const portions = packages.find((candidate) => candidate.key === key)?.bytesBySource ?? [];
      const sums = new Map<string, number>();
      for (const { source, bytes } of portions) sums.set(source, (sums.get(source) ?? 0) + bytes);
      const total = [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
      return total >= content.length ? sums : null;
    },
    20_000,
  );
}

/** By site of whoever asked; waits until `isComplete`. */
function servedBy(
  agentId: AgentId,
  isComplete: (bytesBySite: Map<string, number>) => boolean,
): Promise<Map<string, number>> {
  return eventually(
    'what was served is told',
    async () => {
      const { served } = await place.server.call('packageServer', { params: { agentId } });
      const bytesBySite = new Map(served.map(({ siteName, bytes }) => [siteName ?? '', bytes]));
      return isComplete(bytesBySite) ? bytesBySite : null;
    },
    20_000,
  );
}

it('from the server over 2 regions and 4 branches to 24 agents, each link carries one copy', {
  timeout: longMs,
}, async () => {
  const regions = [await site('north', null), await site('south', null)] as const;
  const branches: PlacedSite[] = [];
  for (const [index, region] of [regions[0], regions[0], regions[1], regions[1]].entries()) {
    branches.push(await site(`branch-${index}`, region));
  }
  const serverIds = new Map<string, AgentId>();
  for (const of of [...regions, ...branches]) serverIds.set(of.name, await startServer(of));
  const agents = new Map<string, string[]>();
  for (const branch of branches) agents.set(branch.name, await startAgents(branch, 6));

  const subject = await deliverTo(branches, content);
  await ready(subject, [...[...agents.values()].flat(), ...branches.map(({ serverName }) => serverName)]);

  // The server's sockets: one copy for each region, and nothing for anybody else.
  for (const { subnet } of regions) expect(await settledWanBytesInto(place.server, subnet)).toBe(content.length);
  for (const { prefix } of regions) {
    expect(sockets.bytes(notificationServer(), prefix)).toBeGreaterThanOrEqual(content.length);
  }
  for (const { prefix } of branches) expect(sockets.bytes(notificationServer(), prefix)).toBe(0);
  // What came into a branch came from its region, and is counted as one copy, too.
  for (const { subnet } of branches) {
    await eventually('what the region sent is told', async () =>
      (await settledWanBytesInto(place.server, subnet)) === content.length ? true : null,
    );
  }

  for (const [index, region] of regions.entries()) {
    const below = branches.slice(2 * index, 2 * index + 2);
    const agentId = serverIds.get(region.name);
    if (agentId === undefined) throw new Error('every region has a Package Server');
    const served = await servedBy(agentId, (bytes) =>
      below.every(({ name }) => (bytes.get(name) ?? 0) >= content.length),
    );
    // What it reports is what its sockets took, a head for each answer aside.
    expect(served).toEqual(new Map(below.map(({ name }) => [name, content.length])));
    for (const branch of below) {
      const bytes = sockets.bytes(region.serverAddress, branch.prefix);
      const heads = sockets.answers(region.serverAddress, branch.prefix) * mostHeadBytes;
      expect(bytes).toBeGreaterThanOrEqual(content.length);
      expect(bytes).toBeLessThanOrEqual(content.length + heads);
    }
  }
  for (const branch of branches) {
    let fromServer = 0;
    for (const agent of agents.get(branch.name) ?? []) {
      const sources = await sourcesOf(agent, subject);
      const own = sources.get('package-server-own-site') ?? 0;
      expect(['package-server-own-site', 'peer']).toEqual(expect.arrayContaining([...sources.keys()]));
      // A block that comes slowly is asked for of another peer as well, and counts twice where both bring it.
      expect(own + (sources.get('peer') ?? 0)).toBeGreaterThanOrEqual(content.length);
      fromServer += own;
      const { directBytes } = await place.server.call('agent', { params: { agentId: await idOf(agent) } });
      expect(directBytes).toBe(own);
    }
    const agentId = serverIds.get(branch.name);
    if (agentId === undefined) throw new Error('every branch has a Package Server');
    const served = await servedBy(agentId, (bytes) => (bytes.get(branch.name) ?? 0) >= fromServer);
    expect([...served.keys()]).toEqual([branch.name]);
    const bytes = sockets.bytes(branch.serverAddress, branch.prefix);
    const heads = sockets.answers(branch.serverAddress, branch.prefix) * mostHeadBytes;
    expect(bytes).toBeGreaterThanOrEqual(served.get(branch.name) ?? 0);
    expect(bytes).toBeLessThanOrEqual((served.get(branch.name) ?? 0) + heads);
    const { traffic } = await place.server.call('packageServer', { params: { agentId } });
    expect(traffic.fetchedBytes).toBe(content.length);
    expect(traffic.savedBytes).toBe(traffic.servedBytes - content.length);
  }
});

it('a branch loses nothing when its Package Server is killed half-way, and uses it again when it is back', {
  timeout: longMs,
}, async () => {
  const region = await site('region', null);
  const branch = await site('branch', region);
  // Slow enough that there is a middle.
  await startServer(region, { maxUpload: 3000 });
  const plan = place.plan(branch.serverName, { interface: onLoopback(branch.serverAddress), port });
  let worker: TestWorker = await place.startWorker();
  await worker.startAgent(plan);
  await giveRole(branch);
  const agents = await startAgents(branch, 4);

  const subject = await deliverTo([branch], content);
  await eventually(
    'a third has crossed',
    () => (sockets.bytes(region.serverAddress, branch.prefix) > content.length / 3 ? true : null),
    60_000,
  );
  await worker.kill();
  await ready(subject, agents);

  expect(await settledWanBytesInto(place.server, region.subnet)).toBe(content.length);
  expect(sockets.bytes(notificationServer(), branch.prefix)).toBe(0);
  const sources = new Set<string>();
  for (const agent of agents) for (const source of (await sourcesOf(agent, subject)).keys()) sources.add(source);
  expect(sources).toContain('package-server-foreign');
  expect(sources).not.toContain('notification-server');
  // What only the dead one had comes again: what was under way to it, and at most what the agents had not taken yet.
  expect(sockets.bytes(region.serverAddress, branch.prefix)).toBeLessThan(1.5 * content.length);

  worker = await place.startWorker();
  await worker.startAgent(plan);
  await idOf(branch.serverName);
  const second = await deliverTo([branch], randomBytes(content.length));
  await ready(second, agents);
  for (const agent of agents) expect([...(await sourcesOf(agent, second)).keys()]).toContain('package-server-own-site');
});
