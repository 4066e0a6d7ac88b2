import type { AgentId } from '../../../shared/base/ids.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import { markRevoked } from '../../database/stores/revocation-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import type { AgentConnections } from './agent-connections.ts';
import type { AgentDirectory } from './agent-directory.ts';
import type { AgentFeeds } from './agent-feeds.ts';
import type { GroupKeyRotation } from './group-key-rotation.ts';

export interface RevocationParts {
  readonly writes: WriteBatcher;
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly feeds: AgentFeeds;
  readonly connections: AgentConnections;
  readonly rotation: GroupKeyRotation;
  readonly now: () => number;
}

/** Puts an agent out for good: here at once, at its peers with their next configuration. */
export class Revocation {
  readonly #parts: RevocationParts;

  constructor(parts: RevocationParts) {
    this.#parts = parts;
  }

  /** A second revocation changes nothing. Throws a `Refusal` where there is no such agent. */
  async revoke(agentId: AgentId, who: string): Promise<void> {
    const { directory, writes, organisation, feeds, connections, rotation, now } = this.#parts;
    const record = directory.get(agentId);
    if (record === null) throw new Refusal('not-found', 'There is no such agent.');
    if (record.revokedAtMs !== null) return;
    const atMs = now();
    // From this moment on it learns nothing more: a group key that is made later is not known to it.
    record.revokedAtMs = atMs;
    try {
      await writes.write(async (transaction) => {
        await markRevoked(transaction, agentId, atMs);
        const { name, address, certificateSerial } = record;
        const entry = { atMs, who, action: 'revoke-agent', subject: name };
        const before = { agentId, address, certificateSerial };
        await insertAuditEntry(transaction, { ...entry, before, after: { ...before, revokedAtMs: atMs } });
      });
    } catch (error) {
      record.revokedAtMs = null;
      throw error;
    }
    await organisation.reload('revocations');
    connections.breakOff(agentId);
    feeds.closeFor(agentId);
    directory.changed();
    await rotation.rotateIfDue();
  }
}
