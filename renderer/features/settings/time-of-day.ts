/**
 * A time of day as the contract wants it, of what people type: `8`, `8:30`, `0830`, `8.30` and `24:00`, which is midnight.
 * What cannot be read is given back as it is, for the contract to refuse.
 */
export function timeOfDay(typed: string): string {
  const match = /^(\d{1,2})(?:[:.h ]?(\d{2}))?$/.exec(typed.trim());
  if (match === null) return typed.trim();
  const hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  if (hour === 24 && minute === 0) return '00:00';
  if (hour > 23 || minute > 59) return typed.trim();
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
