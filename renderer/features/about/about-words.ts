import type { ServerStatus } from '../../../shared/contracts/operation-api.ts';

export function databaseWords(kind: ServerStatus['database']['kind'], version: string): string {
  return kind === 'embedded' ? `Embedded SQLite ${version}` : `PostgreSQL ${version}`;
}

/** The two largest parts: `3 days 4 h`, `4 h 12 min`, `12 min`, `40 s`. */
export function uptimeWords(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return `${days} ${days === 1 ? 'day' : 'days'} ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
