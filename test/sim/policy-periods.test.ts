import { describe, expect, it } from 'vitest';
import { Agent } from '../../shared/agent/agent.ts';
import { weekdays } from '../../shared/base/week-time.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import type { AgentOutcome, SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import { Simulation } from '../../shared/sim/simulation.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
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

type Throttling = AgentSettings['throttlingPeriods'][number];
type Blockout = AgentSettings['blockouts'][number];

const everyDay = [...weekdays];

function throttling(kilobytesPerSecond: number, from = '00:00', to = '00:00'): Throttling {
  return { days: everyDay, from, to, kilobytesPerSecond };
}

function blockout(kind: Blockout['kind'], from: string, to: string): Blockout {
  return { days: everyDay, from, to, kind };
}

/** Virtual seconds of the journal entries that match. */
function secondsOf(outcome: AgentOutcome, matches: (entry: AgentOutcome['journal'][number]) => boolean): number[] {
  return outcome.journal.filter(matches).map(({ atMs }) => (atMs - simulationStartMs) / 1000);
}

function firstDownloader(report: SimulationReport): AgentOutcome {
  return outcomeOf(report, report.firstDownloaders[0]?.[0] ?? '');
}

function expectNoTakeOver(report: SimulationReport): void {
  for (const agent of report.perAgent) expect(reasonsOf(agent)).not.toContain('claim-taken-over');
}

describe('throttling periods', () => {
  it('bound what comes from servers, and leave what peers give each other alone', () => {
    forSeeds(4, (seed) => {
      const plan = { ...plainPlan(1, 6, 16), settings: { throttlingPeriods: [throttling(500)] } };
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      const readyAtMs = report.perAgent.map((agent) => agent.readyAtMs ?? 0);
      const throttledMs = (16 * mebibyte) / 500;
      expect(Math.min(...readyAtMs)).toBeGreaterThan(throttledMs);
      // The others take a block from their peers in no time.
      expect(Math.max(...readyAtMs)).toBeLessThan(throttledMs * 1.1 + 5000);
    });
  });

  it('hold at the lowest rate where they overlap', () => {
    const settings = {
      peerDownloading: false,
      throttlingPeriods: [throttling(2000), throttling(500, '22:00', '06:00')],
    };
    const report = simulate({ seed: 1, plan: { ...plainPlan(1, 1, 16), settings }, untilMs: 10 * minuteMs });
    expectAllReady(report);
    expect(report.perAgent[0]?.readyAtMs).toBeGreaterThan((16 * mebibyte) / 500);
  });

  it('begin and end at their minute for transfers under way', () => {
    // 100 KB/s from 00:01 to 00:03, else the 4.8 MB/s of the WAN link.
    const settings = { throttlingPeriods: [throttling(100, '00:01', '00:03')] };
    const plan = { ...plainPlan(1, 6, 64, { startAtMs: 55_000 }), settings };
    forSeeds(4, (seed) => {
      const report = simulate({ seed, plan, untilMs: 10 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expectNoTakeOver(report);
      const claimer = firstDownloader(report);
      const [throttledAt = 0] = secondsOf(claimer, ({ reason }) => reason === 'throttled');
      expect(throttledAt).toBeCloseTo(60, 1);
      const slowly = claimer.journal.filter(({ atMs, source }) => {
        const second = (atMs - simulationStartMs) / 1000;
        return source?.kind === 'notification-server' && second > 63 && second < 178;
      });
      // 115 s at 100 KB/s are 5.5 blocks.
      expect(slowly.reduce((blocks, entry) => blocks + entry.blocks, 0)).toBeLessThanOrEqual(7);
      expect(claimer.journal.find(({ reason }) => reason === 'throttled')?.sentence).toContain(
        '100 KB/s until 00:03 on Monday',
      );
      expect(claimer.readyAtMs).toBeGreaterThan(180_000);
      expect(claimer.readyAtMs).toBeLessThan(200_000);
    });
  });

  it('do not make a slow first downloader look dead, nor one that shares its rate between packages', () => {
    const settings = { throttlingPeriods: [throttling(60)], maxConcurrentPackages: 5 };
    const packages = Array.from({ length: 5 }, () => ({ totalSizeBytes: 6 * mebibyte }));
    forSeeds(3, (seed) => {
      const report = simulate({
        seed,
        plan: { subnets: [{ agents: 3 }], packages, settings },
        untilMs: 40 * minuteMs,
      });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expectNoTakeOver(report);
    });
  });

  it('do not keep a subnet with a first downloader that has become slow by itself', () => {
    const settings = { throttlingPeriods: [throttling(2000)] };
    const faults = [
      {
        kind: 'slow-wan',
        agent: { firstDownloaderOf: 0 },
        when: { blocksHeldPercent: 60 },
        bytesPerSecond: 50_000,
      },
    ] as const;
    forSeeds(3, (seed) => {
      const report = simulate({ seed, plan: { ...plainPlan(1, 6, 64), settings }, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.1);
      expect(report.perAgent.some((agent) => reasonsOf(agent).has('claim-taken-over'))).toBe(true);
    });
  });

  it('do not set computers against each other where the WAN link gives less than they allow', () => {
    // A tenth of the limit, and a block takes longer than a claimer's pace is watched.
    const settings = { throttlingPeriods: [throttling(400)] };
    forSeeds(3, (seed) => {
      const plan = { ...plainPlan(1, 6, 8, { wanBytesPerSecond: 40_000 }), settings };
      const report = simulate({ seed, plan, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      expectNoTakeOver(report);
    });
  });

  it('leave emergencies alone', () => {
    const packages = [{ totalSizeBytes: 16 * mebibyte, priority: 'emergency' as const }];
    const settings = { throttlingPeriods: [throttling(10)] };
    const report = simulate({ seed: 1, plan: { subnets: [{ agents: 6 }], packages, settings }, untilMs: 5 * minuteMs });
    expectAllReady(report);
    expect(Math.max(...report.perAgent.map(({ readyAtMs }) => readyAtMs ?? Infinity))).toBeLessThan(15_000);
  });
});

describe('blockout periods', () => {
  const spread = { restartSpread: 0 };

  it('stop downloads in the middle of a claim, and cost no second copy', () => {
    const settings = { ...spread, blockouts: [blockout('downloads', '00:01', '00:05')] };
    forSeeds(6, (seed) => {
      const report = simulate({
        seed,
        plan: { ...plainPlan(1, 8, 64, { startAtMs: 50_000 }), settings },
        untilMs: 15 * minuteMs,
      });
      expectAllReady(report);
      expectWanCopies(report, 1);
      for (const agent of report.perAgent) {
        expect(agent.readyAtMs).toBeGreaterThan(300_000);
        const entry = agent.journal.find(({ reason }) => reason === 'blockout');
        expect(entry?.sentence).toContain('ends at 00:05 on Monday');
      }
    });
  });

  it('let a computer without one fetch on for those that have one', () => {
    const settings = { ...spread, blockouts: [blockout('downloads', '00:01', '00:30')] };
    forSeeds(4, (seed) => {
      const plan = plainPlan(1, 6, 64, { startAtMs: 50_000, special: { 3: { settings: { blockouts: [] } } } });
      const report = simulate({ seed, plan: { ...plan, settings }, untilMs: 40 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1);
      const free = outcomeOf(report, 's0-a3');
      expect(free.readyAtMs).toBeLessThan(30 * minuteMs);
      // Whatever the others held when they stopped, they went on serving it.
      const isFirstDownloader = report.firstDownloaders[0]?.[0] === free.name;
      expect(directBlocks(free)).toBeLessThanOrEqual(isFirstDownloader ? 32 : 31);
    });
  });

  it('silence a computer wholly, and let it fetch its configuration afterwards', () => {
    const settings = { ...spread, blockouts: [blockout('total', '00:01', '01:30')] };
    const faults = [{ kind: 'settings', atMs: 150_000, settings: { eventInterval: 30 } }] as const;
    forSeeds(6, (seed) => {
      const report = simulate({
        seed,
        plan: { ...plainPlan(1, 8, 64, { startAtMs: 50_000 }), settings },
        faults,
        untilMs: 100 * minuteMs,
      });
      expectAllReady(report);
      // What was under way when it began is cut off.
      expectWanCopies(report, 1.03);
      for (const agent of report.perAgent) expect(agent.readyAtMs).toBeGreaterThan(90 * minuteMs);
    });
  });

  it('are over for each computer at a moment of its own, within the restart spread', () => {
    const settings = { restartSpread: 10, blockouts: [blockout('downloads', '00:01', '00:05')] };
    forSeeds(3, (seed) => {
      const plan = { ...plainPlan(1, 12, 64, { startAtMs: 50_000 }), settings };
      const report = simulate({ seed, plan, untilMs: 30 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.02);
      const restarts = report.perAgent.map((agent) => {
        const again = report.events.find(
          ({ agent: name, event }) =>
            name === agent.name &&
            event.kind === 'package-state' &&
            event.state === 'downloading' &&
            event.atMs >= simulationStartMs + 300_000,
        );
        return ((again?.event.atMs ?? Number.NaN) - simulationStartMs) / 1000;
      });
      expect(Math.min(...restarts)).toBeGreaterThanOrEqual(300);
      expect(Math.max(...restarts)).toBeLessThanOrEqual(900);
      expect(new Set(restarts).size).toBeGreaterThan(8);
    });
  });

  it('follow the local time of each site, or UTC', () => {
    const blockouts = [blockout('downloads', '01:00', '01:10')];
    const subnets = [{ agents: 3 }, { agents: 3, utcOffsetMinutes: 60 }];
    const packages = [{ totalSizeBytes: 16 * mebibyte }];
    const readyAt = (periodClock: 'agent' | 'utc'): number[] => {
      const settings = { ...spread, blockouts, periodClock };
      const report = simulate({ seed: 1, plan: { subnets, packages, settings }, untilMs: 100 * minuteMs });
      expectAllReady(report);
      return report.perAgent.map((agent) => agent.readyAtMs ?? Number.NaN);
    };
    // It is 00:00 UTC, and 01:00 in the second subnet.
    const [west = 0, , , east = 0] = readyAt('agent');
    expect(west).toBeLessThan(minuteMs);
    expect(east).toBeGreaterThan(10 * minuteMs);
    expect(Math.max(...readyAt('utc'))).toBeLessThan(minuteMs);
  });

  it('stop emergencies only where they forbid any communication', () => {
    const packages = [{ totalSizeBytes: 64 * mebibyte, priority: 'emergency' as const }];
    const subnets = [{ agents: 6, startAtMs: 55_000 }];
    const readyAt = (kind: Blockout['kind']): number => {
      const settings = { ...spread, blockouts: [blockout(kind, '00:01', '00:05')] };
      const report = simulate({ seed: 1, plan: { subnets, packages, settings }, untilMs: 15 * minuteMs });
      expectAllReady(report);
      expectWanCopies(report, 1.15);
      return Math.min(...report.perAgent.map((agent) => agent.readyAtMs ?? Number.NaN));
    };
    expect(readyAt('downloads')).toBeLessThan(2 * minuteMs);
    expect(readyAt('total')).toBeGreaterThan(5 * minuteMs);
  });
});

it('notices an agent that obeys no periods', () => {
  const settings = {
    throttlingPeriods: [throttling(100)],
    blockouts: [blockout('downloads', '00:00', '00:01'), blockout('total', '00:01', '00:02')],
  };
  const plan = { ...plainPlan(1, 3, 64, { wanBytesPerSecond: 1_000_000 }), settings };
  const simulation = new Simulation({
    seed: 1,
    plan,
    faults: [],
    makeAgent: (ports, identity) => {
      const agent = new Agent(ports, identity);
      return {
        handle: (input) => {
          if (input.kind !== 'configurationReceived') agent.handle(input);
          else {
            const lax = { ...input.configuration.settings, throttlingPeriods: [], blockouts: [] };
            agent.handle({ ...input, configuration: { ...input.configuration, settings: lax } });
          }
        },
      };
    },
  });
  simulation.run(2 * minuteMs, 0);
  const { list } = simulation.world.violations;
  expect(list.some(({ check, detail }) => check === 'rate-limit' && detail.startsWith('throttling'))).toBe(true);
  expect(list.some(({ check, atMs }) => check === 'blockout' && atMs < minuteMs)).toBe(true);
});
