import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import {
  findNetworkCard,
  loopbackPlan,
  networkCardPlan,
  parseFleetPlan,
  singleAddressPlan,
} from '../../electron/fleet/fleet-plan.ts';
import { findFreePort, takenSockets } from '../../electron/fleet/loopback-probe.ts';
import type { FleetPlan } from '../../shared/contracts/fleet.ts';

function planOf(result: ReturnType<typeof loopbackPlan>): FleetPlan {
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

it('gives each subnet a 127.x.y.0/24 and each agent an address, with one port for all', () => {
  const plan = planOf(loopbackPlan({ agents: 12, subnets: 3, wanKilobitsPerSecond: 20_000 }));
  expect(plan.subnets.map((subnet) => subnet.subnet)).toEqual(['127.77.1.0/24', '127.77.2.0/24', '127.77.3.0/24']);
  expect(plan.subnets[1]?.agents[3]).toEqual({
    name: 'b-04',
    address: '127.77.2.4',
    prefixLength: 24,
    port: 27801,
    hearingPort: 27801,
  });
  expect(plan.subnets.every((subnet) => subnet.wanKilobitsPerSecond === 20_000)).toBe(true);
  expect(plan.agentsPerWorker).toBe(8);
});

it('spreads agents as evenly as it can', () => {
  const plan = planOf(loopbackPlan({ agents: 8, subnets: 3, port: 30_000 }));
  expect(plan.subnets.map((subnet) => subnet.agents.length)).toEqual([3, 3, 2]);
});

it('gives agents that share an address a port each beside the hearing port', () => {
  const plan = planOf(networkCardPlan({ address: '10.1.2.3', prefixLength: 20 }, { agents: 3 }));
  expect(plan.subnets).toHaveLength(1);
  expect(plan.subnets[0]?.subnet).toBe('10.1.0.0/20');
  expect(plan.subnets[0]?.agents.map((agent) => agent.port)).toEqual([27802, 27803, 27804]);
  expect(new Set(plan.subnets[0]?.agents.map((agent) => agent.hearingPort))).toEqual(new Set([27801]));
  const single = planOf(singleAddressPlan({ agents: 2, subnets: 1, port: 30_000 }));
  expect(single.subnets[0]?.agents.map((agent) => `${agent.address}:${agent.port}`)).toEqual([
    '127.0.0.1:30001',
    '127.0.0.1:30002',
  ]);
});

it.each([
  [loopbackPlan({ agents: 2, subnets: 3 }), 'at least one agent in each subnet'],
  [loopbackPlan({ agents: 100, subnets: 65 }), '1 to 64 subnets'],
  [loopbackPlan({ agents: 255, subnets: 1 }), '254 agents at most'],
  [singleAddressPlan({ agents: 4, subnets: 2 }), 'one subnet only'],
  [networkCardPlan({ address: '127.0.0.1', prefixLength: 8 }, { agents: 1 }), 'is a loopback address'],
  [networkCardPlan({ address: '10.0.0.5', prefixLength: 24 }, { agents: 200, port: 65_500 }), '65535 is the last one'],
  [networkCardPlan({ address: '10.0.0.0', prefixLength: 24 }, { agents: 1 }), 'network or broadcast address'],
])('refuses an impossible fleet with a sentence (%#)', (result, words) => {
  expect(result.ok ? '' : result.error).toContain(words);
});

it.each([
  ['an address outside its subnet', { address: '127.77.9.1' }, 'is outside 127.77.1.0/24'],
  ['another prefix length', { prefixLength: 25 }, 'another prefix length'],
  ['a name that is there twice', { name: 'a-02' }, 'two agents are called a-02'],
  ['a socket that is there twice', { address: '127.77.1.2' }, 'two agents have 127.77.1.2:27801'],
  ['a port that is none', { port: 70_000 }, 'port'],
])('refuses a stored plan with %s', (_what, change, words) => {
  const plan = planOf(loopbackPlan({ agents: 2, subnets: 1 }));
  const agents = plan.subnets[0]?.agents.map((agent, index) => (index === 0 ? { ...agent, ...change } : agent));
  const result = parseFleetPlan({ ...plan, subnets: [{ ...plan.subnets[0], agents }] });
  expect(result.ok ? '' : result.error).toContain(words);
});

it('names the cards that there are when asked for one that is not', () => {
  const result = findNetworkCard('no-such-card0');
  expect(result.ok ? '' : result.error).toMatch(/^This computer has no network card "no-such-card0"\. It has /);
});

it('sees which planned sockets somebody else has', async () => {
  const port = await findFreePort();
  if (port === null) throw new Error('no free port');
  const plan = planOf(singleAddressPlan({ agents: 2, subnets: 1, port }));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port + 2, '127.0.0.1', () => resolve()));
  try {
    expect(await takenSockets(plan)).toEqual([`127.0.0.1:${port + 2}`]);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
