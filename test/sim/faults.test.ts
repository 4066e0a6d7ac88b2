import { describe, expect, it } from 'vitest';
import { simulate } from '../../shared/sim/simulate.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  blocksBy,
  directBlocks,
  expectAllReady,
  expectWanCopies,
  mebibyte,
  minuteMs,
  outcomeOf,
  plainPlan,
  reasonsOf,
  simulationStartMs,
} from '../helpers/simulated-networks.ts';

const half = { blocksHeldPercent: 50 } as const;

describe('what goes wrong', () => {
  it('costs at most 0.05 copies when the first downloader of every subnet is killed half-way', () => {
    forSeeds(10, (seed) => {
      const faults = [0, 1, 2].map(
        (subnet) => ({ kind: 'kill', agent: { firstDownloaderOf: subnet }, when: half, restartAfterMs: 2000 }) as const,
      );
      const report = simulate({ seed, plan: plainPlan(3, 8, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.faults).toHaveLength(3);
      expectWanCopies(report, 1.05);
    });
  });

  it('fetches nothing again that a killed first downloader held on its disk', () => {
    forSeeds(10, (seed) => {
      const faults = [{ kind: 'kill', agent: { firstDownloaderOf: 0 }, when: half, restartAfterMs: 5000 }] as const;
      const report = simulate({ seed, plan: plainPlan(1, 6, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [kill] = report.faults;
      if (kill === undefined) throw new Error('nobody was killed');
      const killed = outcomeOf(report, kill.agent);
      const after = blocksBy(
        killed,
        (entry) => entry.source !== null && entry.atMs - simulationStartMs > kill.atMs + 5000,
      );
      expect(killed.lives).toBe(2);
      expect(reasonsOf(killed)).toContain('resumed');
      expect(after).toBeLessThanOrEqual(50 - kill.blocksHeld);
    });
  });

  it('loses only seconds when the first downloader dies behind an open WAN link', () => {
    forSeeds(10, (seed) => {
      const faults = [{ kind: 'kill', agent: { firstDownloaderOf: 0 }, when: half, restartAfterMs: 2000 }] as const;
      const plan = plainPlan(1, 4, 120, { wanBytesPerSecond: Number.POSITIVE_INFINITY });
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.05);
      // The pause between two attempts, 60 s, is not for peers that did nothing wrong.
      expect(report.virtualSeconds).toBeLessThan(30);
    });
  });

  it('goes on without a first downloader that never comes back', () => {
    forSeeds(10, (seed) => {
      const faults = [{ kind: 'kill', agent: { firstDownloaderOf: 0 }, when: half, restartAfterMs: null }] as const;
      const report = simulate({ seed, plan: plainPlan(1, 8, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.ready).toBe(7);
      expectWanCopies(report, 1.05);
    });
  });

  it('goes on without a first downloader whose cable is pulled', () => {
    forSeeds(10, (seed) => {
      const faults = [{ kind: 'unplug', agent: { firstDownloaderOf: 0 }, fromMs: 12_000, untilMs: 90_000 }] as const;
      const report = simulate({ seed, plan: plainPlan(1, 8, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.05);
    });
  });

  it('takes over from a first downloader whose way to the server has become slow', () => {
    forSeeds(5, (seed) => {
      const faults = [
        { kind: 'slow-wan', agent: { firstDownloaderOf: 0 }, when: half, bytesPerSecond: 20_000 },
      ] as const;
      const report = simulate({ seed, plan: plainPlan(1, 8, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.05);
      expect(report.firstDownloaders[0]?.length).toBeGreaterThan(1);
      expect(report.virtualSeconds).toBeLessThan(120);
    });
  });

  it('does without a lane that is slow when an emergency crosses through four', () => {
    forSeeds(16, (seed) => {
      const slow = { kind: 'slow-wan', agent: { subnet: 0, agent: seed % 8 }, when: { atMs: 0 } } as const;
      const plan = {
        ...plainPlan(1, 8, 0),
        packages: [{ totalSizeBytes: 64 * mebibyte, priority: 'emergency' as const }],
      };
      const faults = [{ ...slow, bytesPerSecond: 20_000 }];
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.1);
      expect(report.virtualSeconds).toBeLessThan(150);
    });
  });

  it('finds out that one computer has a slow way to the server and the others have not', () => {
    forSeeds(8, (seed) => {
      const slow = { kind: 'slow-wan', agent: { subnet: 0, agent: seed % 8 }, when: { atMs: 0 } } as const;
      const faults = [{ ...slow, bytesPerSecond: 20_000 }];
      const report = simulate({ seed, plan: plainPlan(1, 8, 64), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.01);
      // One block at 20 KB/s takes 105 s; the whole package would take an hour.
      expect(report.virtualSeconds).toBeLessThan(200);
    });
  });

  it('leaves it at one copy where the link is slow for everybody', () => {
    forSeeds(2, (seed) => {
      for (const kilobits of [128, 256, 512, 1000, 2000]) {
        const plan = plainPlan(1, 8, 16, { wanBytesPerSecond: kilobits * 125 });
        const report = simulate({ seed, plan, untilMs: 60 * minuteMs });
        expectAllReady(report);
        expectWanCopies(report, 1);
      }
    });
  });

  it('keeps the lanes of an emergency that live when their claimer dies', () => {
    forSeeds(8, (seed) => {
      const plan = {
        ...plainPlan(1, 8, 0),
        packages: [{ totalSizeBytes: 100 * mebibyte, priority: 'emergency' as const }],
      };
      const faults = [{ kind: 'kill', agent: { firstDownloaderOf: 0 }, when: half, restartAfterMs: null }] as const;
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      // Up to 1.19 where the new claimer appointed lanes of its own.
      expectWanCopies(report, 1.06);
    });
  });

  it('hands the claim over when the first downloader is stopped in order', () => {
    forSeeds(10, (seed) => {
      const faults = [{ kind: 'stop', agent: { firstDownloaderOf: 0 }, when: half, restartAfterMs: null }] as const;
      const report = simulate({ seed, plan: plainPlan(1, 8, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.05);
      expect(report.events.some(({ event }) => event.kind === 'claim' && event.change === 'released')).toBe(true);
    });
  });

  it('keeps what it has when every agent of the subnet is restarted in turn', () => {
    forSeeds(5, (seed) => {
      const faults = Array.from(
        { length: 6 },
        (_, agent) =>
          ({
            kind: 'kill',
            agent: { subnet: 0, agent },
            when: { atMs: 5000 + agent * 2500 },
            restartAfterMs: 1500,
          }) as const,
      );
      const report = simulate({ seed, plan: plainPlan(1, 6, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.1);
    });
  });

  it('resumes alone after a restart without fetching a stored block again', () => {
    forSeeds(5, (seed) => {
      const faults = [{ kind: 'kill', agent: { subnet: 0, agent: 0 }, when: half, restartAfterMs: 3000 }] as const;
      const report = simulate({ seed, plan: plainPlan(1, 1, 64), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      // At most the blocks that were under way, two of 32.
      expectWanCopies(report, 1 + 2 / 32);
      expect(directBlocks(outcomeOf(report, 's0-a0'))).toBeLessThanOrEqual(32);
    });
  });

  it('starts as soon as a server comes that was not reachable at first', () => {
    forSeeds(5, (seed) => {
      const faults = [{ kind: 'server-down', fromMs: 0, untilMs: 45_000 }] as const;
      const report = simulate({ seed, plan: plainPlan(2, 6, 32), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.01);
      expect(report.virtualSeconds).toBeLessThan(180);
    });
  });

  it('survives a server that goes away in the middle', () => {
    forSeeds(5, (seed) => {
      const faults = [{ kind: 'server-down', fromMs: 9000, untilMs: 40_000 }] as const;
      const plan = { ...plainPlan(2, 6, 64), settings: { sourceBackoffScale: 0.01 } };
      const report = simulate({ seed, plan, faults, untilMs: 60 * minuteMs });
      expectAllReady(report);
      // The blocks under way when it went are sent twice: two of 32.
      expectWanCopies(report, 1 + 2 / 32);
    });
  });

  it('survives a WAN link that is cut for a while', () => {
    forSeeds(5, (seed) => {
      const faults = [{ kind: 'cut-wan', subnet: 0, fromMs: 9000, untilMs: 50_000 }] as const;
      const plan = { ...plainPlan(2, 6, 64), settings: { sourceBackoffScale: 0.01 } };
      const report = simulate({ seed, plan, faults, untilMs: 60 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.1);
    });
  });

  it('comes together again after a subnet was split', () => {
    forSeeds(5, (seed) => {
      const faults = [{ kind: 'partition', subnet: 0, agents: [4, 5, 6, 7], fromMs: 8000, untilMs: 40_000 }] as const;
      const plan = { ...plainPlan(1, 8, 100), settings: { sourceBackoffScale: 0.01 } };
      const report = simulate({ seed, plan, faults, untilMs: 60 * minuteMs });
      expectAllReady(report);
    });
  });

  it('does without a peer that takes requests and sends nothing', () => {
    forSeeds(5, (seed) => {
      const faults = [
        { kind: 'stall', agent: { subnet: 0, agent: 2 }, fromMs: 4000, untilMs: Number.POSITIVE_INFINITY },
      ] as const;
      const report = simulate({ seed, plan: plainPlan(1, 8, 64), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      // One timeout of 30 s, and where it is the first downloader the time until a follower takes over.
      expect(report.virtualSeconds).toBeLessThan(180);
    });
  });

  it('does without a first downloader that serves nobody', () => {
    forSeeds(5, (seed) => {
      const faults = [
        { kind: 'stall', agent: { firstDownloaderOf: 0 }, fromMs: 6000, untilMs: Number.POSITIVE_INFINITY },
      ] as const;
      const report = simulate({ seed, plan: plainPlan(1, 8, 64), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.virtualSeconds).toBeLessThan(180);
    });
  });

  it('accepts no block of a peer that sends damaged ones, and stops asking it', () => {
    forSeeds(5, (seed) => {
      const faults = [
        { kind: 'corrupt', agent: { subnet: 0, agent: 1 }, fromMs: 0, untilMs: Number.POSITIVE_INFINITY },
      ] as const;
      const report = simulate({ seed, plan: plainPlan(1, 6, 64), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const bad = outcomeOf(report, 's0-a1').agentId;
      for (const agent of report.perAgent) {
        const mismatches = agent.journal.filter(
          ({ reason, source }) => reason === 'hash-mismatch' && source?.agentId === bad,
        );
        expect(mismatches.length).toBeLessThanOrEqual(4);
      }
    });
  });

  it('goes on without a first downloader that sends damaged blocks, whatever it claims', () => {
    forSeeds(10, (seed) => {
      const corrupt = { kind: 'corrupt', agent: { firstDownloaderOf: 0 }, fromMs: 3000 } as const;
      const faults = [{ ...corrupt, untilMs: Number.POSITIVE_INFINITY }];
      const report = simulate({ seed, plan: plainPlan(1, 8, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [fault] = report.faults;
      if (fault === undefined) throw new Error('nobody was corrupt');
      const told = report.events.filter(({ event }) => event.kind === 'bad-block').map(({ agent }) => agent);
      expect(told.length).toBeGreaterThan(0);
      // One bad block is enough for each of the others, and the claim goes to an honest one at once.
      expect(new Set(told).size).toBe(told.length);
      expect(told).not.toContain(fault.agent);
      expect(report.firstDownloaders[0]?.length).toBeGreaterThan(1);
      expect(report.virtualSeconds).toBeLessThan(120);
      expectWanCopies(report, 1.2);
    });
  });

  it('deletes a package that is withdrawn on the way, and fetches no more of it', () => {
    forSeeds(5, (seed) => {
      const faults = [{ kind: 'withdraw', package: 0, atMs: 10_000 }] as const;
      const report = simulate({ seed, plan: plainPlan(2, 6, 100), faults, untilMs: 2 * minuteMs });
      expect(report.violations).toEqual([]);
      for (const agent of report.perAgent) expect(agent.blocksHeld).toEqual([]);
      for (const copies of report.wanCopiesBySubnet) expect(copies).toBeLessThan(0.6);
    });
  });
});
