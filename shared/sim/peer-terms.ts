import type { PackageKey } from '../base/ids.ts';
import type { Computer } from './computer.ts';

/**
 * Whether the computer takes part with its neighbours for this package, by its policy, by where it is and by its state. What it
 * has to do otherwise, it has to do from the next moment on.
 */
export function mayAskPeers({ life, conditions, disk }: Computer, key: PackageKey): boolean {
  const configuration = life?.configuration ?? null;
  if (configuration === null) return false;
  const { settings, site } = configuration;
  const { exceptWhen } = settings;
  const isExcepted =
    (conditions.vpn && exceptWhen.includes('vpn')) ||
    (conditions.metered && exceptWhen.includes('metered')) ||
    (conditions.onBattery && exceptWhen.includes('battery')) ||
    (conditions.internet && exceptWhen.includes('cloud-enabled'));
  const isOutside = site?.locationType === 'vpn' || site?.locationType === 'internet';
  const sizeBytes = disk.find(key)?.manifest.totalSizeBytes ?? 0;
  const isLargeEnough = sizeBytes >= settings.minPeerPackage * 1_000_000;
  return settings.peerDownloading && !isExcepted && !isOutside && isLargeEnough;
}

/** It gives blocks to others, or will once something is installed. */
export function servesPeers({ life, conditions, isStalling }: Computer): boolean {
  const settings = life?.configuration?.settings;
  if (settings === undefined || isStalling) return false;
  const isOnBattery = conditions.onBattery && !settings.serveOnBattery;
  const isOverloaded = settings.cpuLimit > 0 && conditions.cpuLoadPercent > 0;
  return !isOnBattery && !isOverloaded;
}
