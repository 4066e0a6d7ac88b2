import { bytesPerSecondOfKilobytes } from '../base/units.ts';
import type { Computer, SimulatedSite } from './computer.ts';
import type { World } from './world.ts';

/** Sums of floating-point shares may differ from the limit by so much. */
const tolerance = 1.000001;

/**
 * The policy's *Maximum upload* and *Maximum download bandwidth* hold at every moment, over all peers
 * together, and so do the limits of a Package Server and of what leaves and enters a site.
 */
export function checkRates(world: World): void {
  const uploads = new Map<Computer, number>();
  const downloads = new Map<Computer, number>();
  const served = new Map<Computer, number>();
  const outbound = new Map<SimulatedSite, number>();
  const inbound = new Map<SimulatedSite, number>();
  for (const sending of world.sendings) {
    const { from, to, isContent = false } = sending.facts;
    const isFromOutside = from === null || (isContent && from.subnet.site !== to.subnet.site);
    if (isFromOutside) add(inbound, to.subnet.site, sending.rateBytesPerSecond);
    if (from === null) continue;
    if (isContent) {
      const { rateBytesPerSecond } = sending;
      add(served, from, rateBytesPerSecond);
      const { site } = from.subnet;
      if (to.subnet.site !== site) add(outbound, site, rateBytesPerSecond);
      continue;
    }
    add(uploads, from, sending.rateBytesPerSecond);
    add(downloads, to, sending.rateBytesPerSecond);
  }
  for (const [computer, rate] of uploads) checkRate(world, computer, 'maxUpload', rate);
  for (const [computer, rate] of downloads) checkRate(world, computer, 'maxDownload', rate);
  for (const [computer, rate] of served) {
    checkLimit(world, computer.name, 'package server', rate, computer.packageServerUpload);
  }
  for (const [{ name, inboundKilobytesPerSecond }, rate] of inbound) {
    checkLimit(world, name, 'into the site', rate, inboundKilobytesPerSecond);
  }
  for (const [{ name, outboundKilobytesPerSecond }, rate] of outbound) {
    checkLimit(world, name, 'out of the site', rate, outboundKilobytesPerSecond);
  }
}

function add<Key>(rates: Map<Key, number>, key: Key, bytesPerSecond: number): void {
  rates.set(key, (rates.get(key) ?? 0) + bytesPerSecond);
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
