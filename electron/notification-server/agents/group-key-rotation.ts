import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { StoredGroupKey } from '../../database/stores/secret-store.ts';
import { loadGroupKeys, saveGroupKeys } from '../../database/stores/secret-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';
import { groupKeysAfterRevocation, groupKeysAt, isCompromised, rotatedGroupKeys, settledAtMs } from './group-keys.ts';

/** An agent whose feed is open has a new configuration within this time, and its clock agrees within it. */
const defaultSettleMs = 5000;
/** The push spreads more than 500 agents at a thousand per second. */
const settleMsPerAgent = 1;

export interface GroupKeyRotationParts {
  readonly writes: WriteBatcher;
  readonly organisation: Organisation;
  readonly onlineCount: () => number;
  readonly now: () => number;
  /** Of a server with few agents, by default 5 s. */
  readonly baseSettleMs?: number | undefined;
}

/** Exchanges the key that all agents share: when its time is over, by hand, and after a revocation. */
export class GroupKeyRotation {
  readonly #parts: GroupKeyRotationParts;
  #last: Promise<void> = Promise.resolve();

  constructor(parts: GroupKeyRotationParts) {
    this.#parts = parts;
  }

  /** How long agents need to follow a change. */
  get settleMs(): number {
    return (this.#parts.baseSettleMs ?? defaultSettleMs) + settleMsPerAgent * this.#parts.onlineCount();
  }

  /** By hand. Throws a `Refusal` while agents are still following the rotation before. */
  rotate(who: string): Promise<void> {
    return this.#inTurn(() => this.#rotate(who));
  }

  /** To be called every second or so: the schedule, and revocations that have to wait for the rotation before them. */
  rotateIfDue(): Promise<void> {
    return this.#inTurn(() => this.#rotateIfDue());
  }

  /** One at a time: what one finds settled, the next must not unsettle a second time in the same moment. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(run);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #rotate(who: string): Promise<void> {
    const nowMs = this.#parts.now();
    const settledMs = settledAtMs(this.#parts.organisation.groupKeys, nowMs, this.settleMs);
    if (settledMs > nowMs) {
      const seconds = Math.ceil((settledMs - nowMs) / 1000);
      throw new Refusal('conflict', `Agents are still taking over the last group key. Try again in ${seconds} s.`);
    }
    await this.#exchange((stored) => rotatedGroupKeys(stored, nowMs), nowMs, who);
  }

  async #rotateIfDue(): Promise<void> {
    const { organisation, now } = this.#parts;
    const nowMs = now();
    const { groupKeys, newestRevocationMs } = organisation;
    if (isCompromised(groupKeys, newestRevocationMs) && settledAtMs(groupKeys, nowMs, this.settleMs) <= nowMs) {
      await this.#exchange((stored) => groupKeysAfterRevocation(stored, nowMs, this.settleMs), nowMs, 'Fanout');
    } else if (groupKeysAt(groupKeys, nowMs) !== groupKeys) {
      await this.#exchange((stored) => groupKeysAt(stored, nowMs), nowMs, 'Fanout');
    }
  }

  async #exchange(
    change: (stored: readonly StoredGroupKey[]) => readonly StoredGroupKey[],
    atMs: number,
    who: string,
  ): Promise<void> {
    await this.#parts.writes.write(async (transaction) => {
      const stored = await loadGroupKeys(transaction);
      const keys = change(stored);
      await saveGroupKeys(transaction, keys);
      const entry = { atMs, who, action: 'rotate-group-key', subject: 'agents' };
      await insertAuditEntry(transaction, { ...entry, before: shownKeys(stored), after: shownKeys(keys) });
    });
    await this.#parts.organisation.reload('group-keys');
  }
}

/** Without the keys themselves. */
export function shownKeys(keys: readonly StoredGroupKey[]) {
  return keys.map(({ id, createdAtMs, activateAtMs, acceptUntilMs }) => ({
    id,
    createdAtMs,
    activateAtMs,
    acceptUntilMs,
  }));
}
