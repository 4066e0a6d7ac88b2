import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import type { SimulationPlan, SubnetPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, mebibyte, minuteMs } from '../helpers/simulated-networks.ts';

function planOf(...subnets: SubnetPlan[]): SimulationPlan {
  return { subnets, packages: [{ totalSizeBytes: 16 * mebibyte, deliverAtMs: 20_000 }] };
}

function wanBytes(simulation: Simulation): number {
  return simulation.world.subnets.reduce((sum, { index }) => sum + simulation.server.ledger.bytesInto(index), 0);
}

describe('the subnets of a site', () => {
  it('share one copy over the WAN, whatever policies list', () => {
    forSeeds(5, (seed) => {
      const plan = planOf({ agents: 5, site: 'Office' }, { agents: 5, site: 'Office' }, { agents: 3 });
      const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [one = 0, two = 0, other = 0] = report.wanBytesBySubnet;
      expect([one + two, other]).toEqual([16 * mebibyte, 16 * mebibyte]);
    });
  });
});

describe('a Wi-Fi site', () => {
  it('sends no broadcasts, finds its peers through the server, and still needs one copy', () => {
    forSeeds(5, (seed) => {
      const broadcasts: number[] = [];
      const simulation = new Simulation({
        seed,
        plan: planOf({ agents: 8, locationType: 'wifi' }),
        faults: [],
        makeAgent: (ports, identity) => new Agent(countingBroadcasts(ports, broadcasts), identity),
      });
      simulation.run(20 * minuteMs, 5000);
      expect(simulation.world.violations.list).toEqual([]);
      expect(simulation.isDone).toBe(true);
      expect(broadcasts).toEqual([]);
      expect(wanBytes(simulation)).toBe(16 * mebibyte);
    });
  });

  it('shares a LAN over its subnets by unicast', () => {
    forSeeds(3, (seed) => {
      const plan = planOf({ agents: 4, site: 'Campus', locationType: 'wifi' }, { agents: 4, site: 'Campus' });
      const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [one = 0, two = 0] = report.wanBytesBySubnet;
      expect(one + two).toBe(16 * mebibyte);
    });
  });
});

describe.each(['vpn', 'internet'] as const)('a site of the kind %s', (locationType) => {
  it('has computers that neither ask peers nor serve them', () => {
    forSeeds(2, (seed) => {
      const broadcasts: number[] = [];
      const simulation = new Simulation({
        seed,
        plan: planOf({ agents: 3, locationType }),
        faults: [],
        makeAgent: (ports, identity) => new Agent(countingBroadcasts(ports, broadcasts), identity),
      });
      simulation.run(20 * minuteMs, 5000);
      expect(simulation.isDone).toBe(true);
      expect(broadcasts).toEqual([]);
      expect(wanBytes(simulation)).toBe(3 * 16 * mebibyte);
    });
  });
});

function countingBroadcasts(ports: AgentPorts, broadcasts: number[]): AgentPorts {
  const { datagrams } = ports;
  return {
    ...ports,
    datagrams: {
      send: (...message) => datagrams.send(...message),
      broadcast: (from, message) => {
        broadcasts.push(from);
        datagrams.broadcast(from, message);
      },
    },
  };
}
