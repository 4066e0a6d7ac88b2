import type { Xoshiro128 } from '../../shared/base/prng.ts';
import { weekdays } from '../../shared/base/week-time.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import type { SimulationReport } from '../../shared/sim/simulate.ts';
import type {
  AgentChoice,
  Fault,
  SimulatedCommand,
  SimulatedDeliveryPlan,
  SimulationPlan,
} from '../../shared/sim/simulation-plan.ts';

const mebibyte = 2 ** 20;
/** Every fault has ended by then. */
const faultsEndMs = 120_000;

/** One to three subnets with one or two packages. */
export function randomPlan(random: Xoshiro128): SimulationPlan {
  const subnets = Array.from({ length: 1 + random.below(3) }, () => ({
    agents: 1 + random.below(9),
    startAtMs: random.below(3) * 3000,
    wanBytesPerSecond: 500_000 + random.below(10) * 1_000_000,
    special: { 0: { startAtMs: random.below(40_000), commands: randomCommands(random) } },
  }));
  return {
    subnets,
    packages: Array.from({ length: 1 + random.below(2) }, () => ({
      totalSizeBytes: 1 + random.below(60) * mebibyte + random.below(mebibyte),
      deliverAtMs: random.below(2) * 5000,
      priority: random.below(4) === 0 ? ('emergency' as const) : ('normal' as const),
      ...randomDelivery(random, subnets.length),
    })),
    settings: {
      sourceBackoffScale: 0.01,
      exceptWhen: ['vpn'],
      maxUpload: random.below(3) === 0 ? 5000 : 0,
      requestTimeout: 10,
    },
    network: { lossPercent: random.below(3) * 7, jitterUs: random.below(2) * 20_000 },
  };
}

/** Of two packages one is to be installed, and of two of those one goes out in stages, a subnet each. */
function randomDelivery(
  random: Xoshiro128,
  subnets: number,
): { readonly subnets?: readonly number[]; readonly delivery?: SimulatedDeliveryPlan } {
  if (random.below(2) === 0) return {};
  const delivery: SimulatedDeliveryPlan = {
    installation: {
      schedule: { kind: 'as-soon-as-possible' },
      command: random.below(3) === 0 ? null : { file: 'setup', arguments: [] },
      durationSeconds: random.below(30),
      tries: 1 + random.below(3),
    },
  };
  if (random.below(2) === 0) return { delivery };
  const installedPercent = random.below(101);
  const start = { kind: 'after-previous', installedPercent, failedPercent: 100, hours: random.below(2) / 60 } as const;
  const later = Array.from({ length: subnets - 1 }, (_, index) => ({ subnets: [index + 1], start }));
  return { subnets: [0], delivery: { ...delivery, stages: later } };
}

function randomCommands(random: Xoshiro128): readonly SimulatedCommand[] {
  return [0, 1].map(() => ({ durationMs: random.below(60_000), exitCode: random.below(2) * 5 }));
}

/** Something that goes wrong in the plan, and ends within two minutes. */
export function randomFault(random: Xoshiro128, plan: SimulationPlan): Fault {
  const subnet = random.below(plan.subnets.length);
  const agents = plan.subnets[subnet]?.agents ?? 1;
  const agent: AgentChoice =
    random.below(2) === 0 ? { firstDownloaderOf: subnet } : { subnet, agent: random.below(agents) };
  const fromMs = random.below(faultsEndMs / 2);
  const span = { fromMs, untilMs: fromMs + 100 + random.below(faultsEndMs / 2 - 100) };
  const when = { atMs: fromMs };
  const restartAfterMs = random.below(20_000);
  const faults: readonly Fault[] = [
    { kind: 'kill', agent, when, restartAfterMs },
    { kind: 'kill', agent, when, restartAfterMs: restartAfterMs / 100 },
    { kind: 'stop', agent, when, restartAfterMs },
    { kind: 'unplug', agent, ...span },
    { kind: 'stall', agent, ...span },
    { kind: 'corrupt', agent, ...span },
    { kind: 'cut-wan', subnet, ...span },
    { kind: 'server-down', ...span },
    { kind: 'slow-wan', agent, when, bytesPerSecond: 30_000 + random.below(300_000) },
    { kind: 'roam', agent, when, toSubnet: random.below(plan.subnets.length), noticedAfterMs: restartAfterMs / 4 },
    { kind: 'fill-disk', agent, ...span },
    { kind: 'conditions', agent, when, conditions: random.below(2) === 0 ? { onBattery: true } : { vpn: true } },
    { kind: 'settings', atMs: fromMs, settings: randomPolicy(random) },
    { kind: 'cancel', package: random.below(plan.packages.length), atMs: fromMs },
    { kind: 'withdraw', package: random.below(plan.packages.length), atMs: fromMs },
    { kind: 'steer-delivery', package: random.below(plan.packages.length), action: 'failed-retried', atMs: fromMs },
    { kind: 'steer-delivery', package: random.below(plan.packages.length), action: 'next-stage-started', atMs: fromMs },
    { kind: 'partition', subnet, agents: Array.from({ length: random.below(agents + 1) }, (_, at) => at), ...span },
  ];
  return faults[random.below(faults.length)] ?? { kind: 'server-down', ...span };
}

/** A change that each computer has to follow in the middle of a download, and can finish under. */
function randomPolicy(random: Xoshiro128): Partial<AgentSettings> {
  const days = [...weekdays];
  const kind = random.below(2) === 0 ? 'downloads' : 'total';
  const policies: readonly Partial<AgentSettings>[] = [
    { peerDownloading: false },
    { maxConcurrentPackages: 1 },
    { restartSpread: 0, blockouts: [{ days, from: '00:01', to: '00:02', kind }] },
    { throttlingPeriods: [{ days, from: '00:00', to: '00:03', kilobytesPerSecond: 300 }] },
  ];
  return policies[random.below(policies.length)] ?? {};
}

/** In plain sentences: stages that began and in which agents have come to no end, although nothing holds them up. */
export function problemsOfStages(report: SimulationReport, faults: readonly Fault[]): string[] {
  const ended = faults.flatMap((fault) =>
    fault.kind === 'cancel' || fault.kind === 'withdraw' ? [fault.package] : [],
  );
  return report.stages.flatMap((stages, index) => {
    if (ended.includes(index)) return [];
    return stages.flatMap(({ startedAtMs, members, counts }, stage) => {
      const done = counts.installed + counts['reboot-pending'] + counts.failed;
      if (startedAtMs === null || done === members) return [];
      return [`stage ${stage + 1} of package ${index + 1}: only ${done} of ${members} have come to an end`];
    });
  });
}
