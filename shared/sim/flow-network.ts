import { assert } from '../base/assert.ts';
import type { EventHandle } from './event-queue.ts';
import { maxMinRates } from './max-min-sharing.ts';
import type { VirtualTime } from './virtual-time.ts';

export type LinkId = number;

/** What an unlimited flow moves at: a block crosses in some microseconds instead of in none. */
const fastestBytesPerSecond = 1e12;

interface Link {
  capacityBytesPerSecond: number;
  readonly flows: Set<RunningFlow>;
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
  readonly totalBytes: number;
  readonly onDone: () => void;
  capBytesPerSecond: number;
  rateBytesPerSecond = 0;
  remainingBytes: number;
  settledAtUs: number;
  movedAtUs: number;
  isRunning = true;
  doneEvent: EventHandle | null = null;

  constructor(links: readonly LinkId[], bytes: number, cap: number, onDone: () => void, nowUs: number) {
    this.links = links;
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
  #dirtyLinks = new Set<LinkId>();
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
    return this.#links.push({ capacityBytesPerSecond, flows: new Set() }) - 1;
  }

  setCapacity(link: LinkId, capacityBytesPerSecond: number): void {
    this.#link(link).capacityBytesPerSecond = capacityBytesPerSecond;
    this.#dirtyLinks.add(link);
    this.#shareSoon();
  }

  start(links: readonly LinkId[], bytes: number, capBytesPerSecond: number, onDone: () => void): Flow {
    const flow = new RunningFlow(links, bytes, capBytesPerSecond, onDone, this.#time.nowUs);
    for (const link of links) this.#link(link).flows.add(flow);
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
    for (const link of flow.links) if (this.#isLimited(link)) this.#dirtyLinks.add(link);
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
    const rates = maxMinRates(flows, (link) => this.#link(link).capacityBytesPerSecond);
    flows.forEach((flow, index) => {
      this.#setRate(flow, Math.min(rates[index] ?? 0, fastestBytesPerSecond));
    });
    this.#onRatesChanged();
  }

  /** Flows that share a link, directly or through others, with something that changed. */
  #touchedFlows(): RunningFlow[] {
    const links = this.#dirtyLinks;
    const flows = new Set<RunningFlow>(this.#changedFlows.filter((flow) => flow.isRunning));
    this.#dirtyLinks = new Set();
    this.#changedFlows = [];
    // A set grows while it is walked: this visits every link once.
    for (const id of links) {
      for (const flow of this.#link(id).flows) {
        flows.add(flow);
        for (const next of flow.links) if (this.#isLimited(next)) links.add(next);
      }
    }
    return [...flows];
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
    for (const link of flow.links) this.#link(link).flows.delete(flow);
    this.#changed(flow);
  }

  #isLimited(link: LinkId): boolean {
    return this.#link(link).capacityBytesPerSecond !== Number.POSITIVE_INFINITY;
  }

  #link(id: LinkId): Link {
    const link = this.#links[id];
    assert(link, `link ${id} exists`);
    return link;
  }
}

function own(flow: Flow): RunningFlow {
  assert(flow instanceof RunningFlow, 'flows are made by FlowNetwork.start');
  return flow;
}
