import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { DatagramMessage } from '../../shared/agent/datagram-message.ts';
import { maxAnnouncedPackages } from '../../shared/agent/datagram-message.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import type { DhtMessage } from '../../shared/dht/messages.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import type { SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { mebibyte, minuteMs } from '../helpers/simulated-networks.ts';

const packages = maxAnnouncedPackages + 4;
const packageBytes = 4 * mebibyte;
const lateMs = 10 * minuteMs;

/** Packages of which an announcement names the last eight only, and an agent that starts when all others have them. */
function latePlan(subnets: SimulationPlan['subnets'], more: Partial<SimulationPlan> = {}): SimulationPlan {
  return { subnets, packages: Array.from({ length: packages }, () => ({ totalSizeBytes: packageBytes })), ...more };
}

/**
 * Wants and claims of the agent with this name are lost: whoever holds a package would answer them, and the DHT would not be
 * needed.
 */
function withUnheard(name: string, plan: SimulationPlan, seed: number): { simulation: Simulation; sent: Sent } {
  const sent: Sent = new Map();
  const simulation = new Simulation({
    seed,
    plan,
    faults: [],
    makeAgent: (ports, identity) =>
      new Agent({ ...ports, datagrams: counted(ports, identity.name === name, sent) }, identity),
  });
  return { simulation, sent };
}

type Sent = Map<string, number>;

function counted({ datagrams }: AgentPorts, isUnheard: boolean, sent: Sent): AgentPorts['datagrams'] {
  const passes = (message: DatagramMessage): boolean => {
    const kind = message.kind === 'dht' ? message.message.kind : message.kind;
    sent.set(kind, (sent.get(kind) ?? 0) + 1);
    return !isUnheard || (kind !== 'want' && kind !== 'claim');
  };
  return {
    send: (from, to, message) => passes(message) && datagrams.send(from, to, message),
    broadcast: (from, message) => passes(message) && datagrams.broadcast(from, message),
  };
}

const dhtKinds: readonly DhtMessage['kind'][] = [
  'ping',
  'pong',
  'find-node',
  'nodes',
  'find-holders',
  'holders',
  'store',
  'stored',
];

/** Who comes late has everything from its subnet. */
function expectLateJoinerToNeedNoServer(simulation: Simulation): void {
  simulation.run(lateMs - 1000, 0);
  const bytesBefore = simulation.server.ledger.bytesInto(0);
  simulation.run(lateMs + 5 * minuteMs, 5000);
  expect(simulation.world.violations.list).toEqual([]);
  expect(simulation.isDone).toBe(true);
  expect(simulation.server.ledger.bytesInto(0) - bytesBefore).toBe(0);
}

describe('the DHT of a subnet', () => {
  it('tells a late joiner who holds what no announcement names', () => {
    forSeeds(5, (seed) => {
      const agents = 6 + (seed % 5) * 3;
      const plan = latePlan([{ agents, special: { 0: { startAtMs: lateMs } } }], {
        directory: seed % 2 === 0 ? 'own' : 'shared',
      });
      const { simulation } = withUnheard('s0-a0', plan, seed);
      expectLateJoinerToNeedNoServer(simulation);
    });
  });

  it('does so where many hold everything, and few of them announce it', () => {
    const plan = latePlan([{ agents: 60, special: { 0: { startAtMs: lateMs } } }], { directory: 'shared' });
    const { simulation } = withUnheard('s0-a0', plan, 7);
    expectLateJoinerToNeedNoServer(simulation);
  });

  it('is asked by those who might claim, not by hundreds who begin together and follow', () => {
    forSeeds(3, (seed) => {
      const plan: SimulationPlan = {
        subnets: [{ agents: 60 }],
        packages: [{ totalSizeBytes: packageBytes, deliverAtMs: 10 * minuteMs }],
      };
      const { simulation, sent } = withUnheard('', plan, seed);
      // Nothing is announced to the DHT before ten seconds have passed.
      simulation.run(10 * minuteMs + 8000, 0);
      expect(sent.get('find-holders')).toBeGreaterThan(0);
      expect(sent.get('find-holders')).toBeLessThan(60);
    });
  });

  it('is asked in additional subnets where nobody of the own one holds the package', () => {
    forSeeds(5, (seed) => {
      const settings = { additionalSubnets: ['10.0.0.0/22', '10.0.4.0/22'] };
      const plan = latePlan([{ agents: 6 }, { agents: 1, startAtMs: lateMs }], { settings });
      const { simulation } = withUnheard('s1-a0', plan, seed);
      simulation.run(20 * minuteMs, 5000);
      expect(simulation.world.violations.list).toEqual([]);
      expect(simulation.isDone).toBe(true);
      expect(simulation.server.ledger.bytesInto(1)).toBe(0);
    });
  });

  it('costs nothing where nothing is held, and a few datagrams a minute where everybody has the package', () => {
    forSeeds(2, (seed) => {
      const plan: SimulationPlan = {
        subnets: [{ agents: 60 }],
        packages: [{ totalSizeBytes: packageBytes, deliverAtMs: 10 * minuteMs }],
      };
      const { simulation, sent } = withUnheard('', plan, seed);
      const dhtDatagrams = (): number => dhtKinds.reduce((sum, kind) => sum + (sent.get(kind) ?? 0), 0);
      simulation.run(10 * minuteMs - 1000, 0);
      expect(dhtDatagrams()).toBe(0);
      simulation.run(30 * minuteMs, 5 * minuteMs);
      const before = dhtDatagrams();
      expect(before).toBeGreaterThan(0);
      simulation.run(60 * minuteMs, 20 * minuteMs);
      // 16 a minute and agent without "enough".
      expect((dhtDatagrams() - before) / 60 / 20).toBeLessThan(10);
    });
  });
});
