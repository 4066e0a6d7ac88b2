import type { LiveReport } from '../../../shared/contracts/agent-feed.ts';
import type { AgentRecord } from './agent-directory.ts';

/**
 * Merges a live report into what events said: the newest information wins, in memory only. Events and reports travel on
 * two connections, so a report from just before `ready` may arrive just after it; that one step back is not taken.
 */
export function mergeLiveProgress(record: AgentRecord, report: LiveReport): void {
  for (const { key, state, blocks, blockCount } of report.packages) {
    const known = record.packages.get(key);
    if (known?.state === 'ready' && state === 'downloading') continue;
    record.packages.set(key, { state, blocks, blockCount, detail: known?.state === state ? known.detail : '' });
  }
}
