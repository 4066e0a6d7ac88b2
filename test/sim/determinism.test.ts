import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentCore } from '../../shared/sim/agent-life.ts';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import type { Fault } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { expectAllReady, minuteMs, plainPlan } from '../helpers/simulated-networks.ts';

const kill: Fault = {
  kind: 'kill',
  agent: { firstDownloaderOf: 0 },
  when: { blocksHeldPercent: 50 },
  restartAfterMs: 2000,
};
const lossy = { ...plainPlan(2, 5, 32), network: { lossPercent: 5 } };
const run = (seed: number, faults: readonly Fault[] = [kill]) =>
  simulate({ seed, plan: lossy, faults, untilMs: 10 * minuteMs });

/** All journals, without their sentences: whose announcement got lost is called by address there. */
function decisionsOf(report: SimulationReport): unknown {
  return report.perAgent.map(({ journal }) => journal.map((entry) => ({ ...entry, sentence: '' })));
}

describe('a simulation', () => {
  it('does the same for the same seed, event by event', () => {
    forSeeds(5, (seed) => {
      const first = run(seed);
      expectAllReady(first);
      expect(run(seed)).toEqual(first);
    });
  });

  it('does something else for another seed or one changed fault', () => {
    const hashes = [run(1), run(2), run(1, []), run(1, [{ ...kill, restartAfterMs: 2001 } as Fault])].map(
      ({ traceHash }) => traceHash,
    );
    expect(new Set(hashes).size).toBe(4);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('comes to the same decisions with a directory per agent as with one for the whole subnet', () => {
    forSeeds(10, (seed) => {
      const plan = {
        ...plainPlan(2, 6, 32, { special: { 3: { startAtMs: 4000 }, 5: { startAtMs: 90_000 } } }),
      };
      const stop: Fault = {
        kind: 'stop',
        agent: { subnet: 0, agent: 1 },
        when: { atMs: 7000 },
        restartAfterMs: 30_000,
      };
      const faults = seed % 2 === 0 ? [kill] : [kill, stop];
      const own = simulate({ seed, plan: { ...plan, directory: 'own' }, faults, untilMs: 10 * minuteMs });
      const shared = simulate({ seed, plan: { ...plan, directory: 'shared' }, faults, untilMs: 10 * minuteMs });
      expectAllReady(own);
      expect(decisionsOf(shared)).toEqual(decisionsOf(own));
      expect(shared.traceHash).toBe(own.traceHash);
    });
  });

  it('decides the same whether announcements that say nothing new are handled or overheard', () => {
    forSeeds(5, (seed) => {
      const handled = journalsOf(seed, (agent) => ({ handle: (input) => agent.handle(input) }));
      const overheard = journalsOf(seed, (agent) => agent);
      expect(overheard.journals).toEqual(handled.journals);
      expect(overheard.steps).toBe(handled.steps);
    });
  });
});

function journalsOf(seed: number, coreOf: (agent: Agent) => AgentCore) {
  const simulation = new Simulation({
    seed,
    plan: { ...plainPlan(1, 30, 16, { special: { 3: { startAtMs: 200_000 } } }), directory: 'shared' },
    faults: [],
    makeAgent: (ports, identity) => coreOf(new Agent(ports, identity)),
  });
  simulation.run(10 * minuteMs, 130_000);
  const { world } = simulation;
  expect(simulation.isDone).toBe(true);
  return { journals: world.computers.map(({ disk }) => disk.journal), steps: world.time.steps };
}
