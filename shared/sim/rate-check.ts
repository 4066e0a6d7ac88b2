import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { Computer, SimulatedSite } from './computer.ts';
import type { World } from './world.ts';

/** Sums of floating-point shares may differ from the limit by so much. */
const tolerance = 1.000001;

/**
 * The policy's *Maximum upload* and *Maximum download bandwidth* hold at every moment, over all peers
 * together, and so do the limits of a Package Server and of what leaves a site.
 */
export function checkRates(world: World): void {
  const uploads = new Map<Computer, number>();
  const downloads = new Map<Computer, number>();
  const served = new Map<Computer, number>();
  const outbound = new Map<SimulatedSite, number>();
  for (const sending of world.sendings) {
    const { from, to, isContent = false } = sending.facts;
    if (from === null) continue;
    if (isContent) {
      const { rateBytesPerSecond } = sending;
      served.set(from, (served.get(from) ?? 0) + rateBytesPerSecond);
      const { site } = from.subnet;
      if (to.subnet.site !== site) outbound.set(site, (outbound.get(site) ?? 0) + rateBytesPerSecond);
      continue;
    }
    uploads.set(from, (uploads.get(from) ?? 0) + sending.rateBytesPerSecond);
    downloads.set(to, (downloads.get(to) ?? 0) + sending.rateBytesPerSecond);
  }
  for (const [computer, rate] of uploads) checkRate(world, computer, 'maxUpload', rate);
  for (const [computer, rate] of downloads) checkRate(world, computer, 'maxDownload', rate);
  for (const [computer, rate] of served) {
    checkLimit(world, computer.name, 'package server', rate, computer.packageServerUpload);
  }
  for (const [{ name, outboundKilobytesPerSecond }, rate] of outbound) {
    checkLimit(world, name, 'out of the site', rate, outboundKilobytesPerSecond);
  }
}

function checkRate(world: World, computer: Computer, setting: 'maxUpload' | 'maxDownload', rate: number): void {
  const settings = computer.life?.configuration?.settings;
  if (settings === undefined) return;
  checkLimit(world, computer.name, setting, rate, settings[setting]);
}

function checkLimit(world: World, whose: string, what: string, rate: number, kilobytesPerSecond: number): void {
  const limit = bytesPerSecondOfKilobytes(kilobytesPerSecond);
  const isKept = rate <= limit * tolerance;
  world.violations.check(isKept, 'rate-limit', whose, () => `${what}: ${rate} of ${limit} bytes per second`);
}
