import { expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import { reportOf } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, mebibyte, minuteMs } from '../helpers/simulated-networks.ts';
import { SlowProcesses } from '../helpers/slow-processes.ts';

/** By then the agents know each other. */
const deliverAtMs = 8000;

/** 4 MiB to agents that all begin in the same moment, in processes of 20 that have a part of a core each. */
function crowdIn(seed: number, agents: number, slowness: number) {
  const claimers = new Set<string>();
  const noting = (ports: AgentPorts, name: string): AgentPorts => ({
    ...ports,
    datagrams: {
      send: (through, to, message) => ports.datagrams.send(through, to, message),
      broadcast: (through, message) => {
        if (message.kind === 'claim') claimers.add(name);
        ports.datagrams.broadcast(through, message);
      },
    },
  });
  const processes = new SlowProcesses({ fromMs: deliverAtMs, agentsPerProcess: 20, slowness });
  const simulation: Simulation = new Simulation({
    seed,
    plan: {
      subnets: [{ agents }],
      packages: [{ totalSizeBytes: 4 * mebibyte, deliverAtMs }],
      network: { rateQuantumUs: 1000 },
    },
    faults: [],
    makeAgent: (ports, identity) =>
      processes.run(
        noting(ports, identity.name),
        () => simulation.world,
        (slow) => new Agent(slow, identity),
      ),
  });
  simulation.run(10 * minuteMs, 0);
  const report = reportOf(simulation, seed);
  expectAllReady(report);
  return { report, claimers: [...claimers], largestLagMs: processes.largestLagMs };
}

// 62 of 100 agents claimed, and 200 were ready after 229 s with two and a half copies, where everybody that had been behind
// claimed in the same moment, and every datagram cost a step.
it.each([
  [100, 10],
  [200, 8],
])(
  'lets one copy cross to %i agents that are seconds behind, and few of them claim',
  { timeout: 300_000 },
  (agents, slowness) => {
    forSeeds(1, (seed) => {
      const { report, claimers, largestLagMs } = crowdIn(seed, agents, slowness);
      expect(largestLagMs).toBeGreaterThan(1000);
      expect(report.wanCopiesBySubnet).toEqual([1]);
      // Mostly one. Of two that cannot have heard each other yet one gives way.
      expect(claimers.length).toBeLessThan(5);
    });
  },
);
