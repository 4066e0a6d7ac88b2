import { describe, expect, it } from 'vitest';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  directBlocks,
  expectAllReady,
  mebibyte,
  minuteMs,
  outcomeOf,
  plainPlan,
} from '../helpers/simulated-networks.ts';

const blockBytes = 2 * mebibyte;
const packageBytes = 64 * mebibyte;
const noticedAfterMs = 3000;

function roam(agent: Extract<Fault, { kind: 'roam' }>['agent'], percent: number, toSubnet: number): Fault {
  return { kind: 'roam', agent, when: { blocksHeldPercent: percent }, toSubnet, noticedAfterMs };
}

describe('a computer that moves to another subnet in the middle of a download', () => {
  it('keeps its blocks and takes the rest from its new peers: one copy over either link', () => {
    forSeeds(5, (seed) => {
      const plan: SimulationPlan = { ...plainPlan(2, 4, 64), directory: seed % 2 === 0 ? 'own' : 'shared' };
      const report = simulate({
        seed,
        plan,
        faults: [roam({ subnet: 0, agent: 3 }, 40, 1)],
        untilMs: 20 * minuteMs,
      });
      expectAllReady(report);
      expect(report.faults).toHaveLength(1);
      for (const copies of report.wanCopiesBySubnet) expect(copies).toBeLessThanOrEqual(1.05);
      expect(outcomeOf(report, 's0-a3').subnet).toBe(1);
    });
  });

  it('leaves its claim to those who stay, and claims nothing where another fetches already', () => {
    forSeeds(5, (seed) => {
      const report = simulate({
        seed,
        plan: plainPlan(2, 6, 64),
        faults: [roam({ firstDownloaderOf: 0 }, 50, 1)],
        untilMs: 20 * minuteMs,
      });
      expectAllReady(report);
      const [fault] = report.faults;
      expect(fault?.blocksHeld).toBeGreaterThanOrEqual(16);
      // At most the window of two blocks is lost with the claimer.
      for (const copies of report.wanCopiesBySubnet) expect(copies).toBeLessThanOrEqual(1 + 2 / 32);
      // Somebody else of the old subnet went on.
      expect(report.firstDownloaders[0]?.length).toBeGreaterThanOrEqual(2);
    });
  });

  it('fetches over its new link only what it does not have, where nobody holds the package', () => {
    forSeeds(5, (seed) => {
      const plan: SimulationPlan = {
        subnets: [{ agents: 3 }, { agents: 1, startAtMs: 30 * minuteMs }],
        packages: [{ totalSizeBytes: packageBytes }],
      };
      const report = simulate({
        seed,
        plan,
        faults: [roam({ subnet: 0, agent: 1 }, 50, 1)],
        untilMs: 29 * minuteMs,
      });
      const traveller = outcomeOf(report, 's0-a1');
      expect(report.violations).toEqual([]);
      expect(traveller.blocksHeld).toEqual([32]);
      const missing = 32 - (report.faults[0]?.blocksHeld ?? 0);
      // What was under way when it left is not among what it held.
      expect(report.wanBytesBySubnet[1]).toBeLessThanOrEqual(missing * blockBytes);
      expect(directBlocks(traveller)).toBeGreaterThan(0);
    });
  });

  it('comes back to the subnet it left, as one of it', () => {
    forSeeds(3, (seed) => {
      const report = simulate({
        seed,
        plan: plainPlan(2, 5, 64, { wanBytesPerSecond: 1_500_000 }),
        faults: [
          roam({ subnet: 0, agent: 2 }, 20, 1),
          { kind: 'roam', agent: { subnet: 1, agent: 5 }, when: { atMs: 40_000 }, toSubnet: 0, noticedAfterMs },
        ],
        untilMs: 20 * minuteMs,
      });
      expectAllReady(report);
      expect(outcomeOf(report, 's0-a2').subnet).toBe(0);
      for (const copies of report.wanCopiesBySubnet) expect(copies).toBeLessThanOrEqual(1.05);
    });
  });

  it('gets what only the site it has come to gets', () => {
    forSeeds(3, (seed) => {
      const plan: SimulationPlan = {
        subnets: [{ agents: 2 }, { agents: 1 }],
        packages: [{ totalSizeBytes: packageBytes }, { totalSizeBytes: packageBytes, subnets: [1] }],
      };
      const faults = [roam({ subnet: 0, agent: 1 }, 80, 1)];
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(outcomeOf(report, 's0-a1').blocksHeld).toEqual([32, 32]);
    });
  });
});

// 30 s more, the HTTP request timeout, where nobody noticed that the peer had moved.
it('a peer that gets another address is asked there at once for what it had been asked for', () => {
  forSeeds(4, (seed) => {
    const directory = seed % 2 === 0 ? 'own' : 'shared';
    // A block takes a second. The second agent comes when the first has all of them.
    const plan: SimulationPlan = {
      subnets: [{ agents: 2, uploadBytesPerSecond: blockBytes, special: { 1: { startAtMs: 60_000 } } }],
      packages: [{ totalSizeBytes: packageBytes }],
      directory,
    };
    const moves: Fault = {
      kind: 'roam',
      agent: { subnet: 0, agent: 0 },
      when: { atMs: 80_000 },
      toSubnet: 0,
      noticedAfterMs,
    };
    const undisturbed = simulate({ seed, plan, faults: [], untilMs: 20 * minuteMs });
    const report = simulate({ seed, plan, faults: [moves], untilMs: 20 * minuteMs });
    expectAllReady(report);
    expect(report.wanCopiesBySubnet).toEqual([1]);
    const delayMs = readyAtMs(report) - readyAtMs(undisturbed);
    expect(delayMs).toBeGreaterThanOrEqual(noticedAfterMs);
    expect(delayMs).toBeLessThanOrEqual(noticedAfterMs + 3000);
  });
});

function readyAtMs(report: SimulationReport): number {
  return outcomeOf(report, 's0-a1').readyAtMs ?? Number.POSITIVE_INFINITY;
}
