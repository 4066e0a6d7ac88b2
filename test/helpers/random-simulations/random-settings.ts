import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import { weekdays } from '../../../shared/base/week-time.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import { between, onceIn } from './chance.ts';

type Settings = Partial<AgentSettings>;

const days = [...weekdays];

/** Minutes after midnight, as policies write them. */
function timeOfDay(minute: number): string {
  const part = (number: number): string => `${number}`.padStart(2, '0');
  return `${part(Math.floor(minute / 60))}:${part(minute % 60)}`;
}

function span(random: Xoshiro128): { readonly days: typeof days; readonly from: string; readonly to: string } {
  const from = random.below(8);
  return { days, from: timeOfDay(from), to: timeOfDay(from + between(random, 1, 4)) };
}

/**
 * Each changes what agents do or may do, and is such that a network can finish under it in hours: virtual time begins at 00:00,
 * so that periods of the first minutes fall into the download.
 */
const choices: readonly ((random: Xoshiro128) => Settings)[] = [
  (random) => ({ peersPerAttempt: between(random, 1, 8) }),
  (random) => ({ requestsPerCore: 1, maxConnections: between(random, 2, 6) }),
  (random) => ({ maxConnections: between(random, 1, 20) }),
  (random) => ({ maxUpload: between(random, 300, 20_000) }),
  (random) => ({ maxDownload: between(random, 300, 20_000) }),
  (random) => ({ maxAttempts: between(random, 1, 4), attemptPeriod: between(random, 1, 90) }),
  (random) => ({ blockProgress: between(random, 1, 10) }),
  (random) => ({ minPeerPackage: between(random, 0, 50) }),
  (random) => {
    const announcementInterval = between(random, 5, 60);
    return { announcementInterval, unavailableTimeout: announcementInterval * between(random, 2, 4) };
  },
  (random) => ({ maxConcurrentPackages: between(random, 1, 3) }),
  (random) => ({ requestTimeout: between(random, 5, 60) }),
  (random) => ({ throttlingPeriods: [{ ...span(random), kilobytesPerSecond: between(random, 200, 3000) }] }),
  (random) => ({
    restartSpread: random.below(2),
    blockouts: [{ ...span(random), kind: onceIn(random, 2) ? 'downloads' : 'total' }],
  }),
  () => ({ periodClock: 'utc' }),
  () => ({ serveOnBattery: true }),
  () => ({ exceptWhen: ['battery', 'metered', 'cloud-enabled'] }),
];

/** A policy that differs from the default in some settings. */
export function randomSettings(random: Xoshiro128): Settings {
  const settings: { -readonly [Key in keyof Settings]: Settings[Key] } = {
    sourceBackoffScale: 0.01,
    exceptWhen: ['vpn'],
    requestTimeout: 10,
  };
  for (const choice of choices) if (onceIn(random, 6)) Object.assign(settings, choice(random));
  return settings;
}

/** What one computer has otherwise than the others. */
export function randomOwnSettings(random: Xoshiro128): Settings {
  return choices[random.below(choices.length)]?.(random) ?? {};
}

/** A change that each computer has to follow in the middle of a download, and can finish under. */
export function randomChange(random: Xoshiro128): Settings {
  return onceIn(random, 4) ? { peerDownloading: false } : randomOwnSettings(random);
}
