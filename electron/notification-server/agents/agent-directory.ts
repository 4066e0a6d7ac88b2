import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { AgentInterface } from '../../../shared/contracts/agent-events.ts';
import type { BootWatch } from '../../../shared/server/boot-watch.ts';
import type { PackageCopy } from '../../../shared/server/package-copy.ts';
import type { Database } from '../../database/database.ts';
import type { StoredAgent } from '../../database/stores/agent-store.ts';
import { loadAgents, saveLastSeen } from '../../database/stores/agent-store.ts';
import { loadPackageStates } from '../../database/stores/event-store.ts';
import type { AgentTags } from '../../database/stores/tag-store.ts';
import { loadTags } from '../../database/stores/tag-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { Resolution } from './resolution.ts';

/** One enrolled agent, as stored, and what is derived from it. */
export interface AgentRecord extends StoredAgent {
  certificateSerial: string;
  revokedAtMs: number | null;
  installationEpoch: number;
  name: string;
  address: string;
  lastSeenMs: number;
  productVersion: string;
  platform: string;
  cpuCores: number | null;
  interfaces: readonly AgentInterface[];
  bootId: number;
  /** Set by administrators, in the order of letters. */
  tags: readonly string[];
  /** Address of its newest connection; tells which of its interfaces it uses. */
  remoteAddress: string;
  /** Null until it has told a boot id. */
  boots: BootWatch | null;
  readonly packages: Map<PackageKey, PackageCopy>;
  /** Cache of `Resolver`. */
  resolution: Resolution | null;
  /** ETag of the configuration that it fetched last, or was told to fetch; null = it never asked since this server started. */
  toldEtag: string | null;
}

/** Keeps a write short; the rest waits for the next turn. */
const maximumSeenPerWrite = 200;

/** All enrolled agents in memory; the database holds the same. */
export class AgentDirectory {
  readonly #records = new Map<AgentId, AgentRecord>();
  readonly #seen = new Set<AgentRecord>();
  readonly #listeners: ((record: AgentRecord | null) => void)[] = [];

  static async load(database: Database): Promise<AgentDirectory> {
    const directory = new AgentDirectory();
    for (const stored of await loadAgents(database)) directory.#records.set(stored.agentId, recordOf(stored));
    for (const [agentId, tags] of await loadTags(database)) {
      const record = directory.get(agentId);
      if (record !== null) record.tags = tags;
    }
    for (const { agentId, key, ...progress } of await loadPackageStates(database)) {
      directory.get(agentId)?.packages.set(key, progress);
    }
    return directory;
  }

  get size(): number {
    return this.#records.size;
  }

  get(agentId: AgentId): AgentRecord | null {
    return this.#records.get(agentId) ?? null;
  }

  all(): IterableIterator<AgentRecord> {
    return this.#records.values();
  }

  /** Called with the agent whose address changed, so that other rules may hold for it; else, when what is shown changed, with null. */
  onChange(listener: (moved: AgentRecord | null) => void): void {
    this.#listeners.push(listener);
  }

  changed(moved: AgentRecord | null = null): void {
    for (const listener of this.#listeners) listener(moved);
  }

  /** After the commit of an enrolment. */
  enrolled(stored: StoredAgent): void {
    const known = this.#records.get(stored.agentId);
    if (known === undefined) this.#records.set(stored.agentId, recordOf(stored));
    else {
      known.name = stored.name;
      known.certificateSerial = stored.certificateSerial;
      known.installationEpoch = stored.installationEpoch;
      // Targets may ask for the name.
      known.resolution = null;
    }
    this.changed();
  }

  /** A request of the agent arrived from `remoteAddress`. */
  seen(record: AgentRecord, remoteAddress: string, nowMs: number): void {
    record.lastSeenMs = nowMs;
    this.#seen.add(record);
    if (record.remoteAddress === remoteAddress) return;
    record.remoteAddress = remoteAddress;
    this.factsChanged(record);
  }

  /** Its interfaces or connection changed: site, policy and deliveries may be others now. */
  factsChanged(record: AgentRecord): void {
    record.address = addressOf(record);
    record.resolution = null;
    this.#seen.add(record);
    this.changed(record);
  }

  /** After the commit of their tags. */
  retagged(agents: readonly AgentTags[]): void {
    for (const { agentId, tags } of agents) {
      const record = this.get(agentId);
      if (record === null) continue;
      record.tags = tags;
      record.resolution = null;
    }
    this.changed();
  }

  /** Writes when agents were last seen; called every half minute and at the end. */
  async writeSeen(writes: WriteBatcher): Promise<void> {
    while (this.#seen.size > 0) {
      const records = [...this.#seen].slice(0, maximumSeenPerWrite);
      for (const record of records) this.#seen.delete(record);
      try {
        await writes.write((transaction) => saveLastSeen(transaction, records));
      } catch (error) {
        for (const record of records) this.#seen.add(record);
        throw error;
      }
    }
  }
}

function recordOf(stored: StoredAgent): AgentRecord {
  return { ...stored, tags: [], remoteAddress: '', boots: null, packages: new Map(), resolution: null, toldEtag: null };
}

/** The address of the interface that it connects from; behind address translation, the first that it told of. */
function addressOf(record: AgentRecord): string {
  const { interfaces, remoteAddress } = record;
  const used = interfaces.find((candidate) => candidate.address === remoteAddress) ?? interfaces[0];
  return used?.address ?? remoteAddress;
}
