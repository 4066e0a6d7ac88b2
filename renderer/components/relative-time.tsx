import { formatAgo, formatExactTime } from './format.ts';
import { useNowMs } from './hooks.ts';

/** "5 min ago", exact on hover and for screen readers' element inspection. */
export function RelativeTime({ atMs }: { atMs: number }) {
  const nowMs = useNowMs();
  return (
    <time dateTime={new Date(atMs).toISOString()} title={formatExactTime(atMs)}>
      {formatAgo(atMs, nowMs)}
    </time>
  );
}
