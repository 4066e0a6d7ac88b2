import type { AgentId } from '../../../shared/base/ids.ts';
import type { FeedFromAgent } from '../../../shared/contracts/agent-feed.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import type { TrafficStatistics } from '../traffic/traffic-statistics.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';
import type { AgentFeedListener } from './agent-feeds.ts';
import { mergeLiveProgress } from './live-progress.ts';

type CopyAnswer = Extract<FeedFromAgent, { readonly kind: 'copy-verified' }>;

/** What follows when an agent's feed opens, reports and closes. */
export class FeedEvents implements AgentFeedListener {
  readonly #directory: AgentDirectory;
  readonly #statistics: TrafficStatistics;
  readonly #now: () => number;
  /** The newest report of each agent that somebody looks at; kept while it is online. */
  readonly #diagnostics = new Map<AgentId, AgentDiagnostics>();
  readonly #connected: ((record: AgentRecord) => void)[] = [];
  readonly #bothAlive: AgentFeedListener['bothAlive'][] = [];
  readonly #limitUsed: ((record: AgentRecord, siteId: string | null) => void)[] = [];
  readonly #copyVerified: ((record: AgentRecord, answer: CopyAnswer) => void)[] = [];
  readonly #disconnected: ((record: AgentRecord) => void)[] = [];
  readonly #diagnosed: ((agentId: AgentId) => void)[] = [];

  constructor(directory: AgentDirectory, statistics: TrafficStatistics, now: () => number) {
    this.#directory = directory;
    this.#statistics = statistics;
    this.#now = now;
  }

  onConnected(listener: (record: AgentRecord) => void): void {
    this.#connected.push(listener);
  }

  onDisconnected(listener: (record: AgentRecord) => void): void {
    this.#disconnected.push(listener);
  }

  /** What was asked for by a verification, or was not. */
  onCopyVerified(listener: (record: AgentRecord, answer: CopyAnswer) => void): void {
    this.#copyVerified.push(listener);
  }

  /** A Package Server sends out of its site (null), or into the one below it. */
  onLimitUse(listener: (record: AgentRecord, siteId: string | null) => void): void {
    this.#limitUsed.push(listener);
  }

  onDiagnostics(listener: (agentId: AgentId) => void): void {
    this.#diagnosed.push(listener);
  }

  /** The newest report, or null where the agent is not online or nobody looked at it. */
  diagnosticsOf(agentId: AgentId): AgentDiagnostics | null {
    return this.#diagnostics.get(agentId) ?? null;
  }

  connected(record: AgentRecord): void {
    this.#directory.changed();
    for (const listener of this.#connected) listener(record);
  }

  disconnected(record: AgentRecord): void {
    this.#diagnostics.delete(record.agentId);
    this.#directory.seen(record, record.remoteAddress, this.#now());
    this.#directory.changed();
    for (const listener of this.#disconnected) listener(record);
  }

  onBothAlive(listener: AgentFeedListener['bothAlive']): void {
    this.#bothAlive.push(listener);
  }

  bothAlive(...found: Parameters<AgentFeedListener['bothAlive']>): void {
    for (const listener of this.#bothAlive) listener(...found);
  }

  reported(record: AgentRecord, message: FeedFromAgent): void {
    this.#directory.seen(record, record.remoteAddress, this.#now());
    if (message.kind === 'copy-verified') {
      for (const listener of this.#copyVerified) listener(record, message);
      return;
    }
    if (message.kind === 'outbound-use' || message.kind === 'inbound-use') {
      const siteId = message.kind === 'inbound-use' ? message.siteId : null;
      for (const listener of this.#limitUsed) listener(record, siteId);
      return;
    }
    if (message.kind === 'diagnostics') {
      this.#diagnostics.set(record.agentId, message.report);
      for (const listener of this.#diagnosed) listener(record.agentId);
      return;
    }
    this.#statistics.liveReported(record.agentId, message.report, this.#now());
    mergeLiveProgress(record, message.report, this.#now());
    this.#directory.changed();
  }
}
