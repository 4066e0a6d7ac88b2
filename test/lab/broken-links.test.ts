import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { LabAgent, LabPackage } from '../../build/lab/fanout-lab.ts';
import { goodputBytesPerSecond } from '../../build/lab/link-shape.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';
import { agentsPerSubnet, blockBytes, mostBySocket, ThreeSubnets, wan } from './support/three-subnets.ts';

const problem = namespaceProblem();
const journalRecordBytes = 12;
let subnets: ThreeSubnets;

beforeAll(async () => {
  if (problem !== null) return;
  subnets = new ThreeSubnets();
  await subnets.start();
});
afterEach(() => subnets?.withdraw());
afterAll(() => subnets?.stop());

/** Which blocks are on the disk of an agent, from its own journal. */
function blocksOf(agent: LabAgent, { key }: LabPackage): number[] {
  const file = path.join(agent.dataFolder, 'packages', key, 'blocks.journal');
  if (!existsSync(file)) return [];
  const journal = readFileSync(file);
  const records = Math.floor(journal.length / journalRecordBytes);
  return Array.from({ length: records }, (_, index) => journal.readUInt32BE(index * journalRecordBytes));
}

/** How long something is broken is part of the story, and no wait for a result. */
const lasts = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it('goes on where it was when a WAN link comes back after 20 seconds', async (context) => {
  if (problem !== null) return context.skip(problem);
  const run = await subnets.startDelivery(64);
  const subnet = subnets.subnetAt(1);
  await subnets.subnetHolds(subnet, run, 0.25);
  subnets.network.cutWan(subnet);
  await lasts(20_000);
  subnets.network.restoreWan(subnet);
  const copies = await run.finish();
  expect(mostBySocket(copies)).toBeLessThanOrEqual(1 + (2 * blockBytes) / run.packageBytes);
});

it('is one swarm again after 10 seconds as two, and fetches only what neither half has', async (context) => {
  if (problem !== null) return context.skip(problem);
  const { lab, network } = subnets;
  const run = await subnets.startDelivery(64);
  const subnet = subnets.subnetAt(2);
  await subnets.subnetHolds(subnet, run, 0.25);
  network.partition(subnet, subnet.computers.slice(agentsPerSubnet / 2));
  await lasts(10_000);
  network.heal(subnet);
  const held = new Set(lab.agentsOf(subnet).flatMap((agent) => blocksOf(agent, run.content)));
  const sentAtHeal = await lab.wanBytes(subnet, run.content);
  const copies = await run.finish();
  const sentAfter = (copies[2]?.bySocket ?? 0) * run.packageBytes - sentAtHeal;
  const missingBytes = Math.max(0, run.packageBytes - held.size * blockBytes);
  console.log(`after the heal ${sentAfter}, missing then ${missingBytes}`);
  // Two first downloaders, each with a window of two blocks, meet at their next claims: those come every second, and one of
  // them may be lost.
  const untilTheyMeet = 2 * 2 * blockBytes + 2 * goodputBytesPerSecond(wan);
  expect(sentAfter).toBeLessThanOrEqual(missingBytes + untilTheyMeet);
  expect(mostBySocket(copies.slice(0, 2))).toBeLessThanOrEqual(1.01);
});
