import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import type { SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, expectWanCopies, mebibyte, minuteMs, plainPlan } from '../helpers/simulated-networks.ts';

/** `world-builder.ts` numbers subnets from 10.0.0.0/22. */
const first = '10.0.0.0/22';
const second = '10.0.4.0/22';
const both = { additionalSubnets: [first, second] };

/** Two subnets of which the settings of each agent say whether they know of each other. */
function twoSubnets(agents: number, settings: SimulationPlan['settings'], deliverAtMs: number): SimulationPlan {
  return {
    subnets: [{ agents }, { agents }],
    packages: [{ totalSizeBytes: 32 * mebibyte, deliverAtMs }],
    ...(settings === undefined ? {} : { settings }),
  };
}

describe('additional subnets', () => {
  it('share one copy over the WAN when they list each other', () => {
    forSeeds(5, (seed) => {
      const report = simulate({ seed, plan: twoSubnets(6, both, 20_000), untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [one = 0, two = 0] = report.wanBytesBySubnet;
      expect(one + two).toBe(32 * mebibyte);
    });
  });

  it('share one copy also where everybody has the directory of its subnet', () => {
    forSeeds(3, (seed) => {
      const plan = { ...twoSubnets(6, both, 20_000), directory: 'shared' } as const;
      const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [one = 0, two = 0] = report.wanBytesBySubnet;
      expect(one + two).toBe(32 * mebibyte);
    });
  });

  it('give to a subnet that starts later what the first has, without a byte over its WAN link', () => {
    forSeeds(5, (seed) => {
      const plan = { ...plainPlan(2, 4, 32), settings: both };
      const later = { ...plan, subnets: [{ agents: 4 }, { agents: 4, startAtMs: 60_000, special: {} }] };
      const late = { ...later, packages: [{ totalSizeBytes: 32 * mebibyte, deliverAtMs: 70_000 }] };
      const report = simulate({ seed, plan: late, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [one = 0, two = 0] = report.wanBytesBySubnet;
      expect(one + two).toBe(32 * mebibyte);
    });
  });

  it('are nothing to an agent whose own subnet they do not list', () => {
    forSeeds(3, (seed) => {
      const special = Object.fromEntries(
        [0, 1, 2, 3].map((agent) => [agent, { settings: { additionalSubnets: [second] } }]),
      );
      const plan: SimulationPlan = {
        subnets: [{ agents: 4, special }, { agents: 4 }],
        packages: [{ totalSizeBytes: 16 * mebibyte, deliverAtMs: 20_000 }],
      };
      const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
    });
  });

  it('end with the policy that named them', () => {
    forSeeds(3, (seed) => {
      const simulation = new Simulation({
        seed,
        plan: twoSubnets(3, both, 90_000),
        faults: [{ kind: 'settings', atMs: 60_000, settings: { additionalSubnets: [] } }],
        makeAgent: (ports, identity) => new Agent(ports, identity),
      });
      simulation.run(20 * minuteMs, 5000);
      expect(simulation.world.violations.list).toEqual([]);
      expect(simulation.isDone).toBe(true);
      expect([0, 1].map((subnet) => simulation.server.ledger.bytesInto(subnet))).toEqual([
        32 * mebibyte,
        32 * mebibyte,
      ]);
    });
  });

  it('are found by a slow sweep of one agent where the server names nobody, and told to its subnet', () => {
    forSeeds(3, (seed) => {
      const probed: { readonly by: string; readonly address: number; readonly atMs: number }[] = [];
      const simulation = new Simulation({
        seed,
        plan: twoSubnets(5, both, 300_000),
        faults: [],
        makeAgent: (ports, identity) => {
          const note = (address: number) => probed.push({ by: identity.name, address, atMs: ports.clock.nowMs() });
          return new Agent(withoutHints(ports, note), identity);
        },
      });
      simulation.run(20 * minuteMs, 5000);
      expect(simulation.world.violations.list).toEqual([]);
      expect(simulation.isDone).toBe(true);
      const bytes = [0, 1].map((subnet) => simulation.server.ledger.bytesInto(subnet));
      expect((bytes[0] ?? 0) + (bytes[1] ?? 0)).toBe(32 * mebibyte);
      expectPoliteSweep(probed);
    });
  });
});

/** A server that has heard of nobody there, and a witness of every probe of an address without a name. */
function withoutHints(ports: AgentPorts, probed: (address: number) => void): AgentPorts {
  const { server, transfers } = ports;
  return {
    ...ports,
    server: {
      fetchConfiguration: (...command) => server.fetchConfiguration(...command),
      fetchSnapshot: (...command) => server.fetchSnapshot(...command),
      fetchCodebases: (...command) => server.fetchCodebases(...command),
      sendEvents: (...command) => server.sendEvents(...command),
      sendLiveReport: (...command) => server.sendLiveReport(...command),
      tellOutboundUse: () => server.tellOutboundUse(),
      tellInboundUse: () => undefined,
      sendDiagnostics: (...command) => server.sendDiagnostics(...command),
      fetchSubnetHints: (commandId) => server.sendEvents(commandId, []),
    },
    transfers: {
      fetchBlock: (...command) => transfers.fetchBlock(...command),
      fetchBlockMap: (...command) => transfers.fetchBlockMap(...command),
      setRate: (...command) => transfers.setRate(...command),
      cancel: (...command) => transfers.cancel(...command),
      hello: (command) => {
        if (command.peer.agentId === null) probed(command.peer.address);
        transfers.hello(command);
      },
    },
  };
}

function expectPoliteSweep(
  probed: readonly { readonly by: string; readonly address: number; readonly atMs: number }[],
): void {
  expect(new Set(probed.map(({ by }) => by)).size, 'one agent of a subnet sweeps').toBeLessThanOrEqual(2);
  expect(new Set(probed.map(({ address }) => address)).size, 'no address is asked twice').toBe(probed.length);
  const [network, broadcast] = [0x0a000000, 0x0a0003ff];
  for (const { address } of probed)
    expect([network, broadcast, network + 1024, broadcast + 1024]).not.toContain(address);
  for (const by of new Set(probed.map((probe) => probe.by))) {
    const times = probed.filter((probe) => probe.by === by).map(({ atMs }) => atMs);
    times.forEach((atMs, index) => {
      if (index >= 10) expect(atMs - (times[index - 10] ?? 0), 'ten addresses a second').toBeGreaterThanOrEqual(999);
    });
  }
}
