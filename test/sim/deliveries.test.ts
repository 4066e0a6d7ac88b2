import { describe, expect, it } from 'vitest';
import { weekdays } from '../../shared/base/week-time.ts';
import type { Installation } from '../../shared/contracts/deliveries.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { Fault, PackagePlan, SimulatedCommand, SubnetPlan } from '../../shared/sim/simulation-plan.ts';
import { forSeeds } from '../helpers/seeds.ts';
import {
  expectAllReady,
  expectWanCopies,
  mebibyte,
  minuteMs,
  simulationStartMs,
} from '../helpers/simulated-networks.ts';

type DownloadWindows = NonNullable<NonNullable<PackagePlan['delivery']>['downloadWindows']>;

const hourMs = 60 * minuteMs;
const atOnce: Installation = {
  schedule: { kind: 'as-soon-as-possible' },
  command: { file: 'setup.sh', arguments: [] },
  durationSeconds: 0,
  tries: 3,
};
const afterAll = { kind: 'after-previous', installedPercent: 100, failedPercent: 0, hours: 1 } as const;
const failing: readonly SimulatedCommand[] = [{ durationMs: 1000, exitCode: 5 }];

function run(
  seed: number,
  delivery: PackagePlan['delivery'] & object,
  more: {
    readonly special?: SubnetPlan['special'];
    readonly package?: Partial<PackagePlan>;
    readonly faults?: readonly Fault[];
    readonly subnets?: readonly SubnetPlan[];
    readonly settings?: Partial<AgentSettings>;
    readonly untilMs?: number;
  } = {},
): SimulationReport {
  const subnets = more.subnets ?? [{ agents: 4, special: more.special ?? {} }, { agents: 4 }];
  const report = simulate({
    seed,
    plan: {
      subnets,
      packages: [{ totalSizeBytes: 8 * mebibyte, delivery, ...more.package }],
      settings: more.settings ?? {},
    },
    faults: more.faults ?? [],
    untilMs: more.untilMs ?? 12 * hourMs,
  });
  expect(report.violations).toEqual([]);
  return report;
}

/** Of each agent's words about the package: its state, and why it failed. */
function wordsOf(report: SimulationReport, agent: string): string[] {
  return report.events.flatMap(({ agent: name, event }) =>
    name === agent && event.kind === 'package-state'
      ? [event.delivery?.failure === null ? event.state : `${event.state}: ${event.delivery?.failure}`]
      : [],
  );
}

/** Virtual times at which agents said that the package is in the state. */
function timesOf(report: SimulationReport, state: string): number[] {
  return report.events.flatMap(({ event }) =>
    event.kind === 'package-state' && event.state === state ? [event.atMs - simulationStartMs] : [],
  );
}

describe('stages', () => {
  const stages = [{ subnets: [1], start: afterAll }];

  it('begin after all of the one before have installed it for an hour, and each site takes one copy', () => {
    forSeeds(4, (seed) => {
      const report = run(seed, { installation: atOnce, stages }, { package: { subnets: [0] } });
      expectAllReady(report);
      expectWanCopies(report, 1);
      const [first, second] = report.stages[0] ?? [];
      expect([first?.counts.installed, second?.counts.installed]).toEqual([4, 4]);
      const lastInstalledMs = Math.max(...timesOf(report, 'installed').slice(0, 4));
      expect(second?.startedAtMs).toBeGreaterThanOrEqual(lastInstalledMs + hourMs);
      expect(second?.startedAtMs).toBeLessThan(lastInstalledMs + hourMs + 2 * minuteMs);
    });
  });

  it('wait where one fails, and begin an hour after it was mended and tried again', () => {
    forSeeds(3, (seed) => {
      const mendedAtTheFourthTry = [...Array.from({ length: 3 }, () => failing[0]), { durationMs: 1000, exitCode: 0 }];
      const retryAtMs = 5 * hourMs;
      const report = run(
        seed,
        { installation: { ...atOnce, tries: 1 }, stages },
        {
          package: { subnets: [0] },
          special: { 2: { commands: mendedAtTheFourthTry.flatMap((command) => command ?? []) } },
          faults: [1, 2, 3].map((round) => {
            const atMs = retryAtMs + round * minuteMs * 5;
            return { kind: 'steer-delivery', package: 0, action: 'failed-retried', atMs } as const;
          }),
        },
      );
      expect(wordsOf(report, 's0-a2').filter((word) => word.startsWith('failed'))).toEqual(
        Array.from({ length: 3 }, () => 'failed: exit-code'),
      );
      expect(report.stages[0]?.[1]?.startedAtMs).toBeGreaterThanOrEqual(retryAtMs + 15 * minuteMs + hourMs);
      expect(report.stages[0]?.map(({ counts }) => counts.installed)).toEqual([4, 4]);
    });
  });

  it('begin by hand whenever an administrator says so, and not while the delivery is paused', () => {
    forSeeds(3, (seed) => {
      const report = run(
        seed,
        { installation: atOnce, stages: [{ subnets: [1], start: { kind: 'by-hand' } }] },
        {
          package: { subnets: [0] },
          faults: [
            { kind: 'steer-delivery', package: 0, action: 'paused', atMs: 10 * minuteMs },
            { kind: 'steer-delivery', package: 0, action: 'next-stage-started', atMs: 20 * minuteMs },
            { kind: 'steer-delivery', package: 0, action: 'resumed', atMs: 40 * minuteMs },
          ],
        },
      );
      expect(report.stages[0]?.[1]?.startedAtMs).toBeCloseTo(20 * minuteMs, -1);
      const ofSecond = report.events.filter(
        ({ agent, event }) => agent.startsWith('s1') && event.kind === 'package-state',
      );
      expect(Math.min(...ofSecond.map(({ event }) => event.atMs - simulationStartMs))).toBeGreaterThan(40 * minuteMs);
      expect(report.stages[0]?.[1]?.counts.installed).toBe(4);
    });
  });
});

describe('installations', () => {
  it('never run a command twice, whenever their agents are killed', () => {
    forSeeds(12, (seed) => {
      const killAtMs = 4000 + (seed % 12) * 250;
      const report = run(
        seed,
        { installation: atOnce },
        {
          faults: [0, 1, 2, 3].map((agent) => {
            const when = { atMs: killAtMs + agent * 100 };
            return { kind: 'kill', agent: { subnet: 0, agent }, when, restartAfterMs: 3000 } as const;
          }),
        },
      );
      const counts = report.stages[0]?.[0]?.counts;
      expect((counts?.installed ?? 0) + (counts?.failed ?? 0)).toBe(8);
      const failures = report.events.flatMap(({ event }) =>
        event.kind === 'package-state' && event.state === 'failed' ? [event.delivery?.failure] : [],
      );
      for (const failure of failures) expect(failure).toBe('interrupted');
    });
  });

  it('are not repeated where the disk loses what was installed: it is fetched again, and stays installed', () => {
    forSeeds(3, (seed) => {
      const lost: Fault = {
        kind: 'damage-disk',
        agent: { subnet: 0, agent: 1 },
        when: { atMs: 5 * minuteMs },
        everyNthBlock: 2,
      };
      const report = run(seed, { installation: atOnce }, { faults: [lost] });
      const words = wordsOf(report, 's0-a1');
      const before = words.indexOf('installed') + 1;
      expect(words.slice(before)).toEqual(['queued', 'downloading', 'ready', 'installed']);
      expect(words.filter((word) => word === 'installing')).toHaveLength(1);
      expectWanCopies(report, 1.01);
    });
  });

  it('end before what the disk has lost meanwhile is fetched again', () => {
    forSeeds(3, (seed) => {
      const commands = [{ durationMs: 5 * minuteMs, exitCode: 0 }];
      const lost: Fault = {
        kind: 'damage-disk',
        agent: { subnet: 0, agent: 1 },
        when: { atMs: 2 * minuteMs },
        everyNthBlock: 2,
      };
      const report = run(seed, { installation: atOnce }, { special: { 1: { commands } }, faults: [lost] });
      const words = wordsOf(report, 's0-a1');
      expect(words.slice(words.indexOf('installing'))).toEqual([
        'installing',
        'installed',
        'queued',
        'downloading',
        'ready',
        'installed',
      ]);
    });
  });

  it('are tried as often as the delivery says, ended after an hour, and refused where agents may run nothing', () => {
    const report = run(
      7,
      { installation: atOnce },
      {
        special: {
          0: { commands: [...failing, { durationMs: 1000, exitCode: 3010 }] },
          1: { commands: [{ durationMs: 2 * hourMs, exitCode: 0 }] },
          2: { forbidsExecution: true },
          3: { commands: failing },
        },
      },
    );
    const last = [0, 1, 2, 3].map((agent) => wordsOf(report, `s0-a${agent}`).at(-1));
    expect(last).toEqual(['installed', 'failed: timeout', 'failed: execution-not-allowed', 'failed: exit-code']);
    expect(report.stages[0]?.[0]?.counts).toMatchObject({ 'reboot-pending': 1, installed: 4, failed: 3 });
  });

  it('are tried again where they fail after an administrator has said so', () => {
    const commands = [
      { durationMs: minuteMs, exitCode: 5 },
      { durationMs: 1000, exitCode: 0 },
    ];
    const retried = { kind: 'steer-delivery', package: 0, action: 'failed-retried', atMs: 30_000 } as const;
    const report = run(
      2,
      { installation: { ...atOnce, tries: 1 } },
      { special: { 0: { commands } }, faults: [retried] },
    );
    expect(wordsOf(report, 's0-a0').slice(-4)).toEqual(['failed: exit-code', 'ready', 'installing', 'installed']);
    expect(report.stages[0]?.[0]?.counts).toMatchObject({ installed: 8, failed: 0 });
  });

  it('wait for their time by the clock of the site, and for nothing once the deadline has passed', () => {
    const subnets = [{ agents: 3 }, { agents: 3, utcOffsetMinutes: 120 }];
    const daily = { ...atOnce, schedule: { kind: 'daily', timeOfDay: '10:00' } as const };
    const report = run(3, { installation: daily, deadlineMs: simulationStartMs + 9 * hourMs }, { subnets });
    const times = timesOf(report, 'installing').sort((a, b) => a - b);
    expect(times).toHaveLength(6);
    // 10:00 two hours east of Greenwich is 08:00 there; at Greenwich the deadline comes first.
    for (const atMs of times.slice(0, 3)) expect(atMs / minuteMs).toBeCloseTo(8 * 60, 0);
    for (const atMs of times.slice(3)) expect(atMs / minuteMs).toBeCloseTo(9 * 60, 0);
  });
});

describe('windows of a delivery', () => {
  const downloadWindows: DownloadWindows = [{ days: [...weekdays], from: '02:00', to: '03:00' }];

  it('hold the download by the clock of the site, and still one copy crosses', () => {
    forSeeds(3, (seed) => {
      const subnets = [{ agents: 4 }, { agents: 4, utcOffsetMinutes: 60 }];
      const report = run(seed, { downloadWindows }, { subnets });
      expectAllReady(report);
      expectWanCopies(report, 1);
      const hours = timesOf(report, 'downloading').map((atMs) => Math.floor(atMs / hourMs));
      expect([...hours].sort()).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
    });
  });

  it('hold no emergency, which total blockouts stop unless its author says otherwise', () => {
    const settings: Partial<AgentSettings> = {
      blockouts: [{ days: [...weekdays], from: '00:30', to: '05:00', kind: 'total' }],
    };
    for (const ignoresTotalBlockouts of [false, true]) {
      // Two minutes before the blockout; the link needs three.
      const emergency = {
        priority: 'emergency',
        deliverAtMs: 28 * minuteMs,
        totalSizeBytes: 32 * mebibyte,
      } as const;
      const subnets = [{ agents: 4, wanBytesPerSecond: 200_000 }];
      forSeeds(3, (seed) => {
        const report = run(seed, { downloadWindows, ignoresTotalBlockouts }, { package: emergency, settings, subnets });
        expectAllReady(report);
        expectWanCopies(report, 1);
        for (const atMs of timesOf(report, 'ready')) {
          if (ignoresTotalBlockouts) expect(atMs).toBeLessThan(40 * minuteMs);
          else expect(atMs).toBeGreaterThanOrEqual(5 * hourMs);
        }
      });
    }
  });
});

describe('an emergency over a slow link', () => {
  it('still takes one copy: computers that fetch for others and say nothing for minutes are not taken for dead', () => {
    for (const wanBytesPerSecond of [50_000, 200_000]) {
      forSeeds(3, (seed) => {
        const subnets = [{ agents: 6, wanBytesPerSecond }];
        const report = run(seed, {}, { package: { priority: 'emergency' }, subnets });
        expectAllReady(report);
        expectWanCopies(report, 1);
      });
    }
  });
});

describe('a delivery that is taken back', () => {
  it('is waited for by nobody, and once it is given again, by all', () => {
    forSeeds(3, (seed) => {
      const takenBack: Fault = { kind: 'cancel', package: 0, atMs: 2000 };
      const never = run(seed, { installation: atOnce }, { faults: [takenBack] });
      expect(never.virtualSeconds).toBeLessThan(60);
      expect(never.events.filter(({ event }) => event.kind === 'package-state' && event.state === 'ready')).toEqual([]);
      const again = run(seed, {}, { faults: [takenBack, { kind: 'deliver', package: 0, atMs: 60_000 }] });
      expectAllReady(again);
      for (const { readyAtMs } of again.perAgent) expect(readyAtMs).toBeGreaterThan(60_000);
    });
  });

  it('has nothing to do with the one that comes after it: what that one installs is installed again', () => {
    forSeeds(3, (seed) => {
      const takenBack: Fault = { kind: 'cancel', package: 0, atMs: 2 * minuteMs };
      const report = run(
        seed,
        { installation: atOnce },
        { faults: [takenBack, { kind: 'deliver', package: 0, atMs: 4 * minuteMs }] },
      );
      for (const { name } of report.perAgent) {
        expect(wordsOf(report, name).filter((word) => word === 'installing')).toHaveLength(2);
        expect(wordsOf(report, name).at(-1)).toBe('installed');
      }
    });
  });
});
