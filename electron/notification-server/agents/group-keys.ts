import { randomBytes } from 'node:crypto';
import type { StoredGroupKey } from '../../database/stores/secret-store.ts';

/** Longer than an agent that was switched off over a weekend is away. */
const periodMs = 7 * 24 * 60 * 60 * 1000;

/**
 * The keys that hold at `nowMs`: previous, current and the next one, which everybody has long before it is used. Given back
 * unchanged (the same array) where nothing is due.
 */
export function groupKeysAt(stored: readonly StoredGroupKey[], nowMs: number): readonly StoredGroupKey[] {
  const last = stored.at(-1);
  if (last === undefined) return [newKey(1, nowMs, nowMs), newKey(2, nowMs + periodMs, nowMs)];
  if (last.activateAtMs > nowMs) return stored;
  return withoutUseless([...stored, newKey(last.id + 1, nowMs + periodMs, nowMs)], nowMs);
}

/**
 * Rotation by hand: the next key, which everybody has already, becomes the current one at once, and what was current stays
 * accepted as the previous one. So nobody has to be told before anybody may switch.
 */
export function rotatedGroupKeys(stored: readonly StoredGroupKey[], nowMs: number): readonly StoredGroupKey[] {
  const keys = groupKeysAt(stored, nowMs);
  const next = keys.at(-1);
  if (next === undefined) return keys;
  const rotated = [
    ...keys.slice(0, -1),
    { ...next, activateAtMs: nowMs },
    newKey(next.id + 1, nowMs + periodMs, nowMs),
  ];
  return withoutUseless(rotated, nowMs);
}

/**
 * Rotation because somebody who knows all keys was revoked: two keys that it has never seen. Healthy agents learn the first
 * within `settleMs`, in which everybody still sends with the old one; then all switch, and for another `settleMs` the old
 * one is heard from those whose clock is behind. After that it counts no longer.
 */
export function groupKeysAfterRevocation(
  stored: readonly StoredGroupKey[],
  nowMs: number,
  settleMs: number,
): readonly StoredGroupKey[] {
  const inUse = stored
    .filter((key, index) => {
      const successor = stored[index + 1];
      const isSuperseded = successor !== undefined && successor.activateAtMs <= nowMs - settleMs;
      return key.activateAtMs <= nowMs + settleMs && !isSuperseded && !isOver(key, nowMs);
    })
    .map((key) => ({
      ...key,
      acceptUntilMs: Math.min(key.acceptUntilMs ?? nowMs + 2 * settleMs, nowMs + 2 * settleMs),
    }));
  const lastId = stored.at(-1)?.id ?? 0;
  return [...inUse, newKey(lastId + 1, nowMs + settleMs, nowMs), newKey(lastId + 2, nowMs + periodMs, nowMs)];
}

/**
 * When the keys may be exchanged again: not before everybody has switched to the current one, or a key that is in use would
 * be forgotten.
 */
export function settledAtMs(stored: readonly StoredGroupKey[], nowMs: number, settleMs: number): number {
  const current = stored.filter((key) => key.activateAtMs <= nowMs).at(-1);
  const isFirst = current !== undefined && current.id === stored[0]?.id;
  let atMs = current === undefined || isFirst ? nowMs : current.activateAtMs + settleMs;
  for (const { acceptUntilMs } of stored) if (acceptUntilMs !== null) atMs = Math.max(atMs, acceptUntilMs);
  return atMs;
}

/** True where the key that everybody will switch to next is known to somebody who was revoked. */
export function isCompromised(stored: readonly StoredGroupKey[], newestRevocationMs: number): boolean {
  return (stored.at(-1)?.createdAtMs ?? 0) < newestRevocationMs;
}

function withoutUseless(keys: readonly StoredGroupKey[], nowMs: number): readonly StoredGroupKey[] {
  return keys.filter((key) => !isOver(key, nowMs)).slice(-3);
}

function isOver({ acceptUntilMs }: StoredGroupKey, nowMs: number): boolean {
  return acceptUntilMs !== null && acceptUntilMs <= nowMs;
}

function newKey(id: number, activateAtMs: number, createdAtMs: number): StoredGroupKey {
  return { id, key: randomBytes(32).toString('base64'), activateAtMs, acceptUntilMs: null, createdAtMs };
}
