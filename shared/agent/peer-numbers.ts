import type { AgentId } from '../base/ids.ts';

/** Four times what a directory keeps: whoever has a number is hardly ever one that has been forgotten. */
const maxNumbers = 4096;

/**
 * Small numbers for peers, so that what is kept of each is a column instead of a map by its id. A number may be given to
 * another peer once all are in use: whoever keeps something by number compares the id as well.
 */
export class PeerNumbers {
  readonly #numberOf = new Map<AgentId, number>();
  readonly #peers: AgentId[] = [];
  #next = 0;
  /** Asked for last, and mostly again: one word of a peer is noted in several places. */
  #found: AgentId | null = null;
  #foundNumber = -1;

  /** −1 where it has none. */
  find(peer: AgentId): number {
    if (peer === this.#found) return this.#foundNumber;
    const number = this.#numberOf.get(peer) ?? -1;
    this.#remember(peer, number);
    return number;
  }

  /** Its number, a new one where it has none. */
  take(peer: AgentId): number {
    const known = this.find(peer);
    if (known >= 0) return known;
    const number = this.#next;
    this.#next = (number + 1) % maxNumbers;
    const before = this.#peers[number];
    if (before !== undefined) this.#numberOf.delete(before);
    this.#peers[number] = peer;
    this.#numberOf.set(peer, number);
    this.#remember(peer, number);
    return number;
  }

  #remember(peer: AgentId, number: number): void {
    this.#found = peer;
    this.#foundNumber = number;
  }
}
