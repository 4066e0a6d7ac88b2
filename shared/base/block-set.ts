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
