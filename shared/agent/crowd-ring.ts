import type { AgentId } from '../base/ids.ts';

/** From so many on, those who want a package are a crowd: what each told all others would be more than the blocks' worth. */
export const smallestCrowd = 24;
/** So many get a block next, and are told, by each that has it. */
export const nextPlaces = 3;
/** Between the first places of two blocks: who has one of them first does not have the next. */
const placesApart = 5;

/**
 * All that want a package, this agent included, in a ring in the order of their ids. Each block passes along it from another
 * first place: who stands at place p gets it from place ⌊p ÷ 3⌋ − 1, so that every word reaches somebody who waits for it, and
 * each needs to be said once.
 */
export class CrowdRing {
  readonly #ownId: AgentId;
  #others: readonly AgentId[] = [];
  #ownIndex = 0;
  #largestCrowd = 0;

  constructor(ownId: AgentId) {
    this.#ownId = ownId;
  }

  /** `others`: who else wants the package, sorted; the same array where nothing has changed. */
  follow(others: readonly AgentId[]): void {
    if (others === this.#others) return;
    this.#others = others;
    this.#ownIndex = placeAmong(others, this.#ownId);
    if (this.isCrowd) this.#largestCrowd = Math.max(this.#largestCrowd, this.size);
  }

  /** How many wanted it when most did; 0 where they never were a crowd. */
  get largestCrowd(): number {
    return this.#largestCrowd;
  }

  get size(): number {
    return this.#others.length + 1;
  }

  get isCrowd(): boolean {
    return this.size >= smallestCrowd;
  }

  /** Where this agent stands for the block, 0 = first. */
  placeFor(block: number): number {
    return (this.#ownIndex + block * placesApart) % this.size;
  }

  /** From whom this agent is to have the block; null for the first, who have it from whoever fetches it, and for itself. */
  giverOf(block: number): AgentId | null {
    const place = this.placeFor(block);
    return place < nextPlaces ? null : this.#at(Math.floor(place / nextPlaces) - 1, block);
  }

  /** Who is to have the block from this agent. */
  takersOf(block: number): AgentId[] {
    const first = (this.placeFor(block) + 1) * nextPlaces;
    const takers: AgentId[] = [];
    for (let place = first; place < Math.min(first + nextPlaces, this.size); place++) {
      const taker = this.#at(place, block);
      if (taker !== null) takers.push(taker);
    }
    return takers;
  }

  #at(place: number, block: number): AgentId | null {
    const { size } = this;
    const index = (((place - block * placesApart) % size) + size) % size;
    if (index === this.#ownIndex) return null;
    return this.#others[index < this.#ownIndex ? index : index - 1] ?? null;
  }
}

/** How many of the sorted agents come before this one. */
export function placeAmong(sorted: readonly AgentId[], agent: AgentId): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') >= agent) high = middle;
    else low = middle + 1;
  }
  return low;
}
