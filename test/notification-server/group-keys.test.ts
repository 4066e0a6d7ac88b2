import { describe, expect, test } from 'vitest';
import type { StoredGroupKey } from '../../electron/database/stores/secret-store.ts';
import {
  groupKeysAfterRevocation,
  groupKeysAt,
  isCompromised,
  rotatedGroupKeys,
  settledAtMs,
} from '../../electron/notification-server/agents/group-keys.ts';

const dayMs = 24 * 60 * 60 * 1000;
const settleMs = 5000;

/** What an agent that has these keys signs with at that time (electron/agent-worker/group-keys.ts does the same). */
function signing(keys: readonly StoredGroupKey[], nowMs: number): number | undefined {
  return (keys.filter((key) => key.activateAtMs <= nowMs).at(-1) ?? keys[0])?.id;
}

function accepted(keys: readonly StoredGroupKey[], nowMs: number): number[] {
  return keys.filter(({ acceptUntilMs }) => acceptUntilMs === null || acceptUntilMs > nowMs).map(({ id }) => id);
}

test('a new server has a key in use and the one after it', () => {
  const keys = groupKeysAt([], 1000);
  expect(keys.map(({ id, activateAtMs }) => [id, activateAtMs])).toEqual([
    [1, 1000],
    [2, 1000 + 7 * dayMs],
  ]);
  for (const { key } of keys) expect(Buffer.from(key, 'base64').length).toBe(32);
});

test('the next key exists before the present one ends, and the previous one stays', () => {
  let keys = groupKeysAt([], 0);
  for (let day = 1; day <= 60; day++) {
    keys = groupKeysAt(keys, day * dayMs);
    expect(keys.at(-1)?.activateAtMs).toBeGreaterThan(day * dayMs);
    expect(keys.some(({ activateAtMs }) => activateAtMs <= day * dayMs)).toBe(true);
    expect(keys.length).toBeLessThanOrEqual(3);
  }
  expect(keys[0]?.id).toBeGreaterThan(5);
});

test('nothing changes while nothing is due', () => {
  const keys = groupKeysAt([], 0);
  expect(groupKeysAt(keys, dayMs)).toBe(keys);
});

describe('a rotation by hand', () => {
  const before = groupKeysAt(groupKeysAt([], 0), 7 * dayMs);
  const atMs = 8 * dayMs;
  const after = rotatedGroupKeys(before, atMs);

  test('makes the next key the one in use at once', () => {
    expect(signing(before, atMs)).toBe(2);
    expect(signing(after, atMs)).toBe(3);
    expect(after.map(({ id }) => id)).toEqual([2, 3, 4]);
  });

  test('lets agents that know of it and agents that do not yet hear each other', () => {
    expect(accepted(before, atMs)).toContain(signing(after, atMs));
    expect(accepted(after, atMs)).toContain(signing(before, atMs));
  });

  test('has settled only after everybody had the time to follow', () => {
    expect(settledAtMs(before, atMs, settleMs)).toBeLessThanOrEqual(atMs);
    expect(settledAtMs(after, atMs, settleMs)).toBe(atMs + settleMs);
    expect(settledAtMs(groupKeysAt([], 0), 0, settleMs)).toBe(0);
  });
});

describe('a rotation after a revocation', () => {
  const before = groupKeysAt(groupKeysAt([], 0), 7 * dayMs);
  const atMs = 8 * dayMs;
  const after = groupKeysAfterRevocation(before, atMs, settleMs);
  const known = new Set(before.map(({ id }) => id));

  test('ends every key that the revoked agent knows', () => {
    const endMs = atMs + 2 * settleMs;
    expect(accepted(after, endMs).filter((id) => known.has(id))).toEqual([]);
    expect(accepted(after, endMs)).toHaveLength(2);
    expect(known.has(signing(after, endMs) ?? 0)).toBe(false);
  });

  test('lets healthy agents hear each other at every moment, also those that follow last', () => {
    // Whoever follows does so within `settleMs`; clocks are off by less than that.
    for (let nowMs = atMs; nowMs < atMs + settleMs; nowMs += 100) {
      expect(accepted(after, nowMs)).toContain(signing(before, nowMs));
      expect(accepted(before, nowMs)).toContain(signing(after, nowMs));
    }
    for (let nowMs = atMs + settleMs; nowMs < atMs + 3 * settleMs; nowMs += 100) {
      expect(accepted(after, nowMs)).toContain(signing(after, nowMs));
      expect(accepted(after, nowMs)).toContain(signing(after, Math.max(atMs + settleMs, nowMs - 2000)));
    }
  });

  test('keeps the key that is about to be used anyway', () => {
    const justBefore = 14 * dayMs - 10;
    const keys = groupKeysAfterRevocation(before, justBefore, settleMs);
    const acceptedThen = accepted(keys, justBefore + 100);
    expect(acceptedThen).toContain(signing(before, justBefore));
    expect(acceptedThen).toContain(signing(before, justBefore + 100));
  });

  test('holds a later one up until it has settled, and is then due again', () => {
    const laterMs = atMs + 1000;
    expect(isCompromised(after, atMs)).toBe(false);
    expect(isCompromised(after, laterMs)).toBe(true);
    expect(settledAtMs(after, laterMs, settleMs)).toBe(atMs + 2 * settleMs);
    const again = groupKeysAfterRevocation(after, atMs + 2 * settleMs, settleMs);
    expect(isCompromised(again, laterMs)).toBe(false);
    expect(again.length).toBeLessThanOrEqual(6);
    const end = atMs + 4 * settleMs;
    expect(accepted(again, end).filter((id) => after.some((key) => key.id === id))).toEqual([]);
  });
});
