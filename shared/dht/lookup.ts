import type { AgentId } from '../base/ids.ts';
import type { Contact } from './contact.ts';
import type { HolderValue } from './messages.ts';
import { replication } from './messages.ts';
import type { Place } from './node-id.ts';
import { compareDistance, placeOfAgent } from './node-id.ts';

/** α of the paper: requests under way that may still be answered soon. */
const parallelRequests = 3;
/** Twice the hops × α that a full /22 takes; a chain of lies ends here. */
const maxAsked = 40;
/** Contacts remembered in one lookup. */
const maxCandidates = 128;

interface Candidate {
  readonly contact: Contact;
  readonly place: Place;
  /** Answers that led to it, and one. */
  readonly hop: number;
  state: 'new' | 'asked' | 'slow' | 'answered' | 'failed';
  token: number;
}

/** A node that answered: it is one of the closest there are. */
export interface ClosestNode {
  readonly contact: Contact;
  /** 0 where none was asked for. */
  readonly token: number;
}

/**
 * One iterative lookup (§2.3 of the paper): asks the closest nodes known for closer ones until the k closest that live have
 * answered, or until holders enough are known. It sends nothing: `next` says whom to ask, answers are told to it.
 */
export class Lookup {
  readonly target: Place;
  readonly #ownAgentId: AgentId;
  readonly #wantedHolders: number;
  readonly #holders = new Map<AgentId, HolderValue>();
  readonly #known = new Set<AgentId>();
  /** The closest first. */
  #candidates: Candidate[] = [];
  #freshHolders = 0;
  #asked = 0;
  #hops = 0;
  #isEnded = false;

  /** `wantedHolders`: how many fresh ones end the lookup; Infinity asks all k closest whatever they know. */
  constructor(target: Place, ownAgentId: AgentId, start: readonly Contact[], wantedHolders: number) {
    this.target = target;
    this.#ownAgentId = ownAgentId;
    this.#wantedHolders = wantedHolders;
    this.#add(start, 1);
  }

  get contacted(): number {
    return this.#asked;
  }

  /** Of the farthest answer; 0 where nobody answered. */
  get hops(): number {
    return this.#hops;
  }

  /** The fresh first. */
  get holders(): readonly HolderValue[] {
    const holders = [...this.#holders.values()];
    return [...holders.filter(({ isFresh }) => isFresh), ...holders.filter(({ isFresh }) => !isFresh)];
  }

  get isDone(): boolean {
    if (this.#isEnded || this.#freshHolders >= this.#wantedHolders) return true;
    return this.#closestLiving().every(
      ({ state }) => state === 'answered' || (state === 'new' && this.#asked >= maxAsked),
    );
  }

  /** The k closest that answered. */
  get closest(): readonly ClosestNode[] {
    return this.#candidates
      .filter(({ state }) => state === 'answered')
      .slice(0, replication)
      .map(({ contact, token }) => ({ contact, token }));
  }

  /** Whom to ask now; each is taken as asked. */
  next(): Contact[] {
    const chosen: Contact[] = [];
    if (this.isDone) return chosen;
    let underWay = this.#candidates.filter(({ state }) => state === 'asked').length;
    for (const candidate of this.#closestLiving()) {
      if (underWay >= parallelRequests || this.#asked >= maxAsked) break;
      if (candidate.state !== 'new') continue;
      candidate.state = 'asked';
      this.#asked++;
      underWay++;
      chosen.push(candidate.contact);
    }
    return chosen;
  }

  answered(agentId: AgentId, token: number, contacts: readonly Contact[], holders: readonly HolderValue[]): void {
    const candidate = this.#find(agentId);
    if (candidate === undefined || candidate.state === 'answered') return;
    candidate.state = 'answered';
    candidate.token = token;
    this.#hops = Math.max(this.#hops, candidate.hop);
    this.#add(contacts, candidate.hop + 1);
    for (const holder of holders) this.addHolder(holder);
  }

  addHolder(holder: HolderValue): void {
    if (holder.agentId === this.#ownAgentId || this.#holders.get(holder.agentId)?.isFresh === true) return;
    this.#holders.set(holder.agentId, holder);
    if (holder.isFresh) this.#freshHolders++;
  }

  /** It takes long: others may be asked meanwhile. */
  slow(agentId: AgentId): void {
    const candidate = this.#find(agentId);
    if (candidate?.state === 'asked') candidate.state = 'slow';
  }

  failed(agentId: AgentId): void {
    const candidate = this.#find(agentId);
    if (candidate !== undefined && candidate.state !== 'answered') candidate.state = 'failed';
  }

  /** What is known by now has to do. */
  end(): void {
    this.#isEnded = true;
  }

  #closestLiving(): Candidate[] {
    const living: Candidate[] = [];
    for (const candidate of this.#candidates) {
      if (candidate.state === 'failed') continue;
      living.push(candidate);
      if (living.length === replication) break;
    }
    return living;
  }

  #find(agentId: AgentId): Candidate | undefined {
    return this.#candidates.find(({ contact }) => contact.agentId === agentId);
  }

  #add(contacts: readonly Contact[], hop: number): void {
    let hasChanged = false;
    for (const contact of contacts) {
      if (contact.agentId === this.#ownAgentId || this.#known.has(contact.agentId)) continue;
      if (this.#known.size >= maxCandidates) break;
      this.#known.add(contact.agentId);
      this.#candidates.push({ contact, place: placeOfAgent(contact.agentId), hop, state: 'new', token: 0 });
      hasChanged = true;
    }
    if (hasChanged) this.#candidates.sort((a, b) => compareDistance(this.target, a.place, b.place));
  }
}
