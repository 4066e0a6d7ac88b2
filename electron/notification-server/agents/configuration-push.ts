import type { AgentId } from '../../../shared/base/ids.ts';
import type { FeedToAgent } from '../../../shared/contracts/agent-feed.ts';

/** Up to this many fetch at once; more spread over a second per thousand. */
const atOnce = 500;
const spreadPerSecond = 1000;
/** Between two portions the event loop serves its sockets. */
const agentsPerTurn = 200;

interface ToldAgent {
  readonly agentId: AgentId;
  /** Null: it has not asked yet, and will. */
  toldEtag: string | null;
}

export interface PushSurroundings<Agent extends ToldAgent> {
  etagOf(agent: Agent): string;
  online(): readonly Agent[];
  send(agentId: AgentId, message: FeedToAgent): boolean;
}

/** Tells online agents that their configuration is another one now, and only those whose is. */
export class ConfigurationPush<Agent extends ToldAgent> {
  readonly #around: PushSurroundings<Agent>;
  #isScheduled = false;
  #isStopped = false;

  constructor(around: PushSurroundings<Agent>) {
    this.#around = around;
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
  agentChanged(record: Agent): void {
    if (this.#isAffected(record)) this.#tell(record, 0);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #push(): Promise<void> {
    const affected: Agent[] = [];
    const online = this.#around.online();
    for (let at = 0; at < online.length && !this.#isStopped; at += agentsPerTurn) {
      affected.push(...online.slice(at, at + agentsPerTurn).filter((record) => this.#isAffected(record)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#isStopped) return;
    const spreadMs = affected.length <= atOnce ? 0 : Math.ceil((affected.length / spreadPerSecond) * 1000);
    for (const record of affected) this.#tell(record, spreadMs);
  }

  #isAffected(record: Agent): boolean {
    return record.toldEtag !== null && record.toldEtag !== this.#around.etagOf(record);
  }

  #tell(record: Agent, spreadMs: number): void {
    const etag = this.#around.etagOf(record);
    if (this.#around.send(record.agentId, { kind: 'configuration-changed', spreadMs })) record.toldEtag = etag;
  }
}
