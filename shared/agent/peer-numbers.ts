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

  /** −1 where it has none. */
  find(peer: AgentId): number {
    return this.#numberOf.get(peer) ?? -1;
  }

  /** Its number, a new one where it has none. */
  take(peer: AgentId): number {
    const known = this.#numberOf.get(peer);
    if (known !== undefined) return known;
    const number = this.#next;
    this.#next = (number + 1) % maxNumbers;
    const before = this.#peers[number];
    if (before !== undefined) this.#numberOf.delete(before);
    this.#peers[number] = peer;
    this.#numberOf.set(peer, number);
    return number;
  }
}
