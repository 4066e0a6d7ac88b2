import { describe, expect, it } from 'vitest';
import type { Installation } from '../../shared/contracts/deliveries.ts';
import { simulate } from '../../shared/sim/simulate.ts';
import type { AgentChoice, Fault, FaultMoment, SimulationPlan } from '../../shared/sim/simulation-plan.ts';
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
} from '../helpers/simulated-networks.ts';

const hourMs = 60 * minuteMs;
const noLimits = { minFreeDisk: 0, maxCache: 90 } as const;

/** Two packages of 20 MiB, the second after a minute; agent 1 has room for one of them. */
function twoPackages(more: Partial<SimulationPlan> = {}): SimulationPlan {
  return {
    subnets: [{ agents: 4, special: { 1: { diskBytes: 30 * mebibyte } } }],
    packages: [{ totalSizeBytes: 20 * mebibyte }, { totalSizeBytes: 20 * mebibyte, deliverAtMs: minuteMs }],
    settings: noLimits,
    ...more,
  };
}

describe('a disk with little room', () => {
  it('gives up what was delivered for what is missing, and does not fetch it again', () => {
    forSeeds(5, (seed) => {
      const faults = [
        { kind: 'kill', agent: { subnet: 0, agent: 1 }, when: { atMs: 3 * minuteMs }, restartAfterMs: 1000 },
      ] as const;
      const report = simulate({ seed, plan: twoPackages(), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const small = outcomeOf(report, 's0-a1');
      expect(small.journal.filter(({ reason }) => reason === 'deleted')).toHaveLength(1);
      expect(small.journal.filter(({ reason }) => reason === 'ready')).toHaveLength(2);
      expect(small.blocksHeld).toEqual([10]);
      expect(small.lives).toBe(2);
      expect(outcomeOf(report, 's0-a0').blocksHeld).toEqual([10, 10]);
      expectWanCopies(report, 1.01);
    });
  });

  it('keeps what is yet to be installed, however full it is', () => {
    forSeeds(3, (seed) => {
      const installation: Installation = {
        schedule: { kind: 'as-soon-as-possible' },
        command: { file: 'setup', arguments: [] },
        durationSeconds: 1,
        tries: 2,
      };
      const failsOnce = [5, 0].map((exitCode) => ({ durationMs: 1000, exitCode }));
      const plan: SimulationPlan = {
        subnets: [{ agents: 1, special: { 0: { commands: failsOnce } } }],
        packages: [{ totalSizeBytes: 20 * mebibyte, delivery: { installation } }],
      };
      // Between the two tries.
      const faults = [
        { kind: 'fill-disk', agent: { subnet: 0, agent: 0 }, fromMs: 30_000, untilMs: 50_000 },
        { kind: 'settings', atMs: 35_000, settings: { minFreeDisk: 1 } },
      ] as const;
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(reasonsOf(outcomeOf(report, 's0-a0'))).not.toContain('deleted');
      expect(report.stages[0]?.[0]?.counts.installed).toBe(1);
    });
  });

  it('waits for a policy that leaves it more, and says how much is missing', () => {
    forSeeds(5, (seed) => {
      const plan = twoPackages({ settings: { minFreeDisk: 0, maxCache: 50 } });
      const faults = [{ kind: 'settings', atMs: 5 * minuteMs, settings: { maxCache: 90 } }] as const;
      const report = simulate({ seed, plan, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      const small = outcomeOf(report, 's0-a1');
      const [first] = small.journal.filter(({ reason }) => reason === 'disk-full');
      expect(first?.sentence).toMatch(/packages may take 50 % of the disk here, and this one needs \d+ MB more/);
      expect(small.journal.filter(({ reason }) => reason === 'disk-full').length).toBeLessThanOrEqual(2);
      expect(small.readyAtMs).toBeGreaterThan(5 * minuteMs);
      expect(outcomeOf(report, 's0-a0').readyAtMs).toBeLessThan(3 * minuteMs);
    });
  });

  it('keeps the free space of the policy', () => {
    forSeeds(5, (seed) => {
      const plan = { ...plainPlan(1, 3, 20), settings: { minFreeDisk: 1, maxCache: 90 } };
      const special = { 1: { diskBytes: 1_000_000_000 + 15 * mebibyte } };
      const withSmallDisk = { ...plan, subnets: [{ agents: 3, special }] };
      const faults = [{ kind: 'settings', atMs: 5 * minuteMs, settings: { minFreeDisk: 0 } }] as const;
      const report = simulate({ seed, plan: withSmallDisk, faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(outcomeOf(report, 's0-a1').readyAtMs).toBeGreaterThan(5 * minuteMs);
    });
  });

  it('hands the claim over when it fills up in the middle, and goes on where it was when there is room', () => {
    forSeeds(10, (seed) => {
      const atMs = 8000;
      const full = { kind: 'fill-disk', agent: { firstDownloaderOf: 0 }, fromMs: atMs, untilMs: 4 * minuteMs } as const;
      const plan = { ...plainPlan(1, 5, 100), settings: noLimits };
      const report = simulate({ seed, plan, faults: [full], untilMs: 20 * minuteMs });
      expectAllReady(report);
      const [fault] = report.faults;
      const filled = outcomeOf(report, fault?.agent ?? '');
      expect(fault?.blocksHeld).toBeGreaterThan(5);
      expect(reasonsOf(filled)).toContain('disk-full');
      expect(filled.readyAtMs).toBeGreaterThan(4 * minuteMs);
      const others = report.perAgent.filter(({ name }) => name !== filled.name);
      for (const other of others) expect(other.readyAtMs).toBeLessThan(2 * minuteMs);
      // What it had counts: nothing of it comes again, and the rest comes from the others.
      expect(filled.journal.filter(({ source }) => source !== null).reduce((sum, { blocks }) => sum + blocks, 0)).toBe(
        50,
      );
      expect(directBlocks(filled)).toBeLessThanOrEqual((fault?.blocksHeld ?? 0) + 1);
      // At most the window of two blocks is lost with the claimer.
      expectWanCopies(report, 1 + 2 / 50);
    });
  });

  it('keeps nobody waiting: the only other computer fetches on alone, and it has from it what it had', () => {
    forSeeds(10, (seed) => {
      const full = { kind: 'fill-disk', agent: { firstDownloaderOf: 0 }, fromMs: 8000, untilMs: 4 * minuteMs } as const;
      const plan = { ...plainPlan(1, 2, 100), settings: noLimits };
      const report = simulate({ seed, plan, faults: [full], untilMs: 20 * minuteMs });
      expectAllReady(report);
      const filled = outcomeOf(report, report.faults[0]?.agent ?? '');
      for (const { name, readyAtMs } of report.perAgent) {
        if (name !== filled.name) expect(readyAtMs).toBeLessThan(2 * minuteMs);
      }
      expect(filled.readyAtMs).toBeGreaterThan(4 * minuteMs);
      // The two blocks that were under way when the disk filled up cross again.
      expectWanCopies(report, 1.05);
    });
  });
});

describe('a delivery that is cancelled', () => {
  const keepsRunning = { kind: 'settings', atMs: 2 * minuteMs, settings: {} } as const;

  it('ends the download at any moment before it, too: while the snapshot or the disk is being waited for', () => {
    for (const atMs of [5250, 5500, 5750, 6000, 6250, 6500]) {
      const plan: SimulationPlan = {
        subnets: [{ agents: 3 }],
        packages: [{ totalSizeBytes: 64 * mebibyte, deliverAtMs: 5000 }],
        network: { wanLatencyUs: 500_000, storeDelayUs: 200_000 },
      };
      const faults = [{ kind: 'cancel', package: 0, atMs }, keepsRunning] as const;
      const report = simulate({ seed: 1, plan, faults, untilMs: 3 * minuteMs });
      expect(report.violations).toEqual([]);
      expect(report.wanBytesBySubnet, `cancelled after ${atMs - 5000} ms`).toEqual([0]);
    }
  });

  it('waits for no room any more, and has it when it is wanted again', () => {
    forSeeds(3, (seed) => {
      const full = { kind: 'fill-disk', agent: { subnet: 0, agent: 1 }, fromMs: 0, untilMs: 2 * minuteMs } as const;
      const faults = [full, { kind: 'cancel', package: 0, atMs: minuteMs }] as const;
      const plan = { ...plainPlan(1, 3, 20), settings: noLimits };
      const cancelled = simulate({ seed, plan, faults, untilMs: 5 * minuteMs });
      expect(cancelled.violations).toEqual([]);
      expect(outcomeOf(cancelled, 's0-a1').blocksHeld).toEqual([0]);
      const again = [...faults, { kind: 'deliver', package: 0, atMs: 3 * minuteMs }] as const;
      expectAllReady(simulate({ seed, plan, faults: again, untilMs: 5 * minuteMs }));
    });
  });
});

describe('what is unused', () => {
  it('is deleted after a week, and the delivery stays fulfilled', () => {
    const plan: SimulationPlan = {
      subnets: [{ agents: 3 }],
      packages: [{ totalSizeBytes: 4 * mebibyte }, { totalSizeBytes: 4 * mebibyte, deliverAtMs: 170 * hourMs }],
      settings: { announcementInterval: 3600, unavailableTimeout: 10_800, eventInterval: 3600 },
    };
    const faults = [
      { kind: 'kill', agent: { subnet: 0, agent: 2 }, when: { atMs: 169 * hourMs }, restartAfterMs: 1000 },
    ] as const;
    const report = simulate({ seed: 1, plan, faults, untilMs: 171 * hourMs });
    expectAllReady(report);
    for (const agent of report.perAgent) {
      expect(agent.blocksHeld).toEqual([2]);
      expect(agent.journal.filter(({ reason }) => reason === 'deleted')).toHaveLength(1);
      expect(agent.journal.filter(({ reason }) => reason === 'ready')).toHaveLength(2);
    }
    expectWanCopies(report, 1.01);
  });

  it('stays where a peer asked for it within the week', () => {
    const plan: SimulationPlan = {
      subnets: [{ agents: 4, special: { 3: { startAtMs: 160 * hourMs } } }],
      packages: [{ totalSizeBytes: 4 * mebibyte }, { totalSizeBytes: 4 * mebibyte, deliverAtMs: 170 * hourMs }],
      settings: { announcementInterval: 3600, unavailableTimeout: 10_800, eventInterval: 3600 },
    };
    const report = simulate({ seed: 1, plan, untilMs: 171 * hourMs });
    expectAllReady(report);
    const held = report.perAgent.map(({ blocksHeld }) => blocksHeld.length);
    // Agent 3 has it new; one or two of the others served it.
    expect(held[3]).toBe(2);
    expect(held.slice(0, 3).filter((packages) => packages === 2).length).toBeGreaterThanOrEqual(1);
  });
});

describe('a disk that loses blocks', () => {
  const damage = (agent: AgentChoice, when: FaultMoment, everyNthBlock = 2): Fault => ({
    kind: 'damage-disk',
    agent,
    when,
    everyNthBlock,
  });

  it('gets them back from its neighbours, of a package that was ready, too', () => {
    forSeeds(5, (seed) => {
      const faults = [damage({ subnet: 0, agent: 1 }, { atMs: 2 * minuteMs })];
      const report = simulate({ seed, plan: plainPlan(1, 4, 40), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.wanCopiesBySubnet).toEqual([1]);
      const damaged = outcomeOf(report, 's0-a1');
      expect(damaged.readyAtMs).toBeGreaterThan(2 * minuteMs);
      expect(damaged.readyAtMs).toBeLessThan(3 * minuteMs);
      expect(damaged.blocksHeld).toEqual([20]);
      const [lost] = damaged.journal.filter(({ reason }) => reason === 'disk-error');
      expect(lost?.sentence).toBe('10 blocks were gone from the disk, or damaged there. They are fetched again.');
      expect(outcomeOf(report, 's0-a0').readyAtMs).toBeLessThan(minuteMs);
    });
  });

  it('goes on fetching for all where it is the claimer’s', () => {
    forSeeds(10, (seed) => {
      const faults = [damage({ firstDownloaderOf: 0 }, { blocksHeldPercent: 50 })];
      const report = simulate({ seed, plan: plainPlan(1, 4, 100), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      // What it alone had crosses again, and so may what was under way.
      expectWanCopies(report, 1 + 4 / 50);
    });
  });

  it('gets them over the WAN where nobody else has them', () => {
    const faults = [damage({ subnet: 0, agent: 0 }, { atMs: 2 * minuteMs })];
    const report = simulate({ seed: 1, plan: plainPlan(1, 1, 40), faults, untilMs: 20 * minuteMs });
    expectAllReady(report);
    expect(report.wanCopiesBySubnet).toEqual([1.5]);
    expect(report.unexcusedWanCopiesBySubnet).toEqual([1]);
  });

  it('finds out at its next start what was lost while it was off', () => {
    forSeeds(3, (seed) => {
      const agent = { subnet: 0, agent: 2 };
      const faults: Fault[] = [
        { kind: 'kill', agent, when: { atMs: 2 * minuteMs }, restartAfterMs: minuteMs },
        damage(agent, { atMs: 2.5 * minuteMs }, 1),
      ];
      const report = simulate({ seed, plan: plainPlan(1, 4, 40), faults, untilMs: 20 * minuteMs });
      expectAllReady(report);
      expect(report.wanCopiesBySubnet).toEqual([1]);
      expect(outcomeOf(report, 's0-a2').blocksHeld).toEqual([20]);
    });
  });
});
