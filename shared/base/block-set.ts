import { assert } from './assert.ts';

/** Half-open run of block numbers: `first` … `end` − 1. */
export type BlockRange = readonly [first: number, end: number];

/** Which blocks of a package somebody has: a bit set with a count, so that "how many" costs nothing. */
export class BlockSet {
  readonly size: number;
  readonly #words: Uint32Array;
  #count = 0;

  constructor(size: number) {
    assert(Number.isInteger(size) && size >= 0, `block set size ${size}`);
    this.size = size;
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }

  static full(size: number): BlockSet {
    const set = new BlockSet(size);
    set.addRange([0, size]);
    return set;
  }

  /** Ranges outside 0 … size are cut: they may come from the network. */
  static fromRanges(size: number, ranges: readonly BlockRange[]): BlockSet {
    const set = new BlockSet(size);
    for (const range of ranges) set.addRange(range);
    return set;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.size;
  }

  has(block: number): boolean {
    return ((this.#words[block >>> 5] ?? 0) & (1 << (block & 31))) !== 0;
  }

  /** True where the block was not there before. */
  add(block: number): boolean {
    assert(block >= 0 && block < this.size, `block ${block} of ${this.size}`);
    const index = block >>> 5;
    const word = this.#words[index] ?? 0;
    const bit = 1 << (block & 31);
    if ((word & bit) !== 0) return false;
    this.#words[index] = word | bit;
    this.#count++;
    return true;
  }

  delete(block: number): boolean {
    if (!this.has(block)) return false;
    const index = block >>> 5;
    this.#words[index] = (this.#words[index] ?? 0) & ~(1 << (block & 31));
    this.#count--;
    return true;
  }

  addRange([first, end]: BlockRange): void {
    for (let block = Math.max(0, first); block < Math.min(end, this.size); block++) this.add(block);
  }

  addAll(other: BlockSet): void {
    assert(other.size === this.size, 'block sets of different packages');
    for (const range of other.ranges()) this.addRange(range);
  }

  clear(): void {
    this.#words.fill(0);
    this.#count = 0;
  }

  /** Every block of `other` is in this set. */
  containsAll(other: BlockSet): boolean {
    assert(other.size === this.size, 'block sets of different packages');
    return this.#words.every((word, index) => ((other.#words[index] ?? 0) & ~word) === 0);
  }

  /** How many blocks of this set are not in `other`. */
  countWithout(other: BlockSet): number {
    assert(other.size === this.size, 'block sets of different packages');
    let count = 0;
    for (let index = 0; index < this.#words.length; index++) {
      count += bitsIn((this.#words[index] ?? 0) & ~(other.#words[index] ?? 0));
    }
    return count;
  }

  /** Every block is in this set or in `other`. */
  isFullWith(other: BlockSet): boolean {
    return this.#count + other.countWithout(this) === this.size;
  }

  /** Blocks that are not in the set, ascending. Runs of 32 that are there cost one step. */
  *missing(): Generator<number> {
    for (let index = 0; index < this.#words.length; index++) {
      if (this.#words[index] === 0xffffffff) continue;
      const end = Math.min(this.size, (index + 1) * 32);
      for (let block = index * 32; block < end; block++) if (!this.has(block)) yield block;
    }
  }

  /** Blocks that are in one of the two sets only, ascending. */
  *differences(other: BlockSet): Generator<number> {
    assert(other.size === this.size, 'block sets of different packages');
    for (let index = 0; index < this.#words.length; index++) {
      let bits = (this.#words[index] ?? 0) ^ (other.#words[index] ?? 0);
      while (bits !== 0) {
        const lowest = bits & -bits;
        yield index * 32 + 31 - Math.clz32(lowest);
        bits ^= lowest;
      }
    }
  }

  clone(): BlockSet {
    const copy = new BlockSet(this.size);
    copy.#words.set(this.#words);
    copy.#count = this.#count;
    return copy;
  }

  /** The set as ascending, disjoint, maximal ranges. */
  ranges(): BlockRange[] {
    const ranges: BlockRange[] = [];
    let first = -1;
    for (let block = 0; block < this.size; block++) {
      if (this.has(block)) {
        if (first < 0) first = block;
      } else if (first >= 0) {
        ranges.push([first, block]);
        first = -1;
      }
    }
    if (first >= 0) ranges.push([first, this.size]);
    return ranges;
  }
}

function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
