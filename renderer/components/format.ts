import { bytesInWords } from '../../shared/base/byte-words.ts';

/** Every number that a person reads passes through here: one rule for units (1,000-based), grouping and rounding. */

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });

/** 1,000-based with three significant digits: `1.50 KB`. */
export function formatBytes(bytes: number): string {
  return bytesInWords(bytes);
}

export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

export function formatCount(count: number): string {
  return grouped.format(count);
}

/** `part` of `whole` in per cent with at most one digit; a dash where there is no whole. Never rounds up to 100 %. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '–';
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  const floored = Math.floor(percent * 10 + 1e-9) / 10;
  return `${Number.isInteger(floored) ? floored : floored.toFixed(1)} %`;
}

/** WAN copies: two digits, because the target is 1.00. */
export function formatCopies(copies: number): string {
  return copies.toFixed(2);
}

const exactTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export function formatExactTime(atMs: number): string {
  return exactTime.format(atMs);
}

export function formatClockTime(atMs: number): string {
  return clockTime.format(atMs);
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 days ago`. A time ahead of this computer's clock is "just now". */
export function formatAgo(atMs: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - atMs) / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

export function formatMilliseconds(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;
}

/** `1 agent`, `2 agents`. */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}
