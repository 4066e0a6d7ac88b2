import { randomBytes } from 'node:crypto';
import type { GroupKey } from '../../../shared/contracts/agent-api.ts';
import { loadGroupKeys, saveGroupKeys } from '../../database/stores/secret-store.ts';
import type { WriteBatcher } from '../../database/write-batcher.ts';

/** Longer than an agent that was switched off over a weekend is away. */
const periodMs = 7 * 24 * 60 * 60 * 1000;

/** The keys that hold at `nowMs`: previous, current and the next one, which everybody has long before it is used. */
export function groupKeysAt(stored: readonly GroupKey[], nowMs: number): readonly GroupKey[] {
  const [first] = stored;
  if (first === undefined) return [newKey(1, nowMs), newKey(2, nowMs + periodMs)];
  const keys = [...stored];
  let last = keys.at(-1) ?? first;
  if (last.activateAtMs <= nowMs) {
    last = newKey(last.id + 1, nowMs + periodMs);
    keys.push(last);
  }
  return keys.slice(-3);
}

/** True where the stored keys are others now. */
export async function rotateGroupKeys(writes: WriteBatcher, nowMs: number): Promise<boolean> {
  return writes.write(async (transaction) => {
    const stored = await loadGroupKeys(transaction);
    const keys = groupKeysAt(stored, nowMs);
    if (keys.length === stored.length && keys.at(-1)?.id === stored.at(-1)?.id) return false;
    await saveGroupKeys(transaction, keys);
    return true;
  });
}

function newKey(id: number, activateAtMs: number): GroupKey {
  return { id, key: randomBytes(32).toString('base64'), activateAtMs };
}
