import { assert } from '../base/assert.ts';
import type { EventHandle } from './event-queue.ts';
import { maxMinRates, SharingLink } from './max-min-sharing.ts';
import type { VirtualTime } from './virtual-time.ts';

export type LinkId = number;

/** What an unlimited flow moves at: a block crosses in some microseconds instead of in none. */
const fastestBytesPerSecond = 1e12;

class Link extends SharingLink {
  /** In the order in which they began. */
  readonly flows: RunningFlow[] = [];
  isDirty = false;
}

/** Bytes on their way over some links. Made by `FlowNetwork.start`. */
export interface Flow {
  readonly links: readonly LinkId[];
  readonly totalBytes: number;
  readonly rateBytesPerSecond: number;
  readonly capBytesPerSecond: number;
}

class RunningFlow implements Flow {
  readonly links: readonly LinkId[];
  readonly path: readonly Link[];
  readonly totalBytes: number;
  readonly onDone: () => void;
  capBytesPerSecond: number;
  rateBytesPerSecond = 0;
  remainingBytes: number;
  settledAtUs: number;
  movedAtUs: number;
  isRunning = true;
  isTouched = false;
  doneEvent: EventHandle | null = null;

  constructor(facts: {
    readonly links: readonly LinkId[];
    readonly path: readonly Link[];
    readonly bytes: number;
    readonly cap: number;
    readonly onDone: () => void;
    readonly nowUs: number;
  }) {
    const { links, path, bytes, cap, onDone, nowUs } = facts;
    this.links = links;
    this.path = path;
    this.totalBytes = bytes;
    this.remainingBytes = bytes;
    this.capBytesPerSecond = cap;
    this.onDone = onDone;
    this.settledAtUs = nowUs;
    this.movedAtUs = nowUs;
  }

  settle(nowUs: number): void {
    const moved = (this.rateBytesPerSecond * (nowUs - this.settledAtUs)) / 1e6;
    this.remainingBytes = Math.max(0, this.remainingBytes - moved);
    if (this.rateBytesPerSecond > 0) this.movedAtUs = nowUs;
    this.settledAtUs = nowUs;
  }
}

/** Transfers that share links max-min fairly, at every moment. Knows bytes and links, not who or what they are for. */
export class FlowNetwork {
  readonly #time: VirtualTime;
  readonly #quantumUs: number;
  readonly #onRatesChanged: () => void;
  readonly #links: Link[] = [];
  #dirtyLinks: Link[] = [];
  #changedFlows: RunningFlow[] = [];
  #isShareDue = false;

  /**
   * @param quantumUs      rates follow a change within this time; more = fewer computations. 0 = at the same instant
   * @param onRatesChanged called after rates were computed anew
   */
  constructor(time: VirtualTime, quantumUs: number, onRatesChanged: () => void) {
    this.#onRatesChanged = onRatesChanged;
    this.#time = time;
    this.#quantumUs = quantumUs;
  }

  addLink(capacityBytesPerSecond: number): LinkId {
    return this.#links.push(new Link(capacityBytesPerSecond)) - 1;
  }

  setCapacity(link: LinkId, capacityBytesPerSecond: number): void {
    const changed = this.#link(link);
    changed.capacityBytesPerSecond = capacityBytesPerSecond;
    markDirty(changed, this.#dirtyLinks);
    this.#shareSoon();
  }

  start(links: readonly LinkId[], bytes: number, capBytesPerSecond: number, onDone: () => void): Flow {
    const path = links.map((link) => this.#link(link));
    const { nowUs } = this.#time;
    const flow = new RunningFlow({ links, path, bytes, cap: capBytesPerSecond, onDone, nowUs });
    for (const link of path) link.flows.push(flow);
    this.#changed(flow);
    return flow;
  }

  setCap(flow: Flow, capBytesPerSecond: number): void {
    const running = own(flow);
    if (running.capBytesPerSecond === capBytesPerSecond || !running.isRunning) return;
    running.capBytesPerSecond = capBytesPerSecond;
    this.#changed(running);
  }

  /** Ends the flow before its time and returns how many bytes have passed. */
  stop(flow: Flow): number {
    const running = own(flow);
    if (running.isRunning) this.#end(running);
    return this.sentBytes(flow);
  }

  /** Whole bytes that have passed so far. */
  sentBytes(flow: Flow): number {
    const running = own(flow);
    if (running.isRunning) running.settle(this.#time.nowUs);
    return Math.floor(running.totalBytes - running.remainingBytes);
  }

  /** When the last byte passed, virtual microseconds; the start where none did. */
  lastMovedUs(flow: Flow): number {
    const running = own(flow);
    if (running.isRunning) running.settle(this.#time.nowUs);
    return running.movedAtUs;
  }

  /** Links without a limit connect nobody: what crosses only them is shared with nobody. */
  #changed(flow: RunningFlow): void {
    if (flow.isRunning) this.#changedFlows.push(flow);
    for (const link of flow.path) if (link.isLimited) markDirty(link, this.#dirtyLinks);
    this.#shareSoon();
  }

  #shareSoon(): void {
    if (this.#isShareDue) return;
    this.#isShareDue = true;
    this.#time.after(this.#quantumUs, () => this.#shareAnew());
  }

  #shareAnew(): void {
    this.#isShareDue = false;
    const flows = this.#touchedFlows();
    const rates = maxMinRates(flows);
    flows.forEach((flow, index) => {
      this.#setRate(flow, Math.min(rates[index] ?? 0, fastestBytesPerSecond));
    });
    this.#onRatesChanged();
  }

  /** Flows that share a link, directly or through others, with something that changed. */
  #touchedFlows(): RunningFlow[] {
    const links = this.#dirtyLinks;
    const flows: RunningFlow[] = [];
    for (const flow of this.#changedFlows) if (flow.isRunning) touch(flow, flows);
    this.#dirtyLinks = [];
    this.#changedFlows = [];
    // The list grows while it is walked: this visits every link once.
    for (const link of links) {
      for (const flow of link.flows) {
        touch(flow, flows);
        for (const next of flow.path) if (next.isLimited) markDirty(next, links);
      }
    }
    for (const link of links) link.isDirty = false;
    for (const flow of flows) flow.isTouched = false;
    return flows;
  }

  #setRate(flow: RunningFlow, rate: number): void {
    if (flow.rateBytesPerSecond === rate && flow.doneEvent !== null) return;
    flow.settle(this.#time.nowUs);
    flow.rateBytesPerSecond = rate;
    this.#time.cancel(flow.doneEvent);
    flow.doneEvent = null;
    if (rate === 0) return;
    flow.doneEvent = this.#time.after((flow.remainingBytes / rate) * 1e6, () => {
      flow.doneEvent = null;
      flow.settle(this.#time.nowUs);
      flow.remainingBytes = 0;
      this.#end(flow);
      flow.onDone();
    });
  }

  #end(flow: RunningFlow): void {
    flow.settle(this.#time.nowUs);
    flow.isRunning = false;
    flow.rateBytesPerSecond = 0;
    this.#time.cancel(flow.doneEvent);
    flow.doneEvent = null;
    for (const { flows } of flow.path) flows.splice(flows.indexOf(flow), 1);
    this.#changed(flow);
  }

  #link(id: LinkId): Link {
    const link = this.#links[id];
    assert(link, `link ${id} exists`);
    return link;
  }
}

/** Puts it among the others, once. */
function markDirty(link: Link, dirtyLinks: Link[]): void {
  if (link.isDirty) return;
  link.isDirty = true;
  dirtyLinks.push(link);
}

function touch(flow: RunningFlow, touched: RunningFlow[]): void {
  if (flow.isTouched) return;
  flow.isTouched = true;
  touched.push(flow);
}

function own(flow: Flow): RunningFlow {
  assert(flow instanceof RunningFlow, 'flows are made by FlowNetwork.start');
  return flow;
}
