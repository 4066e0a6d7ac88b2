import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import type { ComputerConditions } from '../../../shared/contracts/conditions.ts';
import type { AgentChoice, Fault, FaultMoment, SimulationPlan } from '../../../shared/sim/simulation-plan.ts';
import { between, onceIn, oneOf } from './chance.ts';
import { randomChange } from './random-settings.ts';

/** Every fault that begins at a time has ended by then. */
const faultsEndMs = 180_000;
/** A fault that waits for blocks may wait for ever: the run does not end before it, so that few of them do. */
const blocksHeldPercents = [1, 20, 50, 80] as const;

/** Nothing at all, a few things, or a bad day. */
export function randomFaults(random: Xoshiro128, plan: SimulationPlan): Fault[] {
  const count = onceIn(random, 6) ? 0 : onceIn(random, 8) ? between(random, 8, 16) : between(random, 1, 7);
  const faults = Array.from({ length: count }, () => randomFault(random, plan)).flat();
  // Drawn last, so that a seed has the same network and the same other faults as before there was this one.
  return onceIn(random, 4) ? [...faults, damagedDisk(random, plan)] : faults;
}

function damagedDisk(random: Xoshiro128, plan: SimulationPlan): Fault {
  const subnet = random.below(plan.subnets.length);
  return {
    kind: 'damage-disk',
    agent: { subnet, agent: random.below(plan.subnets[subnet]?.agents ?? 1) },
    when: { atMs: random.below(faultsEndMs) },
    everyNthBlock: 1 + random.below(8),
  };
}

/** Something that goes wrong in the plan, and ends within three minutes; two faults where the second undoes the first. */
function randomFault(random: Xoshiro128, plan: SimulationPlan): readonly Fault[] {
  const subnet = random.below(plan.subnets.length);
  const agents = plan.subnets[subnet]?.agents ?? 1;
  const agent: AgentChoice = onceIn(random, 2)
    ? { firstDownloaderOf: subnet }
    : { subnet, agent: random.below(agents) };
  const fromMs = random.below(faultsEndMs / 2);
  const span = { fromMs, untilMs: fromMs + 100 + random.below(faultsEndMs / 2 - 100) };
  const when: FaultMoment =
    'subnet' in agent && onceIn(random, 8)
      ? { blocksHeldPercent: oneOf(random, [...blocksHeldPercents]) }
      : { atMs: fromMs };
  const restartAfterMs = random.below(20_000);
  const aPackage = random.below(plan.packages.length);
  const action = oneOf(random, ['failed-retried', 'next-stage-started'] as const);
  const faults: readonly (readonly Fault[])[] = [
    [{ kind: 'kill', agent, when, restartAfterMs }],
    [{ kind: 'kill', agent, when, restartAfterMs: restartAfterMs / 100 }],
    [{ kind: 'stop', agent, when, restartAfterMs }],
    [{ kind: 'unplug', agent, ...span }],
    [{ kind: 'stall', agent, ...span }],
    [{ kind: 'corrupt', agent, ...span }],
    [{ kind: 'cut-wan', subnet, ...span }],
    [{ kind: 'server-down', ...span }],
    [{ kind: 'slow-wan', agent, when, bytesPerSecond: 30_000 + random.below(300_000) }],
    [{ kind: 'roam', agent, when, toSubnet: random.below(plan.subnets.length), noticedAfterMs: restartAfterMs / 4 }],
    [{ kind: 'fill-disk', agent, ...span }],
    [{ kind: 'conditions', agent, when, conditions: conditions[random.below(conditions.length)] ?? {} }],
    [{ kind: 'settings', atMs: fromMs, settings: randomChange(random) }],
    [{ kind: 'cancel', package: aPackage, atMs: fromMs }],
    [
      { kind: 'cancel', package: aPackage, atMs: span.fromMs },
      { kind: 'deliver', package: aPackage, atMs: span.untilMs },
    ],
    [{ kind: 'withdraw', package: aPackage, atMs: fromMs }],
    [{ kind: 'steer-delivery', package: aPackage, action, atMs: fromMs }],
    [
      { kind: 'steer-delivery', package: aPackage, action: 'paused', atMs: span.fromMs },
      { kind: 'steer-delivery', package: aPackage, action: 'resumed', atMs: span.untilMs },
    ],
    [{ kind: 'partition', subnet, agents: Array.from({ length: random.below(agents + 1) }, (_, at) => at), ...span }],
  ];
  return faults[random.below(faults.length)] ?? [];
}

const conditions: readonly Partial<ComputerConditions>[] = [
  { onBattery: true },
  { vpn: true },
  { metered: true },
  { internet: true },
  { cpuLoadPercent: 95 },
  { installing: true },
];
