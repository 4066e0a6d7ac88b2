import type { KeyObject } from 'node:crypto';
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { GroupKey } from '../../shared/contracts/agent-api.ts';

export interface ActiveKey {
  readonly id: number;
  readonly key: KeyObject;
}

interface HeldKey extends ActiveKey {
  readonly activateAtMs: number;
  readonly acceptUntilMs: number | null;
}

/** The keys that the agents of a Notification Server share: previous, current and next are accepted, the current one signs. */
export class GroupKeys {
  #keys: readonly HeldKey[] = [];

  replace(keys: readonly GroupKey[]): void {
    this.#keys = keys
      .map(({ key, ...rest }) => ({ ...rest, key: createSecretKey(key, 'base64') }))
      .sort((a, b) => a.activateAtMs - b.activateAtMs);
  }

  /** The newest key that is active at `serverTimeMs`, or the oldest where none is yet; null before the first configuration. */
  signingKey(serverTimeMs: number): ActiveKey | null {
    let signing = this.#keys[0] ?? null;
    for (const key of this.#keys) if (key.activateAtMs <= serverTimeMs) signing = key;
    return signing;
  }

  /** `retired`: somebody knows it who was revoked, and everybody else has had the time to go over to another. */
  find(id: number, serverTimeMs: number): ActiveKey | 'unknown' | 'retired' {
    const found = this.#keys.find((key) => key.id === id);
    if (found === undefined) return 'unknown';
    return found.acceptUntilMs !== null && found.acceptUntilMs <= serverTimeMs ? 'retired' : found;
  }
}

export function macOf(key: ActiveKey, signedPart: Uint8Array): Buffer {
  return createHmac('sha256', key.key).update(signedPart).digest();
}

export function macMatches(key: ActiveKey, signedPart: Uint8Array, mac: Uint8Array): boolean {
  const expected = macOf(key, signedPart);
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}
