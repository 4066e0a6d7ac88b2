import type { HandlerParts } from '../console/console-handler.ts';
import type { EventLoopDelay } from './event-loop-delay.ts';
import type { Metric } from './metrics.ts';

/** What is worth a graph or an alarm. Names keep their meaning: dashboards are made of them. */
export function serverMetrics(parts: HandlerParts, eventLoop: EventLoopDelay): readonly Metric[] {
  const { writes, feeds, directory, events, sent, access, blocks } = parts;
  const { commits, commitSeconds, writes: written, failures } = writes.counts;
  const { rss, heapUsed } = process.memoryUsage();
  const gauge = (name: string, help: string, value: number): Metric => ({ name, help, type: 'gauge', value });
  const counter = (name: string, help: string, value: number): Metric => ({ name, help, type: 'counter', value });
  return [
    gauge('fanout_agents_registered', 'Agents that are enrolled.', directory.size),
    gauge('fanout_agents_online', 'Agents whose feed is open.', feeds.onlineCount),
    counter('fanout_events_stored_total', 'Events of agents that were stored, each once.', events.storedEvents),
    counter('fanout_database_commits_total', 'Transactions that were committed.', commits),
    counter('fanout_database_commit_seconds_total', 'Time that those took.', commitSeconds),
    counter('fanout_database_writes_total', 'Writes in those transactions.', written),
    counter('fanout_database_errors_total', 'Writes that failed.', failures),
    gauge('fanout_database_up', '1 while the database answers.', access.problem() === null ? 1 : 0),
    gauge('fanout_database_waiting_writes', 'Writes that wait for a transaction.', writes.waiting),
    counter('fanout_block_bytes_sent_total', 'Bytes of blocks sent to agents, since the first start.', sent.totalBytes),
    gauge('fanout_block_answers_active', 'Blocks that are being sent.', blocks.active),
    gauge('fanout_imports_waiting', 'Imports that are not finished.', parts.imports.unfinished),
    gauge('fanout_event_loop_delay_p99_seconds', 'Since the last scrape.', eventLoop.takeP99Seconds()),
    gauge('fanout_process_resident_memory_bytes', 'Memory of the process.', rss),
    gauge('fanout_process_heap_bytes', 'Of which used by JavaScript.', heapUsed),
    gauge('fanout_process_uptime_seconds', 'Time since the start of the process.', process.uptime()),
  ];
}
