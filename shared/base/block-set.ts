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
    const from = Math.max(0, first);
    const to = Math.min(end, this.size);
    for (let index = from >>> 5; index * 32 < to; index++) {
      const bits = bitsFrom(Math.max(from - index * 32, 0)) & bitsUpTo(Math.min(to - index * 32, 32));
      const word = this.#words[index] ?? 0;
      this.#count += bitsIn(bits & ~word);
      this.#words[index] = word | bits;
    }
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
    const words = this.#words;
    const others = other.#words;
    for (let index = 0; index < words.length; index++) {
      if (((others[index] ?? 0) & ~(words[index] ?? 0)) !== 0) return false;
    }
    return true;
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

  /** 32 blocks at a time: bit b of word w stands for block 32 w + b. 0 beyond the end. */
  word(index: number): number {
    return this.#words[index] ?? 0;
  }

  /** Blocks that are not in the set, ascending. Runs of 32 that are there cost one step. */
  *missing(): Generator<number> {
    for (let index = 0; index < this.#words.length; index++) {
      if (this.#words[index] === 0xffffffff) continue;
      const end = Math.min(this.size, (index + 1) * 32);
      for (let block = index * 32; block < end; block++) if (!this.has(block)) yield block;
    }
  }

  /** Blocks of this set that are in none of the other two, ascending. */
  without(one: BlockSet, other: BlockSet): number[] {
    assert(one.size === this.size && other.size === this.size, 'block sets of different packages');
    const blocks: number[] = [];
    for (let index = 0; index < this.#words.length; index++) {
      pushBlocks(blocks, index, (this.#words[index] ?? 0) & ~(one.#words[index] ?? 0) & ~(other.#words[index] ?? 0));
    }
    return blocks;
  }

  /** Blocks that are in none of the three sets, ascending. */
  missingWith(one: BlockSet, other: BlockSet): number[] {
    assert(one.size === this.size && other.size === this.size, 'block sets of different packages');
    const blocks: number[] = [];
    for (let index = 0; index < this.#words.length; index++) {
      const bits = ~((this.#words[index] ?? 0) | (one.#words[index] ?? 0) | (other.#words[index] ?? 0));
      pushBlocks(blocks, index, bits & bitsUpTo(Math.min(this.size - index * 32, 32)));
    }
    return blocks;
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
    for (let block = 0; block < this.size; ) {
      const word = this.#words[block >>> 5] ?? 0;
      // Runs of 32 equal blocks cost one step.
      const isWhole = (block & 31) === 0 && block + 32 <= this.size && (word === 0 || word === 0xffffffff);
      const isHere = (word & (1 << (block & 31))) !== 0;
      if (isHere && first < 0) first = block;
      if (!isHere && first >= 0) {
        ranges.push([first, block]);
        first = -1;
      }
      block += isWhole ? 32 : 1;
    }
    if (first >= 0) ranges.push([first, this.size]);
    return ranges;
  }
}

/** Appends the blocks that the set bits of a word stand for, ascending. */
function pushBlocks(blocks: number[], index: number, word: number): void {
  for (let bits = word; bits !== 0; bits &= bits - 1) {
    blocks.push(index * 32 + 31 - Math.clz32(bits & -bits));
  }
}

/** Bits `first` … 31, for 0 ≤ first < 32. */
function bitsFrom(first: number): number {
  return -1 << first;
}

/** Bits 0 … `end` − 1, for 0 < end ≤ 32. */
function bitsUpTo(end: number): number {
  return -1 >>> (32 - end);
}

/** How many bits of a 32-bit word are set. */
export function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
