import { expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { mebibyte, minuteMs } from '../helpers/simulated-networks.ts';

/** How often each agent of one subnet hears of each of 16 blocks. */
function wordsOf(seed: number, agents: number): number {
  let heard = 0;
  const simulation: Simulation = new Simulation({
    seed,
    plan: {
      subnets: [{ agents, wanBytesPerSecond: 1_195_000 }],
      packages: [{ totalSizeBytes: 32 * mebibyte }],
      network: { rateQuantumUs: 1000 },
      directory: 'shared',
    },
    faults: [],
    makeAgent: (ports, identity) => {
      const agent = new Agent(ports, identity);
      const handle = (input: AgentInput) => {
        if (input.kind === 'datagramReceived' && input.message.kind === 'blocks') heard++;
        agent.handle(input);
      };
      return { handle, overhears: (from, bootId, message) => agent.overhears(from, bootId, message) };
    },
  });
  simulation.run(5 * minuteMs, 0);
  expect(simulation.isDone).toBe(true);
  return heard / (agents * 16);
}

// 25 where everybody told everybody that had asked it in the last half minute.
it('tells each agent of a crowd of each block few times', () => {
  forSeeds(2, (seed) => {
    const perAgentAndBlock = wordsOf(seed, 120);
    expect(perAgentAndBlock).toBeGreaterThan(1);
    expect(perAgentAndBlock).toBeLessThan(8);
  });
});
