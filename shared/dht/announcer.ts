import type { AgentId, PackageKey } from '../base/ids.ts';
import type { RandomPort } from '../base/prng.ts';
import type { Contact } from './contact.ts';
import type { LookupResult, Lookups } from './lookups.ts';
import type { DhtAnswer, HolderState, PackageEntry } from './messages.ts';
import { maxEntriesPerStore, replication } from './messages.ts';
import type { Place } from './node-id.ts';
import { compareDistance, placeOf, placeOfAgent } from './node-id.ts';
import { maxValuesPerAgent } from './package-state-store.ts';
import type { Requests } from './requests.ts';
import type { RoutingTable } from './routing-table.ts';

/** Values live for so many intervals: two announcements may be lost. */
const lifetimeIntervals = 3;
/**
 * A full lookup again after one round, and after twice as many each time that it named the same nodes: a subnet that grows
 * moves keys to newcomers, one that is at rest costs no lookups. At once after so many where it named those who were known to be
 * closest: whoever hears a whole subnet hears of newcomers as well.
 */
const maxRoundsPerLookup = 8;
/** An agent that comes back with hundreds of packages does not fill the subnet with lookups: 20 a second, two at a time. */
const lookupSpacingMs = 50;
const parallelLookups = 2;
/** Where half of the nodes say "enough", the next announcement is so many rounds away, and up to as many more by chance. */
const restRounds = 8;
/** STOREs that could not be sent because too many requests are under way. */
const resendAfterMs = 100;
/** Tokens remembered; a /22 has so many nodes. */
const maxTokens = 1024;

interface Announced {
  readonly place: Place;
  entry: PackageEntry;
  /** What the nodes were told last; null = nothing yet. */
  toldState: HolderState | null;
  /** The nodes that keep the value; empty = a lookup has to find them. */
  targets: readonly Contact[];
  roundsUntilLookup: number;
  roundsPerLookup: number;
  /** A lookup after a failure is made once a round: who answers lookups and no STOREs must not keep us busy. */
  hasLookedUpAgain: boolean;
  restsForRounds: number;
  enoughAnswers: number;
}

export interface AnnouncerSurroundings {
  readonly random: RandomPort;
  readonly table: RoutingTable;
  readonly requests: Requests;
  readonly lookups: Lookups;
  failed(contact: Contact, nowMs: number): void;
}

/**
 * Keeps the own packages announced at the k nodes closest to each key. What goes to the same node goes in one datagram; the
 * nodes of the last round are used again, so that in a quiet subnet a round is one STORE and one answer for each of them.
 */
export class Announcer {
  readonly #surroundings: AnnouncerSurroundings;
  readonly #announced = new Map<PackageKey, Announced>();
  readonly #tokens = new Map<AgentId, number>();
  readonly #lookupQueue = new Set<PackageKey>();
  #lookupsRunning = 0;
  #lookupAtMs = Number.NEGATIVE_INFINITY;
  /** By node: what it is to be told. */
  readonly #outbox = new Map<AgentId, { readonly contact: Contact; readonly keys: Set<PackageKey> }>();
  #resendAtMs = Number.POSITIVE_INFINITY;
  #lifetimeMs = 0;

  constructor(surroundings: AnnouncerSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Keys that are kept announced. */
  get count(): number {
    return this.#announced.size;
  }

  isAnnouncing(key: PackageKey): boolean {
    return this.#announced.has(key);
  }

  /**
   * `entries`: all packages of this agent; what is missing there is not announced any more. `changed` tells only what is
   * new or has another state than the nodes know, `all` is the round of an announcement interval.
   */
  publish(which: 'changed' | 'all', entries: readonly PackageEntry[], intervalMs: number, nowMs: number): void {
    this.#lifetimeMs = Math.ceil(lifetimeIntervals * intervalMs);
    this.#setEntries(entries);
    for (const [key, announced] of this.#announced) {
      const isChanged = announced.toldState !== announced.entry.state;
      if (which === 'all') {
        announced.hasLookedUpAgain = false;
        announced.enoughAnswers = 0;
        announced.restsForRounds = Math.max(0, announced.restsForRounds - 1);
      }
      const isDue = which === 'all' && announced.restsForRounds === 0;
      if (isDue) announced.roundsUntilLookup = Math.max(0, announced.roundsUntilLookup - 1);
      if (isChanged || isDue) this.#announce(key, announced);
    }
    this.step(nowMs);
  }

  /** Starts lookups, sends what is ready; returns when to look again. */
  step(nowMs: number): number {
    while (this.#lookupQueue.size > 0 && this.#lookupsRunning < parallelLookups && nowMs >= this.#lookupAtMs) {
      this.#lookUpNext(nowMs);
    }
    const isWaiting = this.#lookupQueue.size > 0 || this.#lookupsRunning > 0;
    if (nowMs >= this.#resendAtMs) this.#resendAtMs = Number.POSITIVE_INFINITY;
    if (this.#resendAtMs === Number.POSITIVE_INFINITY) this.#flush(nowMs, isWaiting ? maxEntriesPerStore : 1);
    const lookupMs =
      this.#lookupQueue.size > 0 && this.#lookupsRunning < parallelLookups
        ? this.#lookupAtMs
        : Number.POSITIVE_INFINITY;
    return Math.min(lookupMs, this.#resendAtMs);
  }

  #setEntries(entries: readonly PackageEntry[]): void {
    // Nobody can take anything from a holder of nothing.
    const kept = entries.filter(({ blocks }) => blocks > 0).slice(0, maxValuesPerAgent);
    const keys = new Set(kept.map(({ key }) => key));
    for (const key of [...this.#announced.keys()]) if (!keys.has(key)) this.#forget(key);
    for (const entry of kept) {
      const known = this.#announced.get(entry.key);
      if (known !== undefined) known.entry = entry;
      else {
        this.#announced.set(entry.key, {
          place: placeOf(entry.key),
          entry,
          toldState: null,
          targets: [],
          roundsUntilLookup: 0,
          roundsPerLookup: 1,
          hasLookedUpAgain: false,
          restsForRounds: 0,
          enoughAnswers: 0,
        });
      }
    }
  }

  #forget(key: PackageKey): void {
    this.#announced.delete(key);
    this.#lookupQueue.delete(key);
  }

  #announce(key: PackageKey, announced: Announced): void {
    const { table } = this.#surroundings;
    announced.toldState = announced.entry.state;
    announced.restsForRounds = 0;
    if (!table.hasMoreThan(replication)) {
      // Everybody known is a target. As soon as more are known, a lookup finds out who is closest.
      announced.roundsUntilLookup = 0;
      this.#tell(key, announced, table.closest(announced.place, replication));
    } else if (announced.targets.length === 0 || announced.roundsUntilLookup === 0) this.#lookupQueue.add(key);
    else this.#tell(key, announced, this.#knownTargets(announced));
  }

  /** The nodes of the last round, or closer ones that were heard of since. */
  #knownTargets({ place, targets }: Announced): Contact[] {
    const { table } = this.#surroundings;
    const known = new Map(targets.map((contact) => [contact.agentId, contact]));
    for (const contact of table.closest(place, replication)) known.set(contact.agentId, contact);
    return [...known.values()]
      .sort((a, b) => compareDistance(place, placeOfAgent(a.agentId), placeOfAgent(b.agentId)))
      .slice(0, replication);
  }

  #lookUpNext(nowMs: number): void {
    const [key] = this.#lookupQueue;
    if (key === undefined) return;
    this.#lookupQueue.delete(key);
    this.#lookupsRunning++;
    this.#lookupAtMs = nowMs + lookupSpacingMs;
    const { table, lookups } = this.#surroundings;
    const known = table.closest(placeOf(key), replication);
    const ended = (result: LookupResult, atMs: number): void => {
      this.#lookupsRunning--;
      const announced = this.#announced.get(key);
      if (announced !== undefined) {
        for (const { contact, token } of result.closest) this.#keepToken(contact.agentId, token);
        const targets = result.closest.map(({ contact }) => contact);
        planNextLookup(announced, targets, known);
        this.#tell(key, announced, targets);
      }
      this.step(atMs);
    };
    lookups.start({ subject: { purpose: 'announce', target: key }, ownHolders: [], ended }, nowMs);
  }

  #tell(key: PackageKey, announced: Announced, targets: readonly Contact[]): void {
    announced.targets = targets;
    for (const contact of targets) this.#put(contact, key);
  }

  #put(contact: Contact, key: PackageKey): void {
    const waiting = this.#outbox.get(contact.agentId) ?? { contact, keys: new Set<PackageKey>() };
    waiting.keys.add(key);
    this.#outbox.set(contact.agentId, waiting);
  }

  /** Sends to whom at least so many entries wait for. */
  #flush(nowMs: number, atLeast: number): void {
    for (const [agentId, { contact, keys }] of [...this.#outbox]) {
      if (keys.size < atLeast) continue;
      this.#outbox.delete(agentId);
      const all = [...keys];
      for (let first = 0; first < all.length; first += maxEntriesPerStore) {
        this.#store(contact, all.slice(first, first + maxEntriesPerStore), true, nowMs);
      }
    }
  }

  #store(contact: Contact, keys: readonly PackageKey[], mayRepeat: boolean, nowMs: number): void {
    const entries = keys.flatMap((key) => this.#announced.get(key)?.entry ?? []);
    if (entries.length === 0) return;
    const token = this.#tokens.get(contact.agentId) ?? 0;
    const wasSent = this.#surroundings.requests.send(
      contact,
      nowMs,
      (requestId) => ({ kind: 'store', requestId, token, lifetimeMs: this.#lifetimeMs, entries }),
      {
        answered: (answer, atMs) => this.#stored(contact, entries, answer, mayRepeat, atMs),
        slow: () => undefined,
        failed: (atMs) => {
          this.#surroundings.failed(contact, atMs);
          for (const { key } of entries) this.#lost(key, contact);
          this.step(atMs);
        },
      },
    );
    if (wasSent) return;
    for (const { key } of entries) this.#put(contact, key);
    this.#resendAtMs = nowMs + resendAfterMs;
  }

  #stored(
    contact: Contact,
    entries: readonly PackageEntry[],
    answer: DhtAnswer,
    mayRepeat: boolean,
    nowMs: number,
  ): void {
    if (answer.kind !== 'stored') return;
    this.#keepToken(contact.agentId, answer.token);
    if (!answer.isAccepted) {
      const keys = entries.map(({ key }) => key);
      if (mayRepeat) this.#store(contact, keys, false, nowMs);
      return;
    }
    for (const place of answer.enough) this.#noteEnough(entries[place]?.key);
  }

  /** Half of the nodes have no use for the value: rest for a while, not in step with the others that do. */
  #noteEnough(key: PackageKey | undefined): void {
    const announced = key === undefined ? undefined : this.#announced.get(key);
    if (announced === undefined) return;
    announced.enoughAnswers++;
    if (announced.enoughAnswers * 2 < announced.targets.length || announced.restsForRounds > 0) return;
    announced.restsForRounds = restRounds + this.#surroundings.random.below(restRounds);
  }

  /** A node that kept the value is gone: the next one takes its place. */
  #lost(key: PackageKey, contact: Contact): void {
    const announced = this.#announced.get(key);
    if (announced === undefined) return;
    announced.targets = announced.targets.filter(({ agentId }) => agentId !== contact.agentId);
    announced.roundsUntilLookup = 0;
    if (announced.hasLookedUpAgain || !this.#surroundings.table.hasMoreThan(replication)) return;
    announced.hasLookedUpAgain = true;
    this.#lookupQueue.add(key);
  }

  #keepToken(agentId: AgentId, token: number): void {
    this.#tokens.delete(agentId);
    this.#tokens.set(agentId, token);
    if (this.#tokens.size <= maxTokens) return;
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined) this.#tokens.delete(oldest);
  }
}

/** `known`: who was known to be closest before the lookup that found these. */
function planNextLookup(announced: Announced, targets: readonly Contact[], known: readonly Contact[]): void {
  const areAllOf = (before: readonly Contact[]): boolean =>
    targets.length > 0 && targets.every((target) => before.some(({ agentId }) => agentId === target.agentId));
  if (areAllOf(known)) announced.roundsPerLookup = maxRoundsPerLookup;
  else if (areAllOf(announced.targets)) {
    announced.roundsPerLookup = Math.min(2 * announced.roundsPerLookup, maxRoundsPerLookup);
  } else announced.roundsPerLookup = 1;
  announced.roundsUntilLookup = announced.roundsPerLookup;
}
