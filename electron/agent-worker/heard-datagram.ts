import type { KeyObject } from 'node:crypto';
import type { DecodedDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import { decodeDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import type { ActiveKey } from './group-keys.ts';
import { macMatches } from './group-keys.ts';

/** One datagram as it came in. However many agents of this process hear it, it is decoded once and its MAC is made once. */
export class HeardDatagram {
  readonly #bytes: Buffer;
  #decoded: DecodedDatagram | null | undefined;
  /** The key that the MAC was checked with last, and what came of it. */
  #checkedWith: KeyObject | null = null;
  #isSigned = false;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Null where it is malformed. */
  get decoded(): DecodedDatagram | null {
    if (this.#decoded === undefined) this.#decoded = decodeDatagram(this.#bytes);
    return this.#decoded;
  }

  isSignedWith(key: ActiveKey): boolean {
    if (this.#checkedWith === null || !this.#checkedWith.equals(key.key)) {
      const datagram = this.decoded;
      this.#isSigned = datagram !== null && macMatches(key, datagram.signedPart, datagram.mac);
      this.#checkedWith = key.key;
    }
    return this.#isSigned;
  }
}
