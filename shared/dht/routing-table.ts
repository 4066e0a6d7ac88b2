import type { AgentId } from '../base/ids.ts';
import type { Contact, ContactBook } from './contact.ts';
import type { Place } from './node-id.ts';
import { idBits, placeOfAgent, sharedBits } from './node-id.ts';
import { placeIndexOf } from './place-index.ts';

/** A /22 has so many others; when more have failed, those that failed first are given another chance. */
const maxFailed = 1024;

export interface BucketReport {
  /** Leading bits shared with the own node id. */
  readonly sharedBits: number;
  readonly members: number;
  /** Known, but silent for too long or without an answer to the last request. */
  readonly unusable: number;
}

/**
 * Contacts by distance. The paper keeps k for each number of leading bits shared with the own node id, because nobody can know
 * a network of millions; of a subnet the book holds everybody who was heard (a /22 has 1,022 addresses), so that the table is
 * a view of it and keeps nothing but whom to leave out. Who is named by others is asked, and is in the book once it answers.
 */
export class RoutingTable {
  readonly #ownAgentId: AgentId;
  readonly #book: ContactBook;
  /** When they did not answer; whoever has been heard since counts again. */
  readonly #failedAtMs = new Map<AgentId, number>();

  constructor(ownAgentId: AgentId, book: ContactBook) {
    this.#ownAgentId = ownAgentId;
    this.#book = book;
  }

  /** A request to it was not answered: it is left out until it is heard. */
  failed(agentId: AgentId, nowMs: number): void {
    this.#failedAtMs.delete(agentId);
    this.#failedAtMs.set(agentId, nowMs);
    if (this.#failedAtMs.size <= maxFailed) return;
    const [first] = this.#failedAtMs.keys();
    if (first !== undefined) this.#failedAtMs.delete(first);
  }

  /** At most `count` contacts worth asking, the closest to the target first. */
  closest(target: Place, count: number): Contact[] {
    const found: Contact[] = [];
    placeIndexOf(this.#book.members()).closestFirst(target, (member) => {
      if (found.length < count && this.isUsable(member)) found.push(member);
      return found.length >= count;
    });
    return found;
  }

  /** Whether more contacts than so many are worth asking. */
  hasMoreThan(count: number): boolean {
    let usable = 0;
    for (const member of this.#book.members()) {
      if (usable > count) break;
      if (this.isUsable(member)) usable++;
    }
    return usable > count;
  }

  isUsable({ agentId }: Contact): boolean {
    if (agentId === this.#ownAgentId || !this.#book.isAvailable(agentId)) return false;
    const failedAtMs = this.#failedAtMs.get(agentId);
    return failedAtMs === undefined || (this.#book.lastHeardMs(agentId) ?? failedAtMs) > failedAtMs;
  }

  /** For people: how many are known in which distance. */
  report(): BucketReport[] {
    const own = placeOfAgent(this.#ownAgentId);
    const buckets = new Map<number, { members: number; unusable: number }>();
    for (const member of this.#book.members()) {
      if (member.agentId === this.#ownAgentId || this.#book.lastHeardMs(member.agentId) === null) continue;
      const bits = Math.min(sharedBits(own, placeOfAgent(member.agentId)), idBits - 1);
      const bucket = buckets.get(bits) ?? { members: 0, unusable: 0 };
      if (this.isUsable(member)) bucket.members++;
      else bucket.unusable++;
      buckets.set(bits, bucket);
    }
    return [...buckets].sort(([a], [b]) => a - b).map(([bits, bucket]) => ({ sharedBits: bits, ...bucket }));
  }
}
