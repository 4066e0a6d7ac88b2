import type { IncomingMessage } from 'node:http';
import { bootHeader } from '../../../shared/contracts/agent-api.ts';
import { BootWatch } from '../../../shared/server/boot-watch.ts';
import { raiseAlert } from '../../database/stores/alert-store.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import { Refusal } from '../refusal.ts';
import type { AgentRecord } from './agent-directory.ts';

/** Of a request; null where the agent does not tell. */
export function bootIdOf({ headers }: IncomingMessage): number | null {
  const text = headers[bootHeader];
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Finds agents whose disk was copied: one agent id alive twice. The later one has to enrol under an id of its own. */
export class ClonedAgents {
  readonly #writes: WriteBatcher;
  readonly #now: () => number;
  readonly #onFound: (record: AgentRecord) => void;

  constructor(writes: WriteBatcher, now: () => number, onFound: (record: AgentRecord) => void) {
    this.#writes = writes;
    this.#now = now;
    this.#onFound = onFound;
  }

  /** Throws a `Refusal` where the request comes from a copy. To be called before the record takes over the address. */
  check(record: AgentRecord, bootId: number | null, remoteAddress: string): void {
    if (bootId === null) return;
    record.boots ??= new BootWatch();
    const { isClone, foundClone } = record.boots.seen(bootId, this.#now());
    if (foundClone !== null) this.#tell(record, record.remoteAddress, remoteAddress);
    if (isClone) throw clonedRefusal();
  }

  isClone(record: AgentRecord, bootId: number | null): boolean {
    return bootId !== null && record.boots?.isClone(bootId) === true;
  }

  /** Two feeds answer under one id. */
  bothAlive(
    record: AgentRecord,
    later: { bootId: number; address: string },
    first: { bootId: number; address: string },
  ): void {
    record.boots ??= new BootWatch();
    if (record.boots.isClone(later.bootId)) return;
    record.boots.markClone(later.bootId, first.bootId, this.#now());
    this.#tell(record, later.address, first.address);
  }

  #tell(record: AgentRecord, laterAddress: string, firstAddress: string): void {
    const { agentId, name } = record;
    const atMs = this.#now();
    const detail = `Its identity is in use at ${firstAddress} and at ${laterAddress}: a disk was copied. The computer that came later gets an identity of its own.`;
    void this.#writes
      .write(async (transaction) => {
        await raiseAlert(transaction, { kind: 'agent-cloned', agentId, reportedBy: null, atMs, detail });
        const entry = { atMs, who: 'Fanout', action: 'agent-cloned', subject: name };
        await insertAuditEntry(transaction, { ...entry, before: { agentId, firstAddress }, after: { laterAddress } });
      })
      // A full disk: the copy is refused all the same, and found again after a restart of the server.
      .catch(() => undefined);
    this.#onFound(record);
  }
}

export function clonedRefusal(): Refusal {
  return new Refusal('cloned', 'Another computer uses this identity: its disk was copied. Enrol under a new one.');
}
