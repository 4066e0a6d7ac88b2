const byteUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** 1,000-based with three significant digits: `0 B`, `999 B`, `1.50 KB`, `12.3 MB`, `104 MB`. */
export function bytesInWords(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be rounded to 1000 of this unit.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}
