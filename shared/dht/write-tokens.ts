import { sha256 } from '../base/hashing.ts';
import type { RandomPort } from '../base/prng.ts';
import type { Contact } from './contact.ts';

/** A token is good for one to two of these: longer than from a lookup to its STORE, shorter than a stolen one is of use. */
const rotationMs = 300_000;
const secretWords = 4;
/** Tokens of one secret that are remembered: whoever announces comes back every minute. A /22 has so many nodes. */
const maxRemembered = 1024;
/** 0 says "no token". */
const noToken = 0;

/**
 * Proof that whoever announces gets mail at the address that it announces: a token goes to an address, and is good for
 * that address alone. Without it, one agent could make this node send the subnet to a computer of its choice.
 */
export class WriteTokens {
  readonly #random: RandomPort;
  #secret: Secret;
  #previousSecret: Secret;
  #rotatedAtMs: number;

  constructor(random: RandomPort, nowMs: number) {
    this.#random = random;
    this.#secret = new Secret(random);
    this.#previousSecret = this.#secret;
    this.#rotatedAtMs = nowMs;
  }

  tokenFor(contact: Contact, nowMs: number): number {
    this.#rotate(nowMs);
    return this.#secret.tokenOf(contact);
  }

  /** Whether the token is good, and the one for the next time. */
  check(token: number, contact: Contact, nowMs: number): { readonly isValid: boolean; readonly tokenNow: number } {
    const tokenNow = this.tokenFor(contact, nowMs);
    const isOfLast = (): boolean =>
      token !== noToken && this.#previousSecret !== this.#secret && token === this.#previousSecret.tokenOf(contact);
    return { isValid: token === tokenNow || isOfLast(), tokenNow };
  }

  #rotate(nowMs: number): void {
    const ageMs = nowMs - this.#rotatedAtMs;
    if (ageMs < rotationMs) return;
    const next = new Secret(this.#random);
    // After a long silence the last secret is too old as well.
    this.#previousSecret = ageMs < 2 * rotationMs ? this.#secret : next;
    this.#secret = next;
    this.#rotatedAtMs = nowMs;
  }
}

class Secret {
  readonly #bytes = new Uint8Array(4 * secretWords);
  /** By address and port in one number, the oldest first. */
  readonly #remembered = new Map<number, number>();

  constructor(random: RandomPort) {
    const view = new DataView(this.#bytes.buffer);
    for (let word = 0; word < secretWords; word++) view.setUint32(4 * word, random.below(2 ** 31));
  }

  tokenOf(contact: Contact): number {
    const place = contact.address * 65_536 + contact.port;
    const remembered = this.#remembered.get(place);
    if (remembered !== undefined) return remembered;
    const token = hashed(this.#bytes, contact);
    this.#remembered.set(place, token);
    const [oldest] = this.#remembered.size > maxRemembered ? this.#remembered.keys() : [];
    if (oldest !== undefined) this.#remembered.delete(oldest);
    return token;
  }
}

/** 48 bits of SHA-256(secret, address, port). The input has one length, so that no longer one can be made from its hash. */
function hashed(secret: Uint8Array, { address, port }: Contact): number {
  const input = new Uint8Array(secret.length + 6);
  input.set(secret);
  const view = new DataView(input.buffer);
  view.setUint32(secret.length, address);
  view.setUint16(secret.length + 4, port);
  const hash = new DataView(sha256(input).buffer);
  return hash.getUint32(0) * 2 ** 16 + hash.getUint16(4) || 1;
}
