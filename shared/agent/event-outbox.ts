import type { ClockPort } from '../base/clock.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import { formatIpv4 } from '../base/ipv4.ts';
import type { AgentEvent, ServedPortion } from '../contracts/agent-events.ts';
import type { JournalReason, SourceKind } from '../contracts/journal.ts';

/** About a week of an unreachable server at the default event interval; beyond, the oldest are lost and the gap shows. */
const maxWaitingEvents = 5000;
const maxPortionsPerEvent = 256;
/** Of clients with links, in one event: half of it stays for agents, however many such clients come. */
const maxAddressesPerEvent = 128;

type EventBody = AgentEvent extends infer Event
  ? Event extends AgentEvent
    ? Omit<Event, 'sequence' | 'atMs'>
    : never
  : never;
interface Portion {
  readonly source: SourceKind;
  readonly reason: JournalReason;
  readonly agentId: AgentId | null;
  bytes: number;
  blocks: number;
}

type ServedCounts = Pick<ServedPortion, 'requests' | 'hits' | 'bytes'>;

/** Whom a Package Server served. */
export interface ServedAsker {
  readonly agentId: AgentId;
  /** Of a client with a link, whom `agentId` does not name; null: an agent. */
  readonly clientAddress: Ipv4 | null;
}

/** Events on their way to the Notification Server: numbered here, forgotten once it has committed them. */
export class EventOutbox {
  readonly #clock: ClockPort;
  readonly #waiting: AgentEvent[] = [];
  readonly #portions = new Map<PackageKey, Portion[]>();
  readonly #served = new Map<PackageKey, Map<string, ServedPortion>>();
  #nextSequence: number;
  /** Called when something waits where nothing did. */
  onFirstWaiting: () => void = () => undefined;

  constructor(clock: ClockPort, firstSequence: number) {
    this.#clock = clock;
    this.#nextSequence = firstSequence;
  }

  /** Nothing happened or was counted that the server has not committed. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#portions.size === 0 && this.#served.size === 0;
  }

  add(body: EventBody): void {
    const wasEmpty = this.isEmpty;
    this.#push(body);
    if (wasEmpty) this.onFirstWaiting();
  }

  /** Bytes of a verified block; they leave drawn together by source and reason. */
  countTransfer(
    key: PackageKey,
    source: SourceKind,
    reason: JournalReason,
    agentId: AgentId | null,
    bytes: number,
  ): void {
    const wasEmpty = this.isEmpty;
    const portions = this.#portionsOf(key);
    // Who gave a block last is likely to have given this one.
    const portion = portions.findLast(
      (open) => open.agentId === agentId && open.source === source && open.reason === reason,
    );
    if (portion !== undefined) {
      portion.bytes += bytes;
      portion.blocks++;
      return;
    }
    if (portions.length >= maxPortionsPerEvent) this.#closePortions(key);
    this.#portionsOf(key).push({ source, reason, agentId, bytes, blocks: 1 });
    if (wasEmpty) this.onFirstWaiting();
  }

  /** What a Package Server served of a package to whom; drawn together like transfers. */
  countServed(key: PackageKey, { agentId, clientAddress }: ServedAsker, counts: ServedCounts): void {
    const wasEmpty = this.isEmpty;
    const from = clientAddress === null ? null : this.#nameOf(key, clientAddress);
    const portionKey = from ?? agentId;
    const known = this.#servedOf(key).get(portionKey);
    if (known !== undefined) {
      known.requests += counts.requests;
      known.hits += counts.hits;
      known.bytes += counts.bytes;
      return;
    }
    if (this.#servedOf(key).size >= maxPortionsPerEvent) this.#closeServed(key);
    this.#servedOf(key).set(portionKey, { agentId, ...(from === null ? {} : { from }), ...counts });
    if (wasEmpty) this.onFirstWaiting();
  }

  /** The next batch, oldest first; open counts are closed into events. It stays waiting until `acknowledge`. */
  batch(maxEvents: number): readonly AgentEvent[] {
    for (const key of [...this.#portions.keys()]) this.#closePortions(key);
    for (const key of [...this.#served.keys()]) this.#closeServed(key);
    return this.#waiting.slice(0, maxEvents);
  }

  acknowledge(lastSequence: number): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].sequence <= lastSequence) this.#waiting.shift();
  }

  #push(body: EventBody): void {
    if (this.#waiting.length >= maxWaitingEvents) this.#waiting.shift();
    this.#waiting.push({ ...body, sequence: this.#nextSequence++, atMs: this.#clock.wallTimeMs() } as AgentEvent);
  }

  #nameOf(key: PackageKey, clientAddress: Ipv4): string {
    const name = formatIpv4(clientAddress);
    const portions = this.#servedOf(key);
    if (portions.has(name)) return name;
    let named = 0;
    for (const { from } of portions.values()) if (from !== undefined) named++;
    return named < maxAddressesPerEvent ? name : 'elsewhere';
  }

  #servedOf(key: PackageKey): Map<string, ServedPortion> {
    const served = this.#served.get(key) ?? new Map<string, ServedPortion>();
    this.#served.set(key, served);
    return served;
  }

  #closeServed(key: PackageKey): void {
    const served = this.#served.get(key);
    this.#served.delete(key);
    if (served !== undefined && served.size > 0) this.#push({ kind: 'served', key, portions: [...served.values()] });
  }

  #portionsOf(key: PackageKey): Portion[] {
    const known = this.#portions.get(key);
    if (known !== undefined) return known;
    const portions: Portion[] = [];
    this.#portions.set(key, portions);
    return portions;
  }

  #closePortions(key: PackageKey): void {
    const portions = this.#portions.get(key);
    this.#portions.delete(key);
    if (portions !== undefined && portions.length > 0) this.#push({ kind: 'transferred', key, portions });
  }
}
