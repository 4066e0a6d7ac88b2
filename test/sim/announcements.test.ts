import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { SubnetDirectoryPort } from '../../shared/agent/ports.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { isHostIn } from '../../shared/base/ipv4.ts';
import { interfacesOf } from '../../shared/sim/agent-start.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import type { Fault } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { minuteMs } from '../helpers/simulated-networks.ts';

const agents = 20;
const nowhere = { network: 0, prefixLength: 32 };

/** Two subnets in which nothing is to be delivered, with a directory for all agents of each. */
function atRest(seed: number, faults: readonly Fault[], startAtMs: number[] = []) {
  const directories = new Map<string, SubnetDirectoryPort>();
  /** Announcements that somebody was told, by who was told. */
  const told = new Map<string, number>();
  /** Whoever was told by somebody of another subnet. */
  const toldFromOutside = new Set<string>();
  const special = Array.from({ length: agents }, (_, number) => ({ startAtMs: startAtMs[number] ?? 0 }));
  const simulation: Simulation = new Simulation({
    seed,
    plan: { subnets: [{ agents, special }, { agents: 5 }], packages: [], directory: 'shared' },
    faults,
    makeAgent: (ports, identity) => {
      directories.set(identity.name, ports.subnetDirectory);
      const agent = new Agent(ports, identity);
      return {
        handle: (input) => agent.handle(input),
        overhears: (from, bootId, message) => {
          if (message.kind === 'alive') told.set(identity.name, (told.get(identity.name) ?? 0) + 1);
          const computer = simulation.world.computers.find(({ agentId }) => agentId === identity.agentId);
          if (!isHostIn(computer?.subnet.cidr ?? nowhere, from.address)) toldFromOutside.add(identity.name);
          return agent.overhears(from, bootId, message);
        },
      };
    },
  });
  const runTo = (untilMs: number): void => simulation.world.time.runUntil(untilMs * 1000);
  /** Whoever is on and does not know everybody else in its subnet who is on. */
  const whoMissesSomebody = (): string[] =>
    simulation.world.subnets.flatMap(({ computers, cidr }) => {
      const there = computers.filter(({ life }) => life !== null);
      return there
        .filter(({ name, agentId }) => {
          const directory = directories.get(name);
          const heard = new Set(directory?.peersOf(cidr).map((peer) => peer.agentId));
          const isKnown = (peer: AgentId): boolean => heard.has(peer) && directory?.hasAnnounced(peer) === true;
          return there.some((other) => other.agentId !== agentId && !isKnown(other.agentId));
        })
        .map(({ name }) => name);
    });
  return { world: simulation.world, told, toldFromOutside, runTo, whoMissesSomebody };
}

describe('agents at rest in a simulated subnet', () => {
  it('are told nothing that they know, and a newcomer is told of everybody', () => {
    const { told, runTo, whoMissesSomebody } = atRest(1, [], [40 * minuteMs]);
    runTo(5 * minuteMs);
    told.clear();
    runTo(40 * minuteMs);
    expect(told.size).toBe(0);
    runTo(42 * minuteMs);
    expect(whoMissesSomebody()).toEqual([]);
    runTo(60 * minuteMs);
    // Everybody by its next announcement, and by its answer where it gave one.
    expect(told.get('s0-a0')).toBeGreaterThanOrEqual(agents - 1);
    expect(told.get('s0-a0')).toBeLessThanOrEqual(2 * (agents - 1));
    // Its first announcement; once more where it changed its address or policy.
    for (let number = 1; number < agents; number++) expect(told.get(`s0-a${number}`)).toBeLessThanOrEqual(3);
  });

  it('hear nothing of the subnet that they came to and left again at once', () => {
    const { world, toldFromOutside, runTo, whoMissesSomebody } = atRest(1, [], [40 * minuteMs]);
    runTo(40 * minuteMs + 5000);
    const [computer, elsewhere] = [world.computers[0], world.subnets[1]];
    if (computer === undefined || elsewhere === undefined) throw new Error('the plan has two subnets with agents');
    world.moveComputer(computer, elsewhere);
    computer.life?.deliver({ kind: 'interfacesChanged', interfaces: interfacesOf(computer) });
    runTo(50 * minuteMs);
    expect([...toldFromOutside]).toEqual([]);
    expect(whoMissesSomebody()).toEqual([]);
  });

  it('know everybody who is there, whoever died, came back, was carried away or was cut off', () => {
    const at = (minutes: number) => ({ atMs: minutes * minuteMs });
    const faults: Fault[] = [
      { kind: 'kill', agent: { subnet: 0, agent: 1 }, when: at(6), restartAfterMs: minuteMs },
      { kind: 'kill', agent: { subnet: 0, agent: 2 }, when: at(7), restartAfterMs: 30 * minuteMs },
      { kind: 'stop', agent: { subnet: 0, agent: 3 }, when: at(8), restartAfterMs: 5 * minuteMs },
      { kind: 'roam', agent: { subnet: 0, agent: 4 }, when: at(9), toSubnet: 1, noticedAfterMs: 3000 },
      { kind: 'unplug', agent: { subnet: 0, agent: 5 }, fromMs: 10 * minuteMs, untilMs: 20 * minuteMs },
      { kind: 'partition', subnet: 0, agents: [6, 7, 8], fromMs: 25 * minuteMs, untilMs: 40 * minuteMs },
    ];
    forSeeds(3, (seed) => {
      const { runTo, whoMissesSomebody } = atRest(seed, faults);
      for (const minutes of [5, 9, 12, 15, 24, 45, 60]) {
        runTo(minutes * minuteMs);
        if (minutes < 10 || minutes > 20) expect([minutes, ...whoMissesSomebody()]).toEqual([minutes]);
      }
    });
  });
});
