import { describe, expect, it } from 'vitest';
import { AgentContext } from '../../shared/agent/agent-context.ts';
import { DhtHolders } from '../../shared/agent/dht-holders.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { HolderValue } from '../../shared/dht/messages.ts';
import type { AgentCore } from '../../shared/sim/agent-life.ts';
import type { Computer } from '../../shared/sim/computer.ts';
import { Simulation } from '../../shared/sim/simulation.ts';

const key = 'ab'.repeat(20) as PackageKey;
const ghost = 'ee'.repeat(16) as AgentId;

type Said = Pick<HolderValue, 'agentId' | 'address' | 'port'>;

/** One agent that only looks the key up, among others that do nothing but live. `saidOf`: what its DHT says of holders. */
function lookUp(saidOf: (computers: readonly Computer[]) => { own: Said[]; additional?: Said[] }) {
  const found: AgentId[] = [];
  const asked: string[] = [];
  let hasEnded = false;
  let context: AgentContext | null = null;
  const simulation: Simulation = new Simulation({
    seed: 1,
    plan: { subnets: [{ agents: 3 }, { agents: 2 }], packages: [] },
    faults: [],
    makeAgent: (ports, identity): AgentCore => {
      if (identity.name !== 's0-a0') {
        // The others only keep their HTTP server open.
        const bounds = { enabled: true, maxConnections: 20, requestTimeoutMs: 30_000, contentKey: null };
        return { handle: (input) => void (input.kind === 'started' && ports.serving.configure(bounds)) };
      }
      const made = new AgentContext(
        ports,
        identity,
        () => undefined,
        () => false,
      );
      context = made;
      const search = {
        lookUp: (kind: 'own' | 'additional', _: PackageKey, ended: (holders: readonly HolderValue[]) => void): void => {
          asked.push(kind);
          const said = saidOf(simulation.world.computers)[kind] ?? [];
          ended(said.map((holder) => ({ ...holder, state: 'ready', blocks: 1, isFresh: true })));
        },
      };
      const met = (peer: Said, bootId: number, name: string): void => void made.peers.heard(peer, bootId, name);
      const finder = new DhtHolders(made, search, { met });
      return {
        handle: (input) => {
          if (input.kind === 'started') {
            made.peers.setInterfaces(input.interfaces);
            ports.clock.setTimer(1, 1000);
          } else if (input.kind === 'timer' && input.timerId === 1) {
            finder.lookUp(key, {
              found: (peer) => found.push(peer),
              ended: () => {
                hasEnded = true;
              },
            });
          } else if ('commandId' in input) made.commands.receive(input);
        },
      };
    },
  });
  simulation.world.time.runUntil(10_000_000);
  if (context === null || !hasEnded) throw new Error('the lookup did not end');
  const known = (context as AgentContext).peers.all().map(({ agentId }) => agentId);
  expect(simulation.world.violations.list).toEqual([]);
  return { found, known, asked, computers: simulation.world.computers };
}

const endpoint = ({ agentId, address, port }: Said): Said => ({ agentId, address, port });

describe('holders that the DHT names', () => {
  it('count once they have answered a probe themselves, and are peers from then on', () => {
    const { found, known, computers, asked } = lookUp(([, second, third]) => ({
      own: [second, third].flatMap((computer) => (computer === undefined ? [] : [endpoint(computer)])),
    }));
    const strangers = computers.slice(1, 3).map(({ agentId }) => agentId);
    expect([...found].sort()).toEqual([...strangers].sort());
    expect([...known].sort()).toEqual([...strangers].sort());
    expect(asked).toEqual(['own']);
  });

  it('are ignored where they live outside of the own and additional subnets, and nobody is asked there', () => {
    const { found, known } = lookUp((computers) => ({ own: computers.slice(3).map(endpoint) }));
    expect(found).toEqual([]);
    expect(known).toEqual([]);
  });

  it('make nobody a peer of an address where another agent answers, or nobody does', () => {
    const { found, known } = lookUp(([first, second]) => ({
      own: [second, first].flatMap((computer) =>
        computer === undefined
          ? []
          : [
              { ...endpoint(computer), agentId: ghost, address: computer.address + 90 },
              { ...endpoint(computer), agentId: ghost },
            ],
      ),
    }));
    expect(found).toEqual([]);
    expect(known).toEqual([]);
  });

  it('are looked for in additional subnets only where none lives in the own ones', () => {
    const { found, asked } = lookUp(([, second]) => ({
      own: second === undefined ? [] : [{ ...endpoint(second), address: second.address + 90 }],
      additional: second === undefined ? [] : [],
    }));
    expect(found).toEqual([]);
    expect(asked).toEqual(['own', 'additional']);
  });
});
