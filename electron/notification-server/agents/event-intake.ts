import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentEvent, EventBatch } from '../../../shared/contracts/agent-events.ts';
import { storeEvents } from '../../database/stores/event-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import { Refusal } from '../refusal.ts';
import type { TrafficStatistics } from '../traffic/traffic-statistics.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';
import type { Resolver } from './resolution.ts';

/** Takes events of agents: stored exactly once, acknowledged after the commit, shown after that. */
export class EventIntake {
  readonly #writes: WriteBatcher;
  readonly #directory: AgentDirectory;
  readonly #resolver: Resolver;
  readonly #statistics: TrafficStatistics;
  readonly #deliveries: DeliveryDesk;
  #storedEvents = 0;

  constructor(
    writes: WriteBatcher,
    directory: AgentDirectory,
    resolver: Resolver,
    statistics: TrafficStatistics,
    deliveries: DeliveryDesk,
  ) {
    this.#deliveries = deliveries;
    this.#writes = writes;
    this.#directory = directory;
    this.#resolver = resolver;
    this.#statistics = statistics;
  }

  /** Since the start, each once. */
  get storedEvents(): number {
    return this.#storedEvents;
  }

  /** The sequence up to which everything is committed. */
  async take(record: AgentRecord, batch: EventBatch, now: () => number): Promise<number> {
    if (batch.installationEpoch > record.installationEpoch) {
      throw new Refusal('invalid-request', 'The installation epoch is newer than the agent’s enrolment.');
    }
    const { acknowledgedSequence, fresh, deliveries } = await this.#writes.write(async (transaction) => {
      const stored = await storeEvents(transaction, record.agentId, batch.installationEpoch, batch.events, (asker) =>
        this.#siteOf(asker),
      );
      return { ...stored, deliveries: await this.#deliveries.takeReports(transaction, record, stored.fresh) };
    });
    this.#storedEvents += fresh.length;
    for (const event of fresh) this.#apply(record, event, now());
    // Last, because it reads the database, which may fail: what is stored is not stored again.
    await this.#deliveries.committed(deliveries);
    if (fresh.length > 0) this.#directory.changed();
    return acknowledgedSequence;
  }

  #siteOf(agentId: AgentId): string | null {
    const record = this.#directory.get(agentId);
    return record === null ? null : (this.#resolver.resolve(record).site?.id ?? null);
  }

  #apply(record: AgentRecord, event: AgentEvent, nowMs: number): void {
    this.#statistics.eventStored(record.agentId, event, nowMs);
    if (event.kind === 'started') {
      record.bootId = event.bootId;
      record.productVersion = event.productVersion;
      record.platform = event.platform;
      record.cpuCores = event.cpuCores;
      record.interfaces = event.interfaces;
      this.#directory.factsChanged(record);
    } else if (event.kind === 'interfaces-changed') {
      record.interfaces = event.interfaces;
      this.#directory.factsChanged(record);
    } else if (event.kind === 'package-state') {
      const { state, blocks, blockCount, detail } = event;
      record.packages.set(event.key, { state, blocks, blockCount, detail });
    }
  }
}
