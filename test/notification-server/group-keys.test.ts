import { expect, test } from 'vitest';
import { groupKeysAt } from '../../electron/notification-server/agents/group-keys.ts';

const dayMs = 24 * 60 * 60 * 1000;

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
