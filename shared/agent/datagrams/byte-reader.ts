/** Big-endian reader of bytes from the network: reading past the end or a number out of range gives null, for good. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get restBytes(): number {
    return this.#bytes.length - this.#position;
  }

  uint(width: 1 | 2 | 4 | 6): number | null {
    const taken = this.bytes(width);
    if (taken === null) return null;
    let value = 0;
    for (const byte of taken) value = value * 256 + byte;
    return value;
  }

  /** At most five bytes: nothing here is larger than 2^35. */
  varint(): number | null {
    let value = 0;
    for (let shift = 1; shift <= 128 ** 4; shift *= 128) {
      const byte = this.uint(1);
      if (byte === null) return null;
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
    return null;
  }

  bytes(length: number): Uint8Array | null {
    if (this.restBytes < length) {
      this.#position = this.#bytes.length;
      return null;
    }
    const taken = this.#bytes.subarray(this.#position, this.#position + length);
    this.#position += length;
    return taken;
  }
}
