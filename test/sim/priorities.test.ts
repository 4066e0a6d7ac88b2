import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid, PackageKey } from '../../shared/base/ids.ts';
import type { UserAction } from '../../shared/contracts/user-control.ts';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  expectAllReady,
  expectWanCopies,
  mebibyte,
  minuteMs,
  reasonsOf,
  simulationStartMs,
} from '../helpers/simulated-networks.ts';

function keyOf(packageIndex: number): PackageKey {
  return packageKeyOf(`00000000-0000-4000-8000-${packageIndex.toString(16).padStart(12, '0')}` as PackageGuid, '1.0');
}

/** When each agent told that the package is in this state, in virtual milliseconds. */
function timesOf(report: SimulationReport, packageIndex: number, state: string): number[] {
  return report.events.flatMap(({ event }) =>
    event.kind === 'package-state' && event.key === keyOf(packageIndex) && event.state === state
      ? [event.atMs - simulationStartMs]
      : [],
  );
}

describe('several packages at once', () => {
  it('stop at a block boundary for an emergency, and cost no second copy', () => {
    forSeeds(6, (seed) => {
      const packages = [
        { totalSizeBytes: 96 * mebibyte },
        { totalSizeBytes: 32 * mebibyte, priority: 'emergency' as const, deliverAtMs: 8000 },
      ];
      const report = simulate({ seed, plan: { subnets: [{ agents: 8 }], packages }, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expect(report.wanBlocksTwice).toEqual([0]);
      expect(Math.max(...timesOf(report, 1, 'ready'))).toBeLessThan(Math.min(...timesOf(report, 0, 'ready')));
      for (const agent of report.perAgent) expect(reasonsOf(agent)).toContain('pre-empted');
      // From the moment in which the last agent learned of it the emergency had the whole link.
      expect(Math.max(...timesOf(report, 1, 'ready'))).toBeLessThan(8000 + 12_000);
    });
  });

  it('give a place to what is more urgent, also where nothing is an emergency', () => {
    forSeeds(4, (seed) => {
      const packages = [
        { totalSizeBytes: 64 * mebibyte, priority: 'background' as const },
        { totalSizeBytes: 32 * mebibyte, deliverAtMs: 5000 },
      ];
      const settings = { maxConcurrentPackages: 1 };
      const report = simulate({ seed, plan: { subnets: [{ agents: 6 }], packages, settings }, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expect(Math.max(...timesOf(report, 1, 'ready'))).toBeLessThan(Math.min(...timesOf(report, 0, 'ready')));
    });
  });

  it('go on side by side where there are places for both', () => {
    const packages = [
      { totalSizeBytes: 32 * mebibyte, priority: 'background' as const },
      { totalSizeBytes: 32 * mebibyte, deliverAtMs: 1000 },
    ];
    const report = simulate({ seed: 1, plan: { subnets: [{ agents: 4 }], packages }, untilMs: 10 * minuteMs });
    expectAllReady(report);
    for (const agent of report.perAgent) expect(reasonsOf(agent)).not.toContain('pre-empted');
  });

  it('are as many as the policy says, also when it says so while they run', () => {
    const packages = Array.from({ length: 4 }, () => ({ totalSizeBytes: 24 * mebibyte }));
    const plan = { subnets: [{ agents: 3 }], packages, settings: { maxConcurrentPackages: 3 } };
    forSeeds(3, (seed) => {
      const faults = [{ kind: 'settings', atMs: 6000, settings: { maxConcurrentPackages: 1 } }] as const;
      const report = simulate({ seed, plan, faults, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      for (const agent of report.perAgent) {
        const running = new Set<string>();
        let mostAtOnce = 0;
        let mostAfterwards = 0;
        for (const { agent: name, event } of report.events) {
          if (name !== agent.name || event.kind !== 'package-state') continue;
          if (event.state === 'downloading') running.add(event.key);
          else running.delete(event.key);
          mostAtOnce = Math.max(mostAtOnce, running.size);
          if (event.atMs > simulationStartMs + 7000) mostAfterwards = Math.max(mostAfterwards, running.size);
        }
        expect(mostAtOnce).toBe(3);
        expect(mostAfterwards).toBe(1);
      }
    });
  });

  it('survive first downloaders that die while something else goes first', () => {
    forSeeds(5, (seed) => {
      const packages = [
        { totalSizeBytes: 64 * mebibyte },
        { totalSizeBytes: 32 * mebibyte, priority: 'emergency' as const, deliverAtMs: 6000 },
      ];
      const faults = [
        { kind: 'kill', agent: { firstDownloaderOf: 0 }, when: { atMs: 8000 }, restartAfterMs: 4000 },
      ] as const;
      const report = simulate({ seed, plan: { subnets: [{ agents: 8 }], packages }, faults, untilMs: 10 * minuteMs });
      expectAllReady(report);
      // 48 blocks: four lanes with up to two blocks each may be lost, and two of the other package.
      expectWanCopies(report, 1.2);
    });
  });
});

describe('a pause by the person at the computer', () => {
  it('ends also where it began and ended while the download was being prepared', () => {
    // Configuration, snapshot and store take some round trips of 20 ms: every moment of them is hit once.
    for (let pauseAtMs = 5000; pauseAtMs < 5300; pauseAtMs += 7) {
      const simulation = new Simulation({
        seed: 1,
        plan: {
          subnets: [{ agents: 1 }],
          packages: [{ totalSizeBytes: 8 * mebibyte, deliverAtMs: 5000 }],
          settings: { allowUserPause: true },
        },
        faults: [],
        makeAgent: (ports, identity) => new Agent(ports, identity),
      });
      const { time, computers } = simulation.world;
      const say = (action: UserAction): void =>
        computers[0]?.life?.deliver({ kind: 'userRequested', requestId: 1, action });
      time.at(pauseAtMs * 1000, () => say('pause'));
      time.at((pauseAtMs + 3) * 1000, () => say('resume'));
      simulation.run(minuteMs, 0);
      expect(simulation.isDone, `paused at ${pauseAtMs} ms`).toBe(true);
      expect(simulation.world.violations.list).toEqual([]);
    }
  });
});
