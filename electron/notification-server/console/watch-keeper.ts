import type { ConsoleTopic } from '../../../shared/contracts/console-feed.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import type { AgentFeeds } from '../agents/agent-feeds.ts';

const renewEveryMs = 5000;
const shortestForMs = 15_000;
/** So many live reports a second are enough for the eye, and cheap; more agents report less often each. */
const reportsPerSecond = 500;

const liveTopics: ReadonlySet<ConsoleTopic['topic']> = new Set([
  'overview',
  'agents',
  'agent',
  'packages',
  'deliveries',
]);

/**
 * Asks online agents for reports while somebody looks at what they are for, and lets that lapse by itself: an agent whose
 * watch is not renewed stops reporting, also where this server never tells it so.
 */
export class WatchKeeper {
  readonly #feeds: AgentFeeds;
  readonly #topics: () => readonly ConsoleTopic[];
  readonly #timer: NodeJS.Timeout;

  constructor(feeds: AgentFeeds, topics: () => readonly ConsoleTopic[]) {
    this.#feeds = feeds;
    this.#topics = topics;
    this.#timer = setInterval(() => this.renew(), renewEveryMs);
  }

  /** Also called when somebody begins to look. */
  renew(): void {
    if (this.#topics().length === 0) return;
    for (const record of this.#feeds.online()) this.agentCame(record);
  }

  agentCame(record: AgentRecord): void {
    const topics = this.#topics();
    if (topics.some(({ topic }) => liveTopics.has(topic))) {
      const everyMs = Math.min(60_000, Math.max(1000, Math.ceil((this.#feeds.onlineCount / reportsPerSecond) * 1000)));
      const forMs = Math.max(shortestForMs, 3 * everyMs);
      this.#feeds.send(record.agentId, { kind: 'watch', report: 'live', everyMs, forMs });
    }
    if (topics.some((topic) => topic.topic === 'agent' && topic.agentId === record.agentId)) {
      const watch = { kind: 'watch', report: 'diagnostics', everyMs: 1000, forMs: shortestForMs } as const;
      this.#feeds.send(record.agentId, watch);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
