import type { WebSocket } from 'ws';
import type { ListInTurns } from './json-in-turns.ts';

/** Elements in one message: the browser reads it within a frame, others are served between two. */
const elementsPerPart = 250;

interface KnownElement {
  json: string;
  /** Number of the list that had it last. */
  listNumber: number;
}

/** What a browser has not been told yet, by id. */
interface Pending {
  isWhole: boolean;
  readonly changed: Set<string>;
  readonly removed: Set<string>;
  isSending: boolean;
}

/**
 * A list of thousands as its subscribers see it: whole to who comes, afterwards what changed, both in parts. The next part waits
 * until the one before has gone out, and what changes meanwhile is told once, as it is then: a slow browser gets fewer updates and
 * holds up nobody.
 */
export class SentList<Element> {
  readonly #topic: string;
  readonly #idOf: (element: Element) => string;
  readonly #elements = new Map<string, KnownElement>();
  readonly #subscribers = new Map<WebSocket, Pending>();
  #listNumber = 0;

  constructor(topic: string, idOf: (element: Element) => string) {
    this.#topic = topic;
    this.#idOf = idOf;
  }

  /** Sends everything that is known, also where that is nothing. */
  subscribe(socket: WebSocket): void {
    const pending: Pending = {
      isWhole: true,
      changed: new Set(this.#elements.keys()),
      removed: new Set(),
      isSending: false,
    };
    this.#subscribers.set(socket, pending);
    void this.#sendAll(socket, pending);
  }

  unsubscribe(socket: WebSocket): void {
    this.#subscribers.delete(socket);
  }

  /** Takes the list as it is now and tells the subscribers what is other than before. Not to be called while it runs. */
  async update(list: ListInTurns<Element>): Promise<void> {
    this.#listNumber++;
    const changed: string[] = [];
    for await (const elements of list.pieces) for (const element of elements) this.#take(element, changed);
    const removed: string[] = [];
    for (const [id, { listNumber }] of this.#elements) if (listNumber !== this.#listNumber) removed.push(id);
    for (const id of removed) this.#elements.delete(id);
    if (changed.length === 0 && removed.length === 0) return;
    for (const [socket, pending] of this.#subscribers) {
      for (const id of changed) {
        pending.changed.add(id);
        pending.removed.delete(id);
      }
      for (const id of removed) {
        pending.changed.delete(id);
        pending.removed.add(id);
      }
      void this.#sendAll(socket, pending);
    }
  }

  #take(element: Element, changed: string[]): void {
    const id = this.#idOf(element);
    const json = JSON.stringify(element);
    const known = this.#elements.get(id);
    if (known?.json !== json) changed.push(id);
    if (known === undefined) this.#elements.set(id, { json, listNumber: this.#listNumber });
    else Object.assign(known, { json, listNumber: this.#listNumber });
  }

  async #sendAll(socket: WebSocket, pending: Pending): Promise<void> {
    if (pending.isSending) return;
    pending.isSending = true;
    do {
      const isGone = await sent(socket, this.#nextPart(pending));
      if (isGone || this.#subscribers.get(socket) !== pending) return;
    } while (pending.changed.size > 0 || pending.removed.size > 0);
    pending.isSending = false;
  }

  /** Takes it out of what is pending. */
  #nextPart(pending: Pending): string {
    const { isWhole } = pending;
    const removed = firstOf(pending.removed, isWhole ? 0 : elementsPerPart);
    if (isWhole) pending.removed.clear();
    pending.isWhole = false;
    const ids = firstOf(pending.changed, elementsPerPart);
    const changed = ids.map((id) => this.#elements.get(id)?.json).filter((json) => json !== undefined);
    const isLast = pending.changed.size === 0 && pending.removed.size === 0;
    return `{"topic":"${this.#topic}","data":{"isWhole":${isWhole},"changed":[${changed.join()}],"removed":${JSON.stringify(removed)},"isLast":${isLast}}}`;
  }
}

/** The first ones, taken out of the set. */
function firstOf(ids: Set<string>, count: number): string[] {
  const first: string[] = [];
  for (const id of ids) {
    if (first.length >= count) break;
    first.push(id);
    ids.delete(id);
  }
  return first;
}

/** Whether the connection is gone. Resolves when the system has taken the message. */
function sent(socket: WebSocket, json: string): Promise<boolean> {
  return new Promise((resolve) => socket.send(json, { binary: false }, (error) => resolve(error != null)));
}
