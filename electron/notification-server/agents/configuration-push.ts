import type { AgentConfigurations } from './agent-configurations.ts';
import type { AgentRecord } from './agent-directory.ts';
import type { AgentFeeds } from './agent-feeds.ts';

/** Up to this many fetch at once; more spread over a second per thousand. */
const atOnce = 500;
const spreadPerSecond = 1000;
/** Between two portions the event loop serves its sockets. */
const agentsPerTurn = 200;

/** Tells online agents that their configuration is another one now, and only those whose is. */
export class ConfigurationPush {
  readonly #configurations: AgentConfigurations;
  readonly #feeds: AgentFeeds;
  #isScheduled = false;
  #isStopped = false;

  constructor(configurations: AgentConfigurations, feeds: AgentFeeds) {
    this.#configurations = configurations;
    this.#feeds = feeds;
  }

  /** Something changed that may concern any agent. Changes of one moment become one push. */
  organisationChanged(): void {
    if (this.#isScheduled || this.#isStopped) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#push();
    });
  }

  /** Also closes the gap between an agent's fetch and the opening of its feed. */
  agentChanged(record: AgentRecord): void {
    if (this.#isAffected(record)) this.#tell(record, 0);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #push(): Promise<void> {
    const affected: AgentRecord[] = [];
    const online = this.#feeds.online();
    for (let at = 0; at < online.length && !this.#isStopped; at += agentsPerTurn) {
      affected.push(...online.slice(at, at + agentsPerTurn).filter((record) => this.#isAffected(record)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#isStopped) return;
    const spreadMs = affected.length <= atOnce ? 0 : Math.ceil((affected.length / spreadPerSecond) * 1000);
    for (const record of affected) this.#tell(record, spreadMs);
  }

  #isAffected(record: AgentRecord): boolean {
    return record.toldEtag !== null && record.toldEtag !== this.#configurations.etagOf(record);
  }

  #tell(record: AgentRecord, spreadMs: number): void {
    const etag = this.#configurations.etagOf(record);
    if (this.#feeds.send(record.agentId, { kind: 'configuration-changed', spreadMs })) record.toldEtag = etag;
  }
}
