import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { LabAgent } from '../../build/lab/fanout-lab.ts';
import { namespaceProblem } from '../../build/lab/namespaces.ts';
import { eventually } from '../../build/lab/waiting.ts';
import { mostByKernel, mostBySocket, ThreeSubnets, withinMs } from './support/three-subnets.ts';

const problem = namespaceProblem();
let subnets: ThreeSubnets;

beforeAll(async () => {
  if (problem !== null) return;
  subnets = new ThreeSubnets();
  await subnets.start();
});
afterEach(() => subnets?.withdraw());
afterAll(() => subnets?.stop());

it('brings one copy over each WAN link to 3 × 8 agents that start at once, by the sockets and by the kernel', async (context) => {
  if (problem !== null) return context.skip(problem);
  const run = await subnets.startDelivery(64);
  const copies = await run.finish();
  expect(mostBySocket(copies)).toBeLessThanOrEqual(1.01);
  expect(mostByKernel(copies)).toBeLessThanOrEqual(1.03);
});

it('pays next to nothing when the first downloader of every subnet is killed half-way', async (context) => {
  if (problem !== null) return context.skip(problem);
  const { lab, network } = subnets;
  const directBytes = async () =>
    new Map((await lab.call('agents', {})).map((agent) => [agent.agentId, agent.directBytes]));
  const before = await directBytes();
  const run = await subnets.startDelivery(96);
  const killed = new Map<string, LabAgent>();
  await eventually(
    'every first downloader has half of the package and is dead',
    async () => {
      const now = await directBytes();
      for (const agent of [...lab.agents]) {
        const bytes = (now.get(agent.agentId) ?? 0) - (before.get(agent.agentId) ?? 0);
        if (killed.has(agent.subnet.cidr) || bytes < run.packageBytes / 2) continue;
        killed.set(agent.subnet.cidr, agent);
        await agent.process.kill();
      }
      return killed.size === network.subnets.length || null;
    },
    withinMs,
    20,
  );
  for (const agent of killed.values()) await lab.restart(agent);
  const copies = await run.finish();
  expect(mostBySocket(copies)).toBeLessThanOrEqual(1.05);
  expect(mostByKernel(copies)).toBeLessThanOrEqual(1.07);
});
