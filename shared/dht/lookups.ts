import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Contact } from './contact.ts';
import type { ClosestNode } from './lookup.ts';
import { Lookup } from './lookup.ts';
import type { DhtAnswer, DhtRequest, HolderValue } from './messages.ts';
import { replication } from './messages.ts';
import type { NodeId } from './node-id.ts';
import { placeOf } from './node-id.ts';
import { enoughHolders } from './package-state-store.ts';
import type { Requests } from './requests.ts';
import type { RoutingTable } from './routing-table.ts';

/** An agent runs a few downloads at a time, and announces two packages at a time. */
const maxRunning = 8;
/** Packages that wait for a lookup at a start; whoever comes later is told that nothing was found. */
const maxWaiting = 64;
/** The end of a lookup among nodes that do not answer: each costs a request timeout at most, three at a time. */
const maxDurationMs = 3000;
/** What the agent's page shows. */
const keptReports = 20;

/** For whom a lookup runs: a download and an announcement look for a package, a node that joins for its own id. */
type Subject =
  | { readonly purpose: 'download' | 'announce'; readonly target: PackageKey }
  | { readonly purpose: 'join'; readonly target: NodeId };

export interface LookupReport {
  readonly purpose: Subject['purpose'];
  readonly target: PackageKey | NodeId;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly hops: number;
  readonly contacted: number;
  readonly holders: number;
}

export interface LookupResult {
  readonly holders: readonly HolderValue[];
  readonly closest: readonly ClosestNode[];
}

interface Wanted {
  readonly subject: Subject;
  /** What this node knows itself. */
  readonly ownHolders: readonly HolderValue[];
  readonly ended: (result: LookupResult, nowMs: number) => void;
}

export interface LookupsSurroundings {
  readonly ownAgentId: AgentId;
  readonly table: RoutingTable;
  readonly requests: Requests;
  /** Drops contacts and holders that are not of the subnet. */
  ofSubnet<Named extends Contact>(named: readonly Named[]): Named[];
  failed(contact: Contact, nowMs: number): void;
}

/** Runs lookups, a bounded number at a time, and remembers how the last ones went. */
export class Lookups {
  readonly #surroundings: LookupsSurroundings;
  readonly #running = new Map<Lookup, { readonly wanted: Wanted; readonly startedAtMs: number }>();
  readonly #waiting: Wanted[] = [];
  readonly #reports: LookupReport[] = [];

  constructor(surroundings: LookupsSurroundings) {
    this.#surroundings = surroundings;
  }

  /** The newest last. */
  get reports(): readonly LookupReport[] {
    return this.#reports;
  }

  start(wanted: Wanted, nowMs: number): void {
    if (this.#running.size < maxRunning) this.#run(wanted, nowMs);
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(wanted);
    else wanted.ended({ holders: wanted.ownHolders, closest: [] }, nowMs);
  }

  /** Ends what has taken too long; returns when to look again. */
  step(nowMs: number): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [lookup, { startedAtMs }] of [...this.#running]) {
      if (nowMs >= startedAtMs + maxDurationMs) {
        lookup.end();
        this.#proceed(lookup, nowMs);
      } else nextMs = Math.min(nextMs, startedAtMs + maxDurationMs);
    }
    return nextMs;
  }

  /** Ends all with what is known by now. */
  endAll(nowMs: number): void {
    for (const wanted of this.#waiting.splice(0)) wanted.ended({ holders: wanted.ownHolders, closest: [] }, nowMs);
    for (const lookup of [...this.#running.keys()]) {
      lookup.end();
      this.#proceed(lookup, nowMs);
    }
  }

  #run(wanted: Wanted, nowMs: number): void {
    const { ownAgentId, table } = this.#surroundings;
    const { purpose, target } = wanted.subject;
    const place = placeOf(target);
    // More than k to begin with: some of them may be gone.
    const wantedHolders = purpose === 'download' ? enoughHolders : Number.POSITIVE_INFINITY;
    const lookup = new Lookup(place, ownAgentId, table.closest(place, 2 * replication), wantedHolders);
    for (const holder of wanted.ownHolders) lookup.addHolder(holder);
    this.#running.set(lookup, { wanted, startedAtMs: nowMs });
    this.#proceed(lookup, nowMs);
  }

  #proceed(lookup: Lookup, nowMs: number): void {
    const run = this.#running.get(lookup);
    if (run === undefined) return;
    for (let chosen = lookup.next(); chosen.length > 0; chosen = lookup.next()) {
      for (const contact of chosen) this.#ask(lookup, run.wanted.subject, contact, nowMs);
    }
    if (!lookup.isDone) return;
    this.#running.delete(lookup);
    this.#report(lookup, run.wanted.subject, run.startedAtMs, nowMs);
    run.wanted.ended({ holders: lookup.holders, closest: lookup.closest }, nowMs);
    const next = this.#running.size < maxRunning ? this.#waiting.shift() : undefined;
    if (next !== undefined) this.#run(next, nowMs);
  }

  #ask(lookup: Lookup, subject: Subject, contact: Contact, nowMs: number): void {
    const { requests, failed } = this.#surroundings;
    const wasSent = requests.send(contact, nowMs, (requestId) => requestOf(subject, requestId), {
      answered: (answer, atMs) => {
        this.#take(lookup, contact, answer);
        this.#proceed(lookup, atMs);
      },
      slow: (atMs) => {
        lookup.slow(contact.agentId);
        this.#proceed(lookup, atMs);
      },
      failed: (atMs) => {
        failed(contact, atMs);
        lookup.failed(contact.agentId);
        this.#proceed(lookup, atMs);
      },
    });
    if (!wasSent) lookup.failed(contact.agentId);
  }

  #take(lookup: Lookup, from: Contact, answer: DhtAnswer): void {
    const { ofSubnet } = this.#surroundings;
    if (answer.kind === 'nodes') lookup.answered(from.agentId, 0, ofSubnet(answer.contacts), []);
    else if (answer.kind === 'holders') {
      lookup.answered(from.agentId, answer.token, ofSubnet(answer.contacts), ofSubnet(answer.holders));
    } else lookup.failed(from.agentId);
  }

  #report(lookup: Lookup, { purpose, target }: Subject, startedAtMs: number, nowMs: number): void {
    const { hops, contacted } = lookup;
    const holders = lookup.holders.length;
    this.#reports.push({ purpose, target, startedAtMs, durationMs: nowMs - startedAtMs, hops, contacted, holders });
    if (this.#reports.length > keptReports) this.#reports.shift();
  }
}

function requestOf(subject: Subject, requestId: number): DhtRequest {
  return subject.purpose === 'join'
    ? { kind: 'find-node', requestId, target: subject.target }
    : { kind: 'find-holders', requestId, key: subject.target, wantsToken: subject.purpose === 'announce' };
}
