import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import type { AgentPorts } from '../../shared/agent/ports.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import type { Fault } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  blocksBy,
  conditionsBecome,
  conditionsOfFirstDownloaderBecome,
  directBlocks,
  expectAllReady,
  expectWanCopies,
  minuteMs,
  outcomeOf,
  plainPlan,
  reasonsOf,
  simulationStartMs,
} from '../helpers/simulated-networks.ts';

const blocks = 50;
const plan = (agents: number) => ({ ...plainPlan(1, agents, 100), settings: { exceptWhen: ['vpn' as const] } });
const vpn = (agent: number, atMs: number, isOn: boolean): Fault => conditionsBecome(agent, atMs, { vpn: isOn });

describe('an excepted computer', () => {
  it('downloads from the server only and serves nobody, and says why', () => {
    forSeeds(5, (seed) => {
      const report = simulate({ seed, plan: plan(4), faults: [vpn(1, 0, true)], untilMs: 20 * minuteMs });
      expectAllReady(report);
      const excepted = outcomeOf(report, 's0-a1');
      expect(directBlocks(excepted)).toBe(blocks);
      expect(excepted.journal.find(({ reason }) => reason === 'excepted')?.sentence).toMatch(/VPN/);
      for (const other of report.perAgent.filter(({ name }) => name !== excepted.name)) {
        expect(blocksBy(other, ({ source }) => source?.agentId === excepted.agentId)).toBe(0);
      }
      expectWanCopies(report, 2.01);
    });
  });

  it('leaves the others in the middle of a download, and its claim to one of them', () => {
    forSeeds(10, (seed) => {
      const faults = [conditionsOfFirstDownloaderBecome(50, { vpn: true })];
      const report = simulate({ seed, plan: plan(5), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [change] = report.faults;
      const excepted = outcomeOf(report, change?.agent ?? '');
      expect(reasonsOf(excepted)).toContain('excepted');
      const changedAtMs = simulationStartMs + (change?.atMs ?? 0);
      const claimed = report.events.filter(
        ({ agent, event }) => agent !== excepted.name && event.kind === 'claim' && event.change === 'claimed',
      );
      const laterMs = claimed.map(({ event }) => event.atMs - changedAtMs).filter((ms) => ms >= -1);
      expect(Math.min(...laterMs)).toBeLessThan(5000);
      // Its own second half, and nothing else, crosses for it alone.
      expectWanCopies(report, 1.55);
    });
  });

  it('comes back to the others in the middle of a download', () => {
    forSeeds(5, (seed) => {
      const faults = [vpn(1, 0, true), vpn(1, 10_000, false)];
      const report = simulate({ seed, plan: plan(4), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const returned = outcomeOf(report, 's0-a1');
      expect(directBlocks(returned)).toBeLessThan(blocks / 2);
      expect(blocksBy(returned, ({ source }) => source?.kind === 'peer')).toBeGreaterThan(blocks / 2);
    });
  });

  it('asks before it claims when it comes back, whatever it was about to do when it left', () => {
    forSeeds(12, (seed) => {
      // It leaves while it gathers, and comes back under the claim of somebody that it has never heard.
      const faults = [vpn(0, 600, true), vpn(0, 14_000, false)];
      const report = simulate({ seed, plan: plan(6), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.perAgent.filter((agent) => reasonsOf(agent).has('claim-lost'))).toEqual([]);
    });
  });
});

describe('a policy that switches peer downloading off', () => {
  it('has the claim released before the goodbye, and nothing said after it', () => {
    forSeeds(5, (seed) => {
      const said = new Map<string, string[]>();
      const simulation = new Simulation({
        seed,
        plan: plan(4),
        faults: [{ kind: 'settings', atMs: 8000, settings: { peerDownloading: false } }],
        makeAgent: (ports, identity) => {
          const kinds: string[] = [];
          said.set(identity.name, kinds);
          return new Agent(overheard(ports, kinds), identity);
        },
      });
      simulation.run(10 * minuteMs, 5000);
      expect(simulation.isDone).toBe(true);
      const lastWords = [...said.values()].map((kinds) => kinds.slice(-2).join(' ')).sort();
      // One claimed when the policy came; its successor may have, too, because it learnt of the policy a moment later.
      expect(lastWords).toContain('release byebye');
      expect(lastWords.every((words) => words.endsWith(' byebye'))).toBe(true);
    });
  });
});

/** The ports, with what is said through them written down. */
function overheard(ports: AgentPorts, kinds: string[]): AgentPorts {
  return {
    ...ports,
    datagrams: {
      send: (from, to, message) => {
        kinds.push(message.kind);
        ports.datagrams.send(from, to, message);
      },
      broadcast: (from, message) => {
        kinds.push(message.kind);
        ports.datagrams.broadcast(from, message);
      },
    },
  };
}
