import type { AgentId } from '../base/ids.ts';
import type { Contact, ContactBook } from './contact.ts';
import { replication } from './messages.ts';
import type { Place } from './node-id.ts';
import { compareDistance, idBits, placeOfAgent, sharedBits } from './node-id.ts';

/** Newcomers kept for a full bucket: one for each member that may turn out to be gone. */
const maxCandidates = replication;

interface Bucket {
  members: Contact[];
  /** Heard while the bucket was full, the latest last. */
  candidates: Contact[];
}

export interface BucketReport {
  /** Leading bits shared with the own node id. */
  readonly sharedBits: number;
  readonly members: number;
  readonly candidates: number;
}

/**
 * Contacts by distance: one bucket of k for each number of leading bits shared with the own node id, so that the own
 * neighbourhood is known whole and far regions by a few. A member is given up only when it fails to answer and another can
 * take its place; who has long been there stays, because such nodes live longest (§2.1 of the paper). At most 160 × 16
 * contacts; a /22 full of agents fills about seven buckets.
 */
export class RoutingTable {
  readonly #own: Place;
  readonly #ownAgentId: AgentId;
  readonly #book: ContactBook;
  readonly #buckets: (Bucket | undefined)[] = [];
  /** Members that did not answer the last request and have not been heard since. */
  readonly #failed = new Set<AgentId>();

  constructor(ownAgentId: AgentId, book: ContactBook) {
    this.#ownAgentId = ownAgentId;
    this.#own = placeOfAgent(ownAgentId);
    this.#book = book;
  }

  /**
   * Takes note of a contact that was heard. Where its bucket is full it waits as a candidate, and the member that has been
   * silent longest is returned if it should be pinged: `failed` then makes room.
   */
  heard(contact: Contact): Contact | null {
    if (contact.agentId === this.#ownAgentId) return null;
    this.#failed.delete(contact.agentId);
    const bucket = this.#bucketOf(contact.agentId);
    const place = bucket.members.findIndex(({ agentId }) => agentId === contact.agentId);
    if (place >= 0) {
      bucket.members[place] = contact;
      return null;
    }
    bucket.candidates = bucket.candidates.filter(({ agentId }) => agentId !== contact.agentId);
    if (bucket.members.length < replication) {
      bucket.members.push(contact);
      return null;
    }
    const failed = bucket.members.findIndex((member) => this.#failed.has(member.agentId));
    if (failed >= 0) {
      this.#replace(bucket, failed, contact);
      return null;
    }
    bucket.candidates.push(contact);
    if (bucket.candidates.length > maxCandidates) bucket.candidates.shift();
    const silent = this.#leastRecentlyHeard(bucket.members);
    return silent !== null && !this.#book.isFresh(silent.agentId) ? silent : null;
  }

  /** A request to it was not answered: the latest candidate that is worth asking takes its place, else it stays, unused. */
  failed(agentId: AgentId): void {
    const bucket = this.#bucketOf(agentId);
    const place = bucket.members.findIndex((member) => member.agentId === agentId);
    if (place < 0) return;
    this.#failed.add(agentId);
    const candidate = bucket.candidates.findLast((other) => this.#book.isAvailable(other.agentId));
    if (candidate === undefined) return;
    bucket.candidates = bucket.candidates.filter((other) => other !== candidate);
    this.#replace(bucket, place, candidate);
  }

  /** It said goodbye, or its address is no longer of this subnet. */
  remove(agentId: AgentId): void {
    const bucket = this.#bucketOf(agentId);
    bucket.members = bucket.members.filter((member) => member.agentId !== agentId);
    bucket.candidates = bucket.candidates.filter((member) => member.agentId !== agentId);
    this.#failed.delete(agentId);
    const next = bucket.members.length < replication ? bucket.candidates.pop() : undefined;
    if (next !== undefined) bucket.members.push(next);
  }

  /** At most `count` contacts worth asking, the closest to the target first. */
  closest(target: Place, count: number): Contact[] {
    const found: Contact[] = [];
    const take = (members: readonly Contact[]): void => {
      if (found.length >= count) return;
      const usable = members.filter((member) => this.isUsable(member));
      usable.sort((a, b) => compareDistance(target, placeOfAgent(a.agentId), placeOfAgent(b.agentId)));
      for (const member of usable) if (found.length < count) found.push(member);
    };
    // Each of these sets is farther from the target than all before it: only within a set distances need comparing.
    const shared = sharedBits(this.#own, target);
    take(this.#buckets[shared]?.members ?? []);
    take(this.#buckets.slice(shared + 1).flatMap((bucket) => bucket?.members ?? []));
    for (let bits = Math.min(shared, this.#buckets.length) - 1; bits >= 0; bits--)
      take(this.#buckets[bits]?.members ?? []);
    return found;
  }

  /** Contacts worth asking, over all buckets. */
  get usableCount(): number {
    let count = 0;
    for (const bucket of this.#buckets) for (const member of bucket?.members ?? []) if (this.isUsable(member)) count++;
    return count;
  }

  isUsable(contact: Contact): boolean {
    return this.#book.isAvailable(contact.agentId) && !this.#failed.has(contact.agentId);
  }

  report(): BucketReport[] {
    return this.#buckets.flatMap((bucket, bits) =>
      bucket === undefined || bucket.members.length === 0
        ? []
        : [{ sharedBits: bits, members: bucket.members.length, candidates: bucket.candidates.length }],
    );
  }

  #bucketOf(agentId: AgentId): Bucket {
    const bits = Math.min(sharedBits(this.#own, placeOfAgent(agentId)), idBits - 1);
    const known = this.#buckets[bits];
    if (known !== undefined) return known;
    const made: Bucket = { members: [], candidates: [] };
    while (this.#buckets.length < bits) this.#buckets.push(undefined);
    this.#buckets[bits] = made;
    return made;
  }

  #replace(bucket: Bucket, place: number, contact: Contact): void {
    const before = bucket.members[place];
    if (before !== undefined) this.#failed.delete(before.agentId);
    bucket.members[place] = contact;
  }

  #leastRecentlyHeard(members: readonly Contact[]): Contact | null {
    let least: Contact | null = null;
    let leastMs = Number.POSITIVE_INFINITY;
    for (const member of members) {
      const heardMs = this.#book.lastHeardMs(member.agentId) ?? Number.NEGATIVE_INFINITY;
      if (heardMs < leastMs) least = member;
      leastMs = Math.min(leastMs, heardMs);
    }
    return least;
  }
}
