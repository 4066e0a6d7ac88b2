import { Xoshiro128 } from '../../base/prng.ts';
import type { FaultProfile } from '../../contracts/simulation.ts';
import type { AgentChoice, Fault, SubnetPlan } from '../simulation-plan.ts';

/** Of the computers that are no Package Servers. */
const rebootedPerThousand = 50;
const corruptingPerThousand = 10;
/** Of the sites. */
const cutOffPercent = 20;
const shortestRebootMs = 60_000;
const rebootSpreadMs = 120_000;
const firstDownloaderRestartMs = 60_000;
/** How much of the package a first downloader holds when it is killed. */
const killedAtPercent = 50;
const shortestOutageMs = 30_000;
const outageSpreadMs = 90_000;
const serverOutageMs = 60_000;

/** What profiles are made of. */
export type RolloutFault = Extract<Fault, { readonly kind: 'kill' | 'cut-wan' | 'corrupt' | 'server-down' }>;

interface FaultPlace {
  readonly subnets: readonly SubnetPlan[];
  /** By subnet: the number of its site. */
  readonly siteOfSubnet: readonly number[];
  readonly sites: number;
  /** Faults begin within this time: about as long as the rollout takes. */
  readonly spanMs: number;
  readonly random: Xoshiro128;
}

/**
 * What goes wrong under this name: it depends on the seed, and there is more of it in a larger organisation.
 *
 * @param siteOfSubnet the number of each subnet's site
 */
export function faultsOf(
  profile: FaultProfile,
  plan: {
    readonly subnets: readonly SubnetPlan[];
    readonly siteOfSubnet: readonly number[];
    readonly sites: number;
    readonly spanMs: number;
    readonly seed: number;
  },
): RolloutFault[] {
  const place: FaultPlace = { ...plan, random: new Xoshiro128((plan.seed ^ 0xfa017) >>> 0) };
  switch (profile) {
    case 'none':
      return [];
    case 'reboots':
      return reboots(place, rebootedPerThousand);
    case 'first-downloaders-killed':
      return killedFirstDownloaders(place);
    case 'wan-outages':
      return wanOutages(place, cutOffPercent);
    case 'corrupting-peers':
      return corruptingPeers(place, corruptingPerThousand);
    case 'bad-day':
      return [
        ...reboots(place, rebootedPerThousand),
        ...killedFirstDownloaders(place),
        ...wanOutages(place, cutOffPercent / 2),
        ...corruptingPeers(place, corruptingPerThousand / 2),
        serverOutage(place),
      ];
  }
}

function reboots(place: FaultPlace, perThousand: number): RolloutFault[] {
  return drawnAgents(place, perThousand).map((agent) => ({
    kind: 'kill',
    agent,
    when: { atMs: place.random.below(place.spanMs) },
    restartAfterMs: shortestRebootMs + place.random.below(rebootSpreadMs),
  }));
}

/** In every subnet, whoever fetched first from outside: where there is a Package Server, that is the one. */
function killedFirstDownloaders({ subnets }: FaultPlace): RolloutFault[] {
  return subnets.map((_, subnet) => ({
    kind: 'kill',
    agent: { firstDownloaderOf: subnet, ofAnyServer: true },
    when: { blocksHeldPercent: killedAtPercent },
    restartAfterMs: firstDownloaderRestartMs,
  }));
}

function wanOutages({ sites, siteOfSubnet, random, spanMs }: FaultPlace, percent: number): RolloutFault[] {
  return drawn(sites, Math.ceil((sites * percent) / 100), random).flatMap((site) => {
    const fromMs = random.below(spanMs);
    const untilMs = fromMs + shortestOutageMs + random.below(outageSpreadMs);
    return siteOfSubnet.flatMap((of, subnet) =>
      of === site ? [{ kind: 'cut-wan' as const, subnet, fromMs, untilMs }] : [],
    );
  });
}

function corruptingPeers(place: FaultPlace, perThousand: number): RolloutFault[] {
  return drawnAgents(place, perThousand).map((agent) => ({
    kind: 'corrupt',
    agent,
    fromMs: 0,
    untilMs: Number.POSITIVE_INFINITY,
  }));
}

function serverOutage({ random, spanMs }: FaultPlace): RolloutFault {
  const fromMs = random.below(spanMs);
  return { kind: 'server-down', fromMs, untilMs: fromMs + serverOutageMs };
}

/** At least one, Package Servers excepted. */
function drawnAgents({ subnets, random }: FaultPlace, perThousand: number): AgentChoice[] {
  const candidates = subnets.flatMap(({ agents, packageServers = [] }, subnet) =>
    Array.from({ length: agents }, (_, agent) => ({ subnet, agent })).filter(
      ({ agent }) => !packageServers.includes(agent),
    ),
  );
  const chosen = drawn(candidates.length, Math.ceil((candidates.length * perThousand) / 1000), random);
  return chosen.flatMap((index) => candidates[index] ?? []);
}

/** So many different numbers below `range`. */
function drawn(range: number, count: number, random: Xoshiro128): number[] {
  const numbers = Array.from({ length: range }, (_, number) => number);
  for (let index = 0; index < count; index++) {
    const other = index + random.below(range - index);
    [numbers[index], numbers[other]] = [numbers[other] ?? 0, numbers[index] ?? 0];
  }
  return numbers.slice(0, count);
}
