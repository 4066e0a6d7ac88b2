import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import type { Fault, SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  blocksBy,
  conditionsBecome,
  conditionsOfFirstDownloaderBecome,
  directBlocks,
  expectAllReady,
  expectWanCopies,
  mebibyte,
  minuteMs,
  outcomeOf,
  plainPlan,
  reasonsOf,
} from '../helpers/simulated-networks.ts';

const blocks = 50;
const installedBlocks = 10;

/** Two computers, and a third that comes after a minute, when those install what they have. */
function installingPlan(durationSeconds: number, priority: 'normal' | 'emergency' = 'normal'): SimulationPlan {
  const installation = { schedule: { kind: 'as-soon-as-possible' }, command: null, durationSeconds, tries: 1 } as const;
  return {
    subnets: [{ agents: 3, special: { 2: { startAtMs: minuteMs } } }],
    packages: [{ totalSizeBytes: 2 * installedBlocks * mebibyte, priority, delivery: { installation } }],
  };
}

describe('a computer that serves nobody', () => {
  it.each([
    ['is on battery', { onBattery: true }],
    ['is busy', { cpuLoadPercent: 95 }],
    ['is installing', { installing: true }],
  ] as const)('because it %s still takes from the others, and costs no second copy', (_, conditions) => {
    forSeeds(5, (seed) => {
      const faults = [conditionsBecome(1, 0, conditions)];
      const report = simulate({ seed, plan: plainPlan(1, 5, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const quiet = outcomeOf(report, 's0-a1');
      expect(directBlocks(quiet)).toBe(0);
      for (const other of report.perAgent) {
        expect(blocksBy(other, ({ source }) => source?.agentId === quiet.agentId)).toBe(0);
      }
      expectWanCopies(report, 1.03);
    });
  });

  it('gives its claim up in the middle of a download, and follows', () => {
    forSeeds(10, (seed) => {
      const faults = [conditionsOfFirstDownloaderBecome(50, { onBattery: true })];
      const report = simulate({ seed, plan: plainPlan(1, 5, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [change] = report.faults;
      expect(directBlocks(outcomeOf(report, change?.agent ?? ''))).toBeLessThanOrEqual((change?.blocksHeld ?? 0) + 2);
      expectWanCopies(report, 1.1);
    });
  });

  it('holds up nobody where it alone has the package', () => {
    forSeeds(5, (seed) => {
      const plan = { ...plainPlan(1, 3, 100), subnets: [{ agents: 3, special: { 2: { startAtMs: 4 * minuteMs } } }] };
      const faults = [0, 1].map((agent) => conditionsBecome(agent, 3 * minuteMs, { onBattery: true }));
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const late = outcomeOf(report, 's0-a2');
      expect(directBlocks(late)).toBe(blocks);
      expect(late.readyAtMs).toBeLessThan(6 * minuteMs);
    });
  });

  it('is waited for while it installs what it alone has', () => {
    forSeeds(5, (seed) => {
      const report = simulate({ seed, plan: installingPlan(100), untilMs: 20 * minuteMs });
      expectAllReady(report);
      const late = outcomeOf(report, 's0-a2');
      expect(directBlocks(late)).toBe(0);
      expect(reasonsOf(late)).toContain('peer-installing');
      // Until the installations end, and hardly longer.
      expect(late.readyAtMs).toBeLessThan(170_000);
      expectWanCopies(report, 1);
    });
  });

  it('is waited for five minutes while it installs, and half a minute with an emergency', () => {
    forSeeds(3, (seed) => {
      const late = (priority: 'normal' | 'emergency') => {
        const plan = installingPlan(3000, priority);
        const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
        const outcome = outcomeOf(report, 's0-a2');
        // It crosses again although somebody has it: that is what is noticed, and nothing else.
        expect(report.violations.filter(({ check }) => check !== 'one-copy')).toEqual([]);
        expect(directBlocks(outcome)).toBe(installedBlocks);
        return outcome.readyAtMs ?? Number.POSITIVE_INFINITY;
      };
      const startMs = 60_000;
      expect(late('normal') - startMs).toBeGreaterThan(5 * minuteMs);
      expect(late('normal') - startMs).toBeLessThan(6 * minuteMs);
      expect(late('emergency') - startMs).toBeGreaterThan(minuteMs / 2);
      expect(late('emergency') - startMs).toBeLessThan(minuteMs);
    });
  });

  it('begins to install once others have what it alone had', () => {
    forSeeds(5, (seed) => {
      // What comes over the WAN goes on at a tenth of its speed.
      const plan = { ...installingPlan(3000), subnets: [{ agents: 4, uploadBytesPerSecond: 600_000 }] };
      const report = simulate({ seed, plan, untilMs: 5 * minuteMs });
      expect(report.perAgent.filter(({ isReady }) => !isReady)).toEqual([]);
      expect(report.violations).toEqual([]);
      expectWanCopies(report, 1);
    });
  });

  it('fetches for itself where nobody serves, and all get there', () => {
    forSeeds(5, (seed) => {
      const faults = [0, 1, 2, 3].map((agent) => conditionsBecome(agent, 0, { onBattery: true }));
      const report = simulate({ seed, plan: plainPlan(1, 4, 20), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.wanCopiesBySubnet[0]).toBeLessThanOrEqual(4.01);
    });
  });

  it('asks a server that is down at the pace of its pauses, though no claim keeps them', () => {
    forSeeds(5, (seed) => {
      const faults: Fault[] = [
        ...[0, 1, 2].map((agent) => conditionsBecome(agent, 0, { onBattery: true })),
        { kind: 'server-down', fromMs: 7000, untilMs: 60_000 },
      ];
      const plan = { ...plainPlan(1, 3, 60), settings: { sourceBackoffScale: 0.05 } };
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      for (const { journal } of report.perAgent) {
        // 9, 18 and 36 s.
        expect(journal.filter(({ reason }) => reason === 'source-back-off').length).toBeLessThanOrEqual(3);
      }
    });
  });

  it('serves on battery where the policy lets it, and at any load where there is no limit', () => {
    forSeeds(5, (seed) => {
      const faults = [0, 1, 2, 3].map((agent) => conditionsBecome(agent, 0, { onBattery: true, cpuLoadPercent: 99 }));
      const plan = { ...plainPlan(1, 4, 100), settings: { serveOnBattery: true, cpuLimit: 0 } };
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.01);
    });
  });
});
