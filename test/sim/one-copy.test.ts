import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import type { SimulationPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  directBlocks,
  expectAllReady,
  expectWanCopies,
  mebibyte,
  minuteMs,
  plainPlan,
  reasonsOf,
} from '../helpers/simulated-networks.ts';

/** For what takes 20 s of one core: others may need the core as well. */
const longMs = 300_000;

describe('one copy over each WAN link', () => {
  it('crosses each of three links once when 24 agents start in the same moment', () => {
    forSeeds(10, (seed) => {
      const report = simulate({ seed, plan: plainPlan(3, 8, 64), untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expect(report.wanBlocksTwice).toEqual([0, 0, 0]);
      expect(report.firstDownloaders.map((names) => names.length)).toEqual([1, 1, 1]);
    });
  });

  it('crosses once when agents that run already get the delivery by the feed', () => {
    forSeeds(10, (seed) => {
      const plan = { ...plainPlan(2, 8, 64), packages: [{ totalSizeBytes: 64 * mebibyte, deliverAtMs: 20_000 }] };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
    });
  });

  it('crosses once when 200 agents of one subnet start in the same second', { timeout: longMs }, () => {
    forSeeds(1, (seed) => {
      const special = Object.fromEntries(
        Array.from({ length: 200 }, (_, agent) => [agent, { startAtMs: (agent * 37) % 1000 }]),
      );
      const plan = {
        ...plainPlan(1, 200, 32, { special }),
        network: { rateQuantumUs: 1000 },
      };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.01);
    });
  });

  it('crosses at most 1.05 times while 5 to 20 % of all datagrams are lost', () => {
    forSeeds(15, (seed) => {
      const plan = { ...plainPlan(2, 8, 64), network: { lossPercent: 5 + (seed % 4) * 5 } };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.05);
    });
  });

  it('crosses once for each of several packages', () => {
    forSeeds(5, (seed) => {
      const plan = {
        ...plainPlan(2, 6, 0),
        packages: [{ totalSizeBytes: 20 * mebibyte }, { totalSizeBytes: 31 * mebibyte }, { totalSizeBytes: 9_999_999 }],
      };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.01);
    });
  });

  it('lets a late joiner fetch everything from its peers', () => {
    forSeeds(10, (seed) => {
      const plan = plainPlan(1, 6, 32, { special: { 5: { startAtMs: 120_000 } } });
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expect(report.perAgent.filter((agent) => directBlocks(agent) > 0).map(({ name }) => name)).toEqual(
        report.firstDownloaders[0],
      );
      expect(report.perAgent[5]?.readyAtMs ?? 0).toBeGreaterThan(120_000);
    });
  });

  it('fetches nothing over the WAN that the only other agent holds, though 20 % of all datagrams are lost', () => {
    forSeeds(60, (seed) => {
      const plan = { ...plainPlan(1, 2, 32, { special: { 1: { startAtMs: 30_000 } } }), network: { lossPercent: 20 } };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      // Requests are on their way before a holder's word arrives; if all its words of the first seconds are lost, some more.
      expectWanCopies(report, 1.5);
    });
  });

  it('lets an agent that joins half-way take part without a second copy', () => {
    forSeeds(10, (seed) => {
      const plan = plainPlan(1, 6, 64, { special: { 4: { startAtMs: 6000 }, 5: { startAtMs: 9100 } } });
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.01);
    });
  });

  it('never lets a lane hold more than its window that nobody else has', () => {
    forSeeds(5, (seed) => {
      const small = simulate({ seed, plan: plainPlan(1, 8, 100), untilMs: 10 * minuteMs });
      expectAllReady(small);
      expect(small.largestWindowBlocks[0]).toBeLessThanOrEqual(2);
      const large = simulate({ seed, plan: plainPlan(1, 4, 1000), untilMs: 30 * minuteMs });
      expectAllReady(large);
      expect(large.largestWindowBlocks[0]).toBeLessThanOrEqual(5);
    });
  });

  it('fetches alone over the WAN where no other agent lives in the subnet', () => {
    forSeeds(5, (seed) => {
      const report = simulate({ seed, plan: plainPlan(3, 1, 32), untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      for (const agent of report.perAgent) expect(directBlocks(agent)).toBe(16);
    });
  });

  it('crosses once also while every computer installs another package', () => {
    forSeeds(5, (seed) => {
      const installation = {
        schedule: { kind: 'as-soon-as-possible' },
        command: null,
        durationSeconds: 60,
        tries: 1,
      } as const;
      const plan: SimulationPlan = {
        subnets: [{ agents: 8 }],
        packages: [
          { totalSizeBytes: 4 * mebibyte, delivery: { installation } },
          { totalSizeBytes: 64 * mebibyte, deliverAtMs: 5000 },
        ],
      };
      const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.06);
    });
  });

  it('comes straight from the server, and says why, where peer downloading is off', () => {
    const plan = { ...plainPlan(1, 4, 8), settings: { peerDownloading: false } };
    const report = simulate({ seed: 1, plan, untilMs: 10 * minuteMs });
    expectAllReady(report);
    expect(report.wanCopiesBySubnet).toEqual([4]);
    for (const agent of report.perAgent) expect(reasonsOf(agent)).toContain('peer-downloading-off');
  });

  it('comes straight from the server, and says why, for a package below the smallest that is shared', () => {
    const plan = { ...plainPlan(1, 4, 8), settings: { minPeerPackage: 9 } };
    const report = simulate({ seed: 1, plan, untilMs: 10 * minuteMs });
    expectAllReady(report);
    expect(report.wanCopiesBySubnet).toEqual([4]);
    for (const agent of report.perAgent) expect(reasonsOf(agent)).toContain('below-minimum-size');
  });

  it('finishes at no more than 1.3 times the time that the WAN link alone needs', () => {
    forSeeds(3, (seed) => {
      const report = simulate({ seed, plan: plainPlan(1, 8, 128), untilMs: 10 * minuteMs });
      expectAllReady(report);
      const wanSeconds = (128 * mebibyte) / 4_782_000;
      for (const agent of report.perAgent) expect((agent.readyAtMs ?? Infinity) / 1000).toBeLessThan(1.3 * wanSeconds);
    });
  });
});
