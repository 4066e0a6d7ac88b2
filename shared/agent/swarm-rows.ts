import { BlockSet, bitsIn } from '../base/block-set.ts';
import type { AgentId } from '../base/ids.ts';
import { PeerNumbers } from './peer-numbers.ts';

/** No row: everything about it is "no" or 0. */
const none = -1;
const firstRows = 4;
/** More at a time than usual: in a crowd all speak at once, and every step leaves its columns behind. */
const growth = 4;
const mapBit = 1;
const restBit = 2;
const notWanting = Number.POSITIVE_INFINITY;

/**
 * Who holds which blocks of one package, who wants it and who rests: one row a peer, in typed columns. A computer among 200
 * keeps 200 maps of each package; as objects they are most of what an agent costs in memory, and following pointers most of
 * what a block costs in time. Rows are free again once nothing is known of the peer.
 */
export class SwarmRows {
  /** Blocks that at least one peer is known to hold. */
  readonly held: BlockSet;
  readonly #wordCount: number;
  readonly #numbers: PeerNumbers;
  /** By the peer's number, 1 more than its row; 0 = none. */
  #rowOf = new Uint16Array(firstRows);
  readonly #peerOf: (AgentId | null)[] = [];
  readonly #free: number[] = [];
  #used = 0;
  #size = 0;
  #words: Uint32Array;
  #counts = new Uint32Array(firstRows);
  /** By row, where it is not the number of blocks. That is what agents tell: verified blocks are never taken back. */
  readonly #otherVersions = new Map<number, number>();
  #wantedAtMs = new Float64Array(firstRows);
  #flags = new Uint8Array(firstRows);
  /** For each block the number of peers known to hold it. */
  readonly #holdersOfBlock: Uint16Array;
  #maps = 0;
  #wanting = 0;
  #resting = 0;

  constructor(blockCount: number, numbers = new PeerNumbers()) {
    this.#numbers = numbers;
    this.held = new BlockSet(blockCount);
    this.#wordCount = Math.ceil(blockCount / 32);
    this.#words = new Uint32Array(firstRows * this.#wordCount);
    this.#holdersOfBlock = new Uint16Array(blockCount);
  }

  get size(): number {
    return this.#size;
  }

  get mapCount(): number {
    return this.#maps;
  }

  get wantingCount(): number {
    return this.#wanting;
  }

  get restingCount(): number {
    return this.#resting;
  }

  /** The peer's row; one that says "no" to everything where nothing is known. */
  find(peer: AgentId): number {
    const number = this.#numbers.find(peer);
    const row = (this.#rowOf[number] ?? 0) - 1;
    return row >= 0 && this.#peerOf[row] === peer ? row : none;
  }

  /** The peer's row, a new one where there was none. Something has to be noted in it. */
  take(peer: AgentId): number {
    const known = this.find(peer);
    if (known !== none) return known;
    const number = this.#numbers.take(peer);
    while (number >= this.#rowOf.length) this.#rowOf = grown(this.#rowOf, new Uint16Array(this.#rowOf.length * growth));
    this.#forgetFormer(number);
    const row = this.#free.pop() ?? this.#used++;
    if (row >= this.#counts.length) this.#grow();
    this.#wantedAtMs[row] = notWanting;
    this.#rowOf[number] = row + 1;
    this.#peerOf[row] = peer;
    this.#size++;
    return row;
  }

  /** All of whom something is known, in no particular order. `visit` may forget the one that it is given. */
  forEach(visit: (peer: AgentId, row: number) => void): void {
    for (let row = 0; row < this.#used; row++) {
      const peer = this.#peerOf[row] ?? null;
      if (peer !== null) visit(peer, row);
    }
  }

  /** Of all of whom something is known those that are meant, in no particular order. */
  peers(isMeant: (row: number) => boolean): AgentId[] {
    const peers: AgentId[] = [];
    this.forEach((peer, row) => {
      if (isMeant(row)) peers.push(peer);
    });
    return peers;
  }

  hasMap(row: number): boolean {
    return ((this.#flags[row] ?? 0) & mapBit) !== 0;
  }

  mapVersion(row: number): number {
    const other = this.#otherVersions.size > 0 ? this.#otherVersions.get(row) : undefined;
    return other ?? this.count(row);
  }

  count(row: number): number {
    return this.#counts[row] ?? 0;
  }

  holds(row: number, block: number): boolean {
    return row !== none && (this.#word(row, block >>> 5) & (1 << (block & 31))) !== 0;
  }

  holdsAll(row: number, blocks: BlockSet): boolean {
    for (let index = 0; index < this.#wordCount; index++) {
      if ((blocks.word(index) & ~this.#word(row, index)) !== 0) return false;
    }
    return true;
  }

  holdsOther(row: number, blocks: BlockSet): boolean {
    if (this.count(row) === 0) return false;
    for (let index = 0; index < this.#wordCount; index++) {
      if ((this.#word(row, index) & ~blocks.word(index)) !== 0) return true;
    }
    return false;
  }

  holdsBeyond(row: number, here: BlockSet, requested: BlockSet): boolean {
    if (this.count(row) === 0) return false;
    for (let index = 0; index < this.#wordCount; index++) {
      if ((this.#word(row, index) & ~here.word(index) & ~requested.word(index)) !== 0) return true;
    }
    return false;
  }

  holdersOf(block: number): number {
    return this.#holdersOfBlock[block] ?? 0;
  }

  setMap(row: number, blocks: BlockSet, mapVersion: number): void {
    for (let index = 0; index < this.#wordCount; index++) this.#setWord(row, index, blocks.word(index));
    this.#noteMap(row);
    this.#setVersion(row, mapVersion);
  }

  addBlock(row: number, block: number): void {
    const version = this.hasMap(row) ? this.mapVersion(row) : 0;
    this.#noteMap(row);
    this.#setWord(row, block >>> 5, this.#word(row, block >>> 5) | (1 << (block & 31)));
    this.#setVersion(row, version);
  }

  /** True where it was there. Any later map counts. */
  removeBlock(row: number, block: number): boolean {
    if (!this.holds(row, block)) return false;
    this.#setWord(row, block >>> 5, this.#word(row, block >>> 5) & ~(1 << (block & 31)));
    this.#setVersion(row, 0);
    return true;
  }

  /** True where there was one. */
  forgetMap(row: number): boolean {
    if (!this.hasMap(row)) return false;
    for (let index = 0; index < this.#wordCount; index++) this.#setWord(row, index, 0);
    this.#setVersion(row, 0);
    this.#flags[row] = (this.#flags[row] ?? 0) & ~mapBit;
    this.#maps--;
    this.#freeIfEmpty(row);
    return true;
  }

  isWanting(row: number): boolean {
    return row !== none && this.#wantedAtMs[row] !== notWanting;
  }

  /** When it wanted last; Infinity where it does not. */
  wantedAtMs(row: number): number {
    return this.#wantedAtMs[row] ?? notWanting;
  }

  /** Who wants does not rest. */
  setWanting(row: number, nowMs: number): void {
    if (!this.isWanting(row)) this.#wanting++;
    this.#wantedAtMs[row] = nowMs;
    this.endRest(row);
  }

  /** True where it did. */
  endWant(row: number): boolean {
    if (!this.isWanting(row)) return false;
    this.#wantedAtMs[row] = notWanting;
    this.#wanting--;
    this.#freeIfEmpty(row);
    return true;
  }

  isResting(row: number): boolean {
    return ((this.#flags[row] ?? 0) & restBit) !== 0;
  }

  beginRest(row: number): void {
    if (!this.isResting(row)) this.#resting++;
    this.#flags[row] = (this.#flags[row] ?? 0) | restBit;
  }

  endRest(row: number): void {
    if (!this.isResting(row)) return;
    this.#flags[row] = (this.#flags[row] ?? 0) & ~restBit;
    this.#resting--;
    this.#freeIfEmpty(row);
  }

  /** The number was another peer's, of whom nothing was heard for so long that nobody counts on it. */
  #forgetFormer(number: number): void {
    const row = (this.#rowOf[number] ?? 0) - 1;
    const former = this.#peerOf[row] ?? null;
    if (former === null || this.#numbers.find(former) >= 0) return;
    this.endRest(row);
    this.endWant(row);
    this.forgetMap(row);
  }

  #noteMap(row: number): void {
    if (!this.hasMap(row)) this.#maps++;
    this.#flags[row] = (this.#flags[row] ?? 0) | mapBit;
  }

  /** After the blocks. */
  #setVersion(row: number, version: number): void {
    if (version !== this.count(row)) this.#otherVersions.set(row, version);
    else if (this.#otherVersions.size > 0) this.#otherVersions.delete(row);
  }

  #word(row: number, index: number): number {
    return this.#words[row * this.#wordCount + index] ?? 0;
  }

  /** Keeps all counts. */
  #setWord(row: number, index: number, word: number): void {
    const before = this.#word(row, index);
    let changed = before ^ word;
    if (changed === 0) return;
    this.#words[row * this.#wordCount + index] = word;
    this.#counts[row] = this.count(row) + bitsIn(word) - bitsIn(before);
    while (changed !== 0) {
      const lowest = changed & -changed;
      this.#adjust(index * 32 + 31 - Math.clz32(lowest), (word & lowest) !== 0 ? 1 : -1);
      changed ^= lowest;
    }
  }

  #adjust(block: number, change: 1 | -1): void {
    const holders = this.holdersOf(block) + change;
    this.#holdersOfBlock[block] = holders;
    if (holders === 0) this.held.delete(block);
    else if (holders === 1) this.held.add(block);
  }

  #freeIfEmpty(row: number): void {
    if (this.#flags[row] !== 0 || this.isWanting(row)) return;
    const peer = this.#peerOf[row] ?? null;
    if (peer === null) return;
    this.#peerOf[row] = null;
    this.#size--;
    this.#free.push(row);
  }

  #grow(): void {
    const rows = this.#counts.length * growth;
    this.#words = grown(this.#words, new Uint32Array(rows * this.#wordCount));
    this.#counts = grown(this.#counts, new Uint32Array(rows));
    this.#wantedAtMs = grown(this.#wantedAtMs, new Float64Array(rows));
    this.#flags = grown(this.#flags, new Uint8Array(rows));
  }
}

function grown<Column extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
