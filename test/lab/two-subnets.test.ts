import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FanoutLab, type LabAgent, type LabPackage } from '../../build/lab/fanout-lab.ts';
import { makeLabFolder } from '../../build/lab/lab-folder.ts';
import { LabNetwork, type LabSubnet } from '../../build/lab/lab-network.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';
import { writeRandomFile } from '../../build/lab/random-file.ts';
import { eventually } from '../../build/lab/waiting.ts';
import type { AgentDiagnostics } from '../../shared/contracts/diagnostics.ts';

/*
 * Two subnets with a switch each, whose routers are joined by a link of their own: the kernel counts every frame on it, so that
 * isolation is a count of zero. Each has its own WAN link as well.
 */
const problem = namespaceProblem();
const blockBytes = 2 * 1024 * 1024;
const wan = { megabits: 40 };
const withinMs = 60_000;
/** Of a package over its WAN link: headers of the frames, TLS, discovery and everything else that an agent says to its server. */
const wireBytesPerContentByte = 1.1;

let folder = '';
let network: LabNetwork;
let lab: FanoutLab;

beforeAll(async () => {
  if (problem !== null) return;
  folder = makeLabFolder(5 * 3 * 24 * 1024 * 1024);
  network = new LabNetwork([
    { computers: 3, wan },
    { computers: 2, wan },
  ]);
  network.join(subnet(0), subnet(1));
  const quickly = { announcementInterval: 5, unavailableTimeout: 15, eventInterval: 5, attemptPeriod: 2 };
  lab = new FanoutLab({ network, folder, settings: { ...quickly, sourceBackoffScale: 0.01, cpuLimit: 0 } });
  await lab.startServer();
  await lab.startAgents(1);
});
afterAll(async () => {
  if (problem !== null) return;
  await lab?.stop();
  network?.remove();
  rmSync(folder, { recursive: true, force: true });
});

function subnet(index: number): LabSubnet {
  const found = network.subnets[index];
  if (found === undefined) throw new Error(`there is no subnet ${index}`);
  return found;
}

function agent(inSubnet: number, index: number): LabAgent {
  const found = lab.agents.find(({ computer }) => computer === subnet(inSubnet).computers[index]);
  if (found === undefined) throw new Error(`there is no agent ${index} in subnet ${inSubnet}`);
  return found;
}

async function packageOf(blocks: number): Promise<LabPackage> {
  const file = path.join(folder, 'package.bin');
  await writeRandomFile(file, blocks * blockBytes);
  return lab.importFile(file);
}

const wanBytesOfBoth = async (content: LabPackage) =>
  (await lab.wanBytes(subnet(0), content)) + (await lab.wanBytes(subnet(1), content));
const wanPortBytesOfBoth = () =>
  network.wanCounters(subnet(0)).intoSubnetBytes + network.wanCounters(subnet(1)).intoSubnetBytes;
const crossed = () => network.crossCounters(subnet(0), subnet(1));
const knows = (there: LabSubnet) => (diagnostics: AgentDiagnostics) =>
  diagnostics.peers.filter((peer) => peer.subnet === there.cidr && peer.state === 'available').length ===
  there.computers.length;
const blockCountOf = ({ packages }: AgentDiagnostics, { key }: LabPackage) =>
  packages.find((held) => held.key === key)?.blocks.reduce((sum, [first, end]) => sum + end - first, 0) ?? 0;

it('sends nothing from one subnet to the other, unless both list each other: then one copy is enough for both', async (context) => {
  if (problem !== null) return context.skip(problem);
  const blocks = 4;
  const apart = await packageOf(blocks);
  await lab.allReady(await lab.deliver(apart), withinMs);
  expect(crossed()).toEqual({ thereFrames: 0, backFrames: 0 });
  expect(await wanBytesOfBoth(apart)).toBeGreaterThanOrEqual(2 * blocks * blockBytes);

  await lab.changeSettings({ additionalSubnets: network.subnets.map(({ cidr }) => cidr) });
  for (const one of lab.agents) {
    const there = subnet(one.subnet.number === subnet(0).number ? 1 : 0);
    await lab.diagnosticsOf(one, `knows everybody in ${there.cidr}`, knows(there));
  }
  const together = await packageOf(blocks);
  const before = { portBytes: wanPortBytesOfBoth(), frames: crossed() };
  await lab.allReady(await lab.deliver(together), withinMs);
  const portBytes = wanPortBytesOfBoth() - before.portBytes;
  const after = crossed();
  expect(await wanBytesOfBoth(together)).toBe(blocks * blockBytes);
  expect(portBytes).toBeLessThan(blocks * blockBytes * wireBytesPerContentByte);
  expect(after.thereFrames).toBeGreaterThan(before.frames.thereFrames);
  expect(after.backFrames).toBeGreaterThan(before.frames.backFrames);
}, 120_000);

it('goes on from what it holds when its computer is carried to another subnet in the middle of a download', async (context) => {
  if (problem !== null) return context.skip(problem);
  await lab.changeSettings({ additionalSubnets: [] });
  const blocks = 16;
  const [traveller, lives] = [agent(0, 2), agent(1, 0)];
  const content = await packageOf(blocks);
  const receivedBytes = async () => {
    const { directBytes, peerBytes } = await lab.call('agent', { params: { agentId: traveller.agentId } });
    return directBytes + peerBytes;
  };
  const receivedBefore = await receivedBytes();
  const delivery = await lab.deliver(content);
  const halfWay = await lab.diagnosticsOf(traveller, 'holds half of it', (seen) => blockCountOf(seen, content) >= 8);
  expect(blockCountOf(halfWay, content)).toBeLessThan(blocks);
  const address = '10.242.2.99';
  network.move(traveller.computer, subnet(0), subnet(1), address);

  // For a moment it has both addresses, and the peers of both subnets.
  const settled = await lab.diagnosticsOf(
    traveller,
    'knows its new peers and no others',
    (seen) => knows(subnet(1))(seen) && seen.peers.every((peer) => peer.subnet === subnet(1).cidr),
  );
  expect(settled.peers.map((peer) => peer.subnet)).toEqual(subnet(1).computers.map(() => subnet(1).cidr));
  expect(settled.subnets.map((line) => line.subnet)).toEqual([subnet(1).cidr]);
  await lab.diagnosticsOf(lives, 'knows who came', ({ peers }) =>
    peers.some((peer) => peer.agentId === traveller.agentId && peer.address === address && peer.state === 'available'),
  );
  await lab.allReady(delivery, withinMs);
  // Two requests at a time, at most, break off at a move; from the beginning it would be half a package more.
  await eventually('all that it received is told', async () =>
    (await receivedBytes()) - receivedBefore >= blocks * blockBytes ? true : null,
  );
  const again = (await receivedBytes()) - receivedBefore - blocks * blockBytes;
  expect(again).toBeLessThanOrEqual(3 * blockBytes);
  for (const { cidr } of network.subnets) {
    const index = network.subnets.findIndex((one) => one.cidr === cidr);
    expect(await lab.wanBytes(subnet(index), content), cidr).toBeLessThanOrEqual((blocks + 3) * blockBytes);
  }
}, 120_000);
