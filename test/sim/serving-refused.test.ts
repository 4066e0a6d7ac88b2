import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
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
} from '../helpers/simulated-networks.ts';

const blocks = 50;

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
