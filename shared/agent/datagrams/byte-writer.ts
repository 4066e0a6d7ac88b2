import { assert } from '../../base/assert.ts';

/** One more than the largest value of so many bytes. */
const limits = { 1: 2 ** 8, 2: 2 ** 16, 4: 2 ** 32, 6: 2 ** 48 } as const;

/** Big-endian writer into a buffer of fixed size; writing past its end is the caller's mistake. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  #length = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  get roomBytes(): number {
    return this.#bytes.length - this.#length;
  }

  /** Unsigned integer of `width` bytes; at most six, so that it stays exact. */
  uint(value: number, width: 1 | 2 | 4 | 6): void {
    assert(Number.isInteger(value) && value >= 0 && value < limits[width], `${value} does not fit ${width} bytes`);
    assert(this.roomBytes >= width, 'datagram too long');
    let rest = value;
    for (let index = this.#length + width - 1; index >= this.#length; index--) {
      this.#bytes[index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += width;
  }

  /** LEB128: seven bits a byte, the lowest first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.uint((rest % 128) + 128, 1);
      rest = Math.floor(rest / 128);
    }
    this.uint(rest, 1);
  }

  bytes(value: Uint8Array): void {
    assert(this.roomBytes >= value.length, 'datagram too long');
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

export function varintLengthBytes(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}
