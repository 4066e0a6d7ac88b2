import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { RandomPort } from '../base/prng.ts';
import { Announcer } from './announcer.ts';
import type { Contact, ContactBook } from './contact.ts';
import { answerFindHolders } from './handlers/find-holders.ts';
import { answerFindNode } from './handlers/find-node.ts';
import type { NodeParts } from './handlers/node-parts.ts';
import { answerPing } from './handlers/ping.ts';
import { answerStore } from './handlers/store.ts';
import type { LookupReport, LookupResult } from './lookups.ts';
import { Lookups } from './lookups.ts';
import type { DhtAnswer, DhtMessage, DhtRequest, HolderValue, PackageEntry } from './messages.ts';
import { contactOf, isDhtRequest, replication } from './messages.ts';
import type { NodeId } from './node-id.ts';
import { nodeIdOf } from './node-id.ts';
import { PackageStateStore } from './package-state-store.ts';
import { Requests } from './requests.ts';
import type { BucketReport } from './routing-table.ts';
import { RoutingTable } from './routing-table.ts';
import { WriteTokens } from './write-tokens.ts';

export interface DhtNodeOptions {
  /** The agent, and its address in this subnet. */
  readonly self: Contact;
  /**
   * Whether the agent lives in this subnet: then it stores, answers and announces there. In an additional subnet it only
   * asks.
   */
  readonly isResident: boolean;
  /** Nobody outside is asked, kept or told of. */
  readonly isOfSubnet: (address: Ipv4) => boolean;
  readonly book: ContactBook;
  readonly random: RandomPort;
  /** What this agent holds of a package itself, or null. */
  readonly ownHolding: (key: PackageKey) => PackageEntry | null;
  readonly send: (to: Contact, message: DhtMessage) => void;
}

export interface DhtReport {
  readonly nodeId: NodeId;
  readonly buckets: readonly BucketReport[];
  readonly stored: { readonly keys: number; readonly values: number };
  readonly announced: number;
  /** The newest last. */
  readonly lookups: readonly LookupReport[];
}

/** One agent in the DHT of one subnet. Whoever owns it calls `step` no later than each call says. */
export class DhtNode {
  readonly #options: DhtNodeOptions;
  readonly #parts: NodeParts;
  readonly #requests: Requests;
  readonly #lookups: Lookups;
  readonly #announcer: Announcer;
  #isClosed = false;
  #joining: 'not-yet' | 'running' | 'done' = 'not-yet';
  /** What is to be announced once the node has joined. */
  #announceAfterJoin: ((nowMs: number) => void) | null = null;

  constructor(options: DhtNodeOptions, nowMs: number) {
    this.#options = options;
    const { self, book, random, isOfSubnet, ownHolding } = options;
    const table = new RoutingTable(self.agentId, book);
    const store = new PackageStateStore(random);
    this.#parts = { self, table, store, tokens: new WriteTokens(random, nowMs), isOfSubnet, ownHolding };
    this.#requests = new Requests(random, (to, request) => {
      if (!this.#isClosed) options.send(to, request);
    });
    const failed = (contact: Contact, atMs: number): void => table.failed(contact.agentId, atMs);
    this.#lookups = new Lookups({
      ownAgentId: self.agentId,
      table,
      requests: this.#requests,
      ofSubnet: (named) => named.filter(({ address }) => isOfSubnet(address)),
      failed,
    });
    this.#announcer = new Announcer({
      random,
      table,
      requests: this.#requests,
      lookups: this.#lookups,
      failed,
    });
  }

  get self(): Contact {
    return this.#options.self;
  }

  /** Keys that are kept announced. */
  get announcedCount(): number {
    return this.#announcer.count;
  }

  isAnnouncing(key: PackageKey): boolean {
    return this.#announcer.isAnnouncing(key);
  }

  /** It said goodbye. */
  gone(agentId: AgentId): void {
    this.#parts.store.removeAgent(agentId);
  }

  /** `from` may live in another subnet that counts this one as additional; then it is answered, and not kept. */
  receive(from: Contact, message: DhtMessage, nowMs: number): void {
    if (!isDhtRequest(message)) {
      this.#requests.receive(from, message, nowMs);
      return;
    }
    const answer = this.#options.isResident ? this.#answer(from, message, nowMs) : null;
    if (answer !== null) this.#options.send(contactOf(from), answer);
  }

  /** Who holds the package, by all that the closest nodes know. `ended` is called once, at once where nobody is known. */
  lookUp(key: PackageKey, nowMs: number, ended: (holders: readonly HolderValue[]) => void): void {
    this.#join(nowMs);
    const { self, store } = this.#parts;
    const ownHolders = store.find(key, self.agentId, nowMs);
    const subject = { purpose: 'download', target: key } as const;
    this.#lookups.start({ subject, ownHolders, ended: ({ holders }) => ended(holders) }, nowMs);
  }

  /** See `Announcer.publish`. */
  publish(which: 'changed' | 'all', entries: readonly PackageEntry[], intervalMs: number, nowMs: number): void {
    if (!this.#options.isResident) return;
    if (entries.length > 0) this.#join(nowMs);
    // Who knows hardly anybody would announce to the wrong nodes.
    if (this.#joining === 'running') {
      this.#announceAfterJoin = (atMs) => this.#announcer.publish('all', entries, intervalMs, atMs);
    } else this.#announcer.publish(which, entries, intervalMs, nowMs);
  }

  /** The agent leaves the subnet: lookups end with what they know, and nothing is sent any more. */
  close(nowMs: number): void {
    this.#isClosed = true;
    this.#lookups.endAll(nowMs);
  }

  /** Does what is due; returns when it has to be called again at the latest. */
  step(nowMs: number): number {
    this.#requests.step(nowMs);
    this.#lookups.step(nowMs);
    const announceMs = this.#announcer.step(nowMs);
    // What came due may have sent requests and begun lookups: their times are asked for last.
    return Math.min(announceMs, this.#lookups.step(nowMs), this.#requests.step(nowMs));
  }

  report(): DhtReport {
    return {
      nodeId: nodeIdOf(this.self.agentId),
      buckets: this.#parts.table.report(),
      stored: this.#parts.store.counts,
      announced: this.#announcer.count,
      lookups: this.#lookups.reports,
    };
  }

  #answer(from: Contact, request: DhtRequest, nowMs: number): DhtAnswer | null {
    switch (request.kind) {
      case 'ping':
        return answerPing(request);
      case 'find-node':
        return answerFindNode(this.#parts, from, request);
      case 'find-holders':
        return answerFindHolders(this.#parts, from, request, nowMs);
      default:
        return answerStore(this.#parts, from, request, nowMs);
    }
  }

  /**
   * A node that knows few others looks its own id up once (§2.3 of the paper), when it first has to do with the DHT:
   * those it asks learn of it. Where announcements have made the others known there is nothing to learn.
   */
  #join(nowMs: number): void {
    const { table } = this.#parts;
    if (this.#joining !== 'not-yet' || !this.#options.isResident || !table.hasMoreThan(0)) return;
    if (table.hasMoreThan(replication - 1)) {
      this.#joining = 'done';
      return;
    }
    this.#joining = 'running';
    const ended = (_: LookupResult, atMs: number): void => {
      this.#joining = 'done';
      this.#announceAfterJoin?.(atMs);
      this.#announceAfterJoin = null;
    };
    const subject = { purpose: 'join', target: nodeIdOf(this.self.agentId) } as const;
    this.#lookups.start({ subject, ownHolders: [], ended }, nowMs);
  }
}
