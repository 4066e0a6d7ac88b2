import type { SiteLink } from '../../../shared/contracts/sites-api.ts';
import { formatShare } from '../../components/format.ts';

export type LinkState = SiteLink['in'];

const units = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s'] as const;

/** `12.3 of 20.0 Mbit/s`: as links are sold, 1,000-based, both in the unit of what the link may carry. */
export function loadWords({ bytesPerSecond, limitBytesPerSecond: limit }: LinkState): string {
  if (limit === null) return bytesPerSecond === 0 ? 'idle, no limit' : `${bitRateWords(bytesPerSecond)}, no limit`;
  if (limit === 0) return bytesPerSecond === 0 ? 'closed now' : `${bitRateWords(bytesPerSecond)}, closed now`;
  const unit = unitOf(limit * 8);
  return `${inUnit(bytesPerSecond * 8, unit)} of ${inUnit(limit * 8, unit)} ${units[unit]}`;
}

export function bitRateWords(bytesPerSecond: number): string {
  const unit = unitOf(bytesPerSecond * 8);
  return `${inUnit(bytesPerSecond * 8, unit)} ${units[unit]}`;
}

export function limitWords(limitBytesPerSecond: number | null): string {
  if (limitBytesPerSecond === null) return 'Unlimited';
  return limitBytesPerSecond === 0 ? 'Closed now' : bitRateWords(limitBytesPerSecond);
}

/** How much of what it may carry the link carries; a dash where nothing limits it. */
export function shareWords({ bytesPerSecond, limitBytesPerSecond }: LinkState): string {
  return limitBytesPerSecond === null ? '–' : formatShare(bytesPerSecond, limitBytesPerSecond);
}

function unitOf(bitsPerSecond: number): number {
  let unit = 0;
  // 999.5 would be rounded to 1000 of this unit.
  for (let value = bitsPerSecond; value >= 999.5 && unit < units.length - 1; value /= 1000) unit++;
  return unit;
}

/** Three significant digits, as of bytes. */
function inUnit(bitsPerSecond: number, unit: number): string {
  let value = bitsPerSecond;
  for (let step = 0; step < unit; step++) value /= 1000;
  if (value === 0) return '0';
  return value.toFixed(unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
}
