import type { LiveReport } from '../../../shared/contracts/agent-feed.ts';
import { reduceCopy } from '../../../shared/server/package-copy.ts';
import type { AgentRecord } from './agent-directory.ts';

/** Merges a live report into what events said, in memory only. */
export function mergeLiveProgress(record: AgentRecord, report: LiveReport, nowMs: number): void {
  for (const { key, ...seen } of report.packages) {
    const known = record.packages.get(key) ?? null;
    record.packages.set(key, reduceCopy(known, { kind: 'seen', ...seen, atMs: nowMs }));
  }
}
