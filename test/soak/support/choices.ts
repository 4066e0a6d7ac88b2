import type { Xoshiro128 } from '../../../shared/base/prng.ts';

export function oneOf<Value>(random: Xoshiro128, values: readonly Value[]): Value {
  return values[random.below(values.length)] as Value;
}

/** True once in `times`, on average. */
export function onceIn(random: Xoshiro128, times: number): boolean {
  return random.below(times) === 0;
}

export function randomBytesOf(random: Xoshiro128, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at++) bytes[at] = random.below(256);
  return bytes;
}

export function randomHex(random: Xoshiro128, bytes: number): string {
  return randomBytesOf(random, bytes).toString('hex');
}

/** Numbers at which code goes wrong: the ends of what fits in so many bytes. */
const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A copy that differs in one place and way: bits, bytes, numbers at their ends, length, order, parts of `other`. */
export function mutated(random: Xoshiro128, bytes: Uint8Array, other: Uint8Array, maxLength: number): Buffer {
  const at = random.below(Math.max(bytes.length, 1));
  const copy = Buffer.from(bytes);
  switch (random.below(8)) {
    case 0:
      if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    case 1:
      if (copy.length > 0) copy[at] = random.below(256);
      return copy;
    case 2: {
      const width = oneOf(random, [1, 2, 4]);
      const value = oneOf(random, edges) % 2 ** (8 * width);
      if (at + width <= copy.length) copy.writeUIntBE(value, at, width);
      return copy;
    }
    case 3:
      return copy.subarray(0, at);
    case 4:
      return Buffer.concat([copy, randomBytesOf(random, 1 + random.below(64))]).subarray(0, maxLength);
    case 5: {
      const from = random.below(Math.max(other.length, 1));
      return Buffer.concat([copy.subarray(0, at), other.subarray(from)]).subarray(0, maxLength);
    }
    case 6: {
      const length = random.below(Math.min(64, copy.length - at) + 1);
      const run = copy.subarray(at, at + length);
      return Buffer.concat([copy.subarray(0, at), run, run, copy.subarray(at + length)]).subarray(0, maxLength);
    }
    default: {
      const length = random.below(Math.min(64, copy.length - at) + 1);
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    }
  }
}
