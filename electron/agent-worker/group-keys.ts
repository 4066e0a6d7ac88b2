import type { KeyObject } from 'node:crypto';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { GroupKey } from '../../shared/contracts/agent-api.ts';

export interface ActiveKey {
  readonly id: number;
  readonly key: KeyObject;
}

/** The keys that the agents of a Notification Server share: previous, current and next are accepted, the current one signs. */
export class GroupKeys {
  #keys: readonly { readonly id: number; readonly key: KeyObject; readonly activateAtMs: number }[] = [];

  replace(keys: readonly GroupKey[]): void {
    this.#keys = keys
      .map(({ id, key, activateAtMs }) => ({ id, key: createSecretKey(key, 'base64'), activateAtMs }))
      .sort((a, b) => a.activateAtMs - b.activateAtMs);
  }

  /** The newest key that is active at `serverTimeMs`, or the oldest where none is yet; null before the first configuration. */
  signingKey(serverTimeMs: number): ActiveKey | null {
    let signing = this.#keys[0] ?? null;
    for (const key of this.#keys) if (key.activateAtMs <= serverTimeMs) signing = key;
    return signing;
  }

  find(id: number): ActiveKey | null {
    return this.#keys.find((key) => key.id === id) ?? null;
  }
}

export function macOf(key: ActiveKey, signedPart: Uint8Array): Buffer {
  return createHmac('sha256', key.key).update(signedPart).digest();
}

export function macMatches(key: ActiveKey, signedPart: Uint8Array, mac: Uint8Array): boolean {
  const expected = macOf(key, signedPart);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}
