import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { AgentEvent, EventBatch, ServedPortion } from '../../../shared/contracts/agent-events.ts';
import type { TrafficEntry } from '../../../shared/contracts/statistics.ts';
import type { LinkLoads, ToldCrossing } from '../../../shared/server/link-loads.ts';
import { reduceCopy } from '../../../shared/server/package-copy.ts';
import type { TrafficWorld } from '../../../shared/server/statistics/traffic-entry.ts';
import { placeOfAsker, trafficEntriesOf } from '../../../shared/server/statistics/traffic-entry.ts';
import { storeEvents } from '../../database/stores/event-store.ts';
import { appendTraffic } from '../../database/stores/traffic-log-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { DeliveryDesk } from '../deliveries/delivery-desk.ts';
import { Refusal } from '../refusal.ts';
import type { PackageServerBytes } from '../traffic/package-server-bytes.ts';
import type { TrafficStatistics } from '../traffic/traffic-statistics.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';
import type { Resolver } from './resolution.ts';

export interface EventIntakeParts {
  readonly writes: WriteBatcher;
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly statistics: TrafficStatistics;
  readonly traffic: TrafficWorld;
  readonly packageServerBytes: PackageServerBytes;
  readonly linkLoads: LinkLoads;
  readonly deliveries: DeliveryDesk;
  /** An agent got a damaged block from the peer. */
  readonly complained: (peer: AgentId, key: PackageKey) => void;
}

/** Takes events of agents: stored exactly once, acknowledged after the commit, shown after that. */
export class EventIntake {
  readonly #parts: EventIntakeParts;
  #storedEvents = 0;

  constructor(parts: EventIntakeParts) {
    this.#parts = parts;
  }

  /** Since the start, each once. */
  get storedEvents(): number {
    return this.#storedEvents;
  }

  /** The sequence up to which everything is committed. */
  async take(record: AgentRecord, batch: EventBatch, now: () => number): Promise<number> {
    if (batch.installationEpoch > record.installationEpoch) {
      const message = 'The installation epoch is newer than the agent’s enrolment.';
      throw new Refusal('invalid-request', message, { fields: [{ path: 'installationEpoch', message }] });
    }
    const { writes, directory, traffic, deliveries: desk } = this.#parts;
    const { acknowledgedSequence, fresh, entries, deliveries } = await writes.write(async (transaction) => {
      const { installationEpoch, events } = batch;
      const siteOf = (asker: ServedPortion) => placeOfAsker(asker, traffic)?.siteId ?? null;
      const stored = await storeEvents(transaction, record.agentId, installationEpoch, events, siteOf);
      const entries = trafficEntriesOf(record.agentId, stored.fresh, traffic, now());
      await appendTraffic(transaction, entries);
      return { ...stored, entries, deliveries: await desk.takeReports(transaction, record, stored.fresh) };
    });
    this.#storedEvents += fresh.length;
    for (const event of fresh) this.#apply(record, event, now());
    this.#showServed(record, entries, now());
    // Last, because it reads the database, which may fail: what is stored is not stored again.
    await desk.committed(deliveries);
    if (fresh.length > 0) directory.changed();
    return acknowledgedSequence;
  }

  #showServed(record: AgentRecord, entries: readonly TrafficEntry[], nowMs: number): void {
    const served = entries.filter(({ reason, source }) => reason === null && source !== 'peer');
    if (served.length === 0) return;
    const ownSite = this.#parts.traffic.servedSiteOf(record.agentId);
    const crossings: ToldCrossing[] = [];
    let servedBytes = 0;
    for (const entry of served) {
      const { source, siteId, bytes } = entry;
      this.#parts.packageServerBytes.sent(entry);
      servedBytes += bytes;
      if (source !== 'package-server-foreign') continue;
      if (siteId !== null) crossings.push({ siteId, way: 'in', bytes });
      if (ownSite !== null) crossings.push({ siteId: ownSite, way: 'out', bytes });
    }
    this.#parts.statistics.directServed(record.agentId, servedBytes, nowMs);
    const everyMs = this.#parts.resolver.resolve(record).policy.settings.eventInterval * 1000;
    this.#parts.linkLoads.told(record.agentId, crossings, everyMs, nowMs);
  }

  #apply(record: AgentRecord, event: AgentEvent, nowMs: number): void {
    const { statistics, directory } = this.#parts;
    statistics.eventStored(record.agentId, event, nowMs);
    if (event.kind === 'started') {
      record.bootId = event.bootId;
      record.productVersion = event.productVersion;
      record.platform = event.platform;
      record.cpuCores = event.cpuCores;
      record.interfaces = event.interfaces;
      directory.factsChanged(record);
    } else if (event.kind === 'interfaces-changed') {
      record.interfaces = event.interfaces;
      directory.factsChanged(record);
    } else if (event.kind === 'package-state') {
      const { key, state, blocks, blockCount, detail, atMs } = event;
      const told = { kind: 'told', state, blocks, blockCount, detail, atMs } as const;
      record.packages.set(key, reduceCopy(record.packages.get(key) ?? null, told));
    } else if (event.kind === 'bad-block') {
      this.#parts.complained(event.peer, event.key);
    }
  }
}
