import { formatCidr } from '../../../shared/base/ipv4.ts';
import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import type {
  NetworkPlan,
  PackagePlan,
  SimulatedCommand,
  SimulatedDeliveryPlan,
  SimulationPlan,
  SpecialAgentPlan,
  SubnetPlan,
} from '../../../shared/sim/simulation-plan.ts';
import { between, onceIn, oneOf } from './chance.ts';
import { randomOwnSettings, randomSettings } from './random-settings.ts';

const mebibyte = 2 ** 20;

/** One to four subnets, of one site or of several in a tree, with or without Package Servers, and one to three packages. */
export function randomPlan(random: Xoshiro128): SimulationPlan {
  const count = between(random, 1, 4);
  const isOneSite = count > 1 && onceIn(random, 4);
  const hasPackageServers = onceIn(random, 3);
  const subnets = Array.from({ length: count }, (_, index) =>
    randomSubnet(random, { index, isOneSite, hasPackageServers }),
  );
  const settings = randomSettings(random);
  const additionalSubnets = onceIn(random, 4) ? subnets.map((_, index) => cidrOfSubnet(index)) : [];
  return {
    subnets,
    packages: Array.from({ length: between(random, 1, 3) }, () => randomPackage(random, subnets)),
    settings: { ...settings, additionalSubnets },
    network: randomNetwork(random),
    directory: onceIn(random, 3) ? 'shared' : 'own',
  };
}

/** As `shared/sim/world-builder.ts` numbers them. */
function cidrOfSubnet(index: number): string {
  return formatCidr({ network: 0x0a000000 + index * 1024, prefixLength: 22 });
}

function randomSubnet(
  random: Xoshiro128,
  place: { readonly index: number; readonly isOneSite: boolean; readonly hasPackageServers: boolean },
): SubnetPlan {
  const agents = onceIn(random, 30) ? between(random, 10, 25) : between(random, 1, 7);
  return {
    agents,
    startAtMs: random.below(3) * 3000,
    wanBytesPerSecond: 500_000 + random.below(10) * 1_000_000,
    ...(onceIn(random, 4) ? { uploadBytesPerSecond: between(random, 1, 20) * 1_000_000 } : {}),
    ...(onceIn(random, 4) ? { downloadBytesPerSecond: between(random, 1, 20) * 1_000_000 } : {}),
    ...(onceIn(random, 4) ? { utcOffsetMinutes: between(random, -2, 2) * 60 } : {}),
    ...(place.isOneSite ? { site: 'Office' } : randomSite(random, place.index)),
    ...(place.hasPackageServers && !onceIn(random, 3) ? randomPackageServers(random, agents) : {}),
    special: randomSpecials(random, agents),
  };
}

function randomSite(random: Xoshiro128, index: number): Partial<SubnetPlan> {
  return {
    ...(index > 0 && onceIn(random, 2) ? { parent: random.below(index) } : {}),
    ...(onceIn(random, 8) ? { locationType: oneOf(random, ['wifi', 'vpn', 'internet'] as const) } : {}),
    ...(onceIn(random, 8) ? { inboundKilobytesPerSecond: between(random, 300, 5000) } : {}),
    ...(onceIn(random, 8) ? { outboundKilobytesPerSecond: between(random, 300, 5000) } : {}),
  };
}

function randomPackageServers(random: Xoshiro128, agents: number): Partial<SubnetPlan> {
  return {
    packageServers: agents > 3 && onceIn(random, 3) ? [0, 1] : [0],
    ...(onceIn(random, 3) ? { packageServerUpload: between(random, 500, 20_000) } : {}),
  };
}

function randomSpecials(random: Xoshiro128, agents: number): Readonly<Record<number, SpecialAgentPlan>> {
  const specials: Record<number, SpecialAgentPlan> = {};
  for (let count = between(random, 1, 3); count > 0; count--) {
    specials[random.below(agents)] = {
      ...(onceIn(random, 2) ? { startAtMs: random.below(40_000) } : {}),
      ...(onceIn(random, 2) ? { commands: randomCommands(random) } : {}),
      ...(onceIn(random, 6) ? { settings: randomOwnSettings(random) } : {}),
      ...(onceIn(random, 6) ? { uploadBytesPerSecond: between(random, 100, 3000) * 1000 } : {}),
      ...(onceIn(random, 6) ? { downloadBytesPerSecond: between(random, 300, 3000) * 1000 } : {}),
      ...(onceIn(random, 6) ? { forbidsExecution: true } : {}),
    };
  }
  return specials;
}

function randomCommands(random: Xoshiro128): readonly SimulatedCommand[] {
  return [0, 1].map(() => ({ durationMs: random.below(60_000), exitCode: random.below(2) * 5 }));
}

function randomPackage(random: Xoshiro128, subnets: readonly SubnetPlan[]): PackagePlan {
  const servers = subnets.flatMap(({ packageServers }, index) => (packageServers === undefined ? [] : [index]));
  return {
    totalSizeBytes: 1 + random.below(60) * mebibyte + random.below(mebibyte),
    deliverAtMs: onceIn(random, 2) ? 0 : random.below(20_000),
    priority: oneOf(random, ['normal', 'normal', 'emergency', 'background'] as const),
    ...(servers.length > 0 && onceIn(random, 3) ? { preposition: { subnets: servers } } : {}),
    ...randomDelivery(random, subnets.length),
  };
}

/** Of two packages one is to be installed, and of two of those one goes out in stages, a subnet each. */
function randomDelivery(random: Xoshiro128, subnets: number): Pick<PackagePlan, 'subnets' | 'delivery'> {
  if (onceIn(random, 2)) return onceIn(random, 4) ? { subnets: [random.below(subnets)] } : {};
  const delivery: SimulatedDeliveryPlan = {
    installation: {
      schedule: { kind: 'as-soon-as-possible' },
      command: onceIn(random, 3) ? null : { file: 'setup', arguments: [] },
      durationSeconds: random.below(30),
      tries: between(random, 1, 3),
    },
  };
  if (onceIn(random, 2)) return { delivery };
  const installedPercent = random.below(101);
  const start = { kind: 'after-previous', installedPercent, failedPercent: 100, hours: random.below(2) / 60 } as const;
  const later = Array.from({ length: subnets - 1 }, (_, index) => ({ subnets: [index + 1], start }));
  return { subnets: [0], delivery: { ...delivery, stages: later } };
}

function randomNetwork(random: Xoshiro128): Partial<NetworkPlan> {
  return {
    lossPercent: random.below(3) * 7,
    jitterUs: random.below(2) * 20_000,
    ...(onceIn(random, 4) ? { lanLatencyUs: between(random, 50, 20_000) } : {}),
    ...(onceIn(random, 4) ? { wanLatencyUs: between(random, 1, 300) * 1000 } : {}),
    ...(onceIn(random, 4) ? { storeDelayUs: between(random, 1, 200) * 1000 } : {}),
    ...(onceIn(random, 6) ? { serverBytesPerSecond: between(random, 1, 20) * 1_000_000 } : {}),
    ...(onceIn(random, 4) ? { rateQuantumUs: 1000 } : {}),
  };
}
