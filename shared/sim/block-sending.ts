import type { PackageKey } from '../base/ids.ts';
import type { Computer } from './computer.ts';
import type { Flow } from './flow-network.ts';
import type { World } from './world.ts';

export interface SendingFacts {
  /** Null = the Notification Server. */
  readonly from: Computer | null;
  readonly to: Computer;
  readonly key: PackageKey;
  readonly block: number;
  readonly bytes: number;
  /** A Package Server sends it as such: within its site over the LAN, to another over the WAN. */
  readonly isContent?: boolean;
  readonly senderBytesPerSecond: number;
  readonly receiverBytesPerSecond: number;
  /** The last byte has left. */
  readonly onDone: () => void;
  /** The sender's end went away before that. */
  readonly onBroken: () => void;
  /** Once, however it ends. */
  readonly onEnd: (sentBytes: number, isComplete: boolean) => void;
}

/** One block on its way from a peer or the server: both ends may limit it, and both may end it. */
export class BlockSending {
  readonly #world: World;
  readonly facts: SendingFacts;
  readonly #flow: Flow;
  #senderRate: number;
  #receiverRate: number;
  #isRunning = true;

  constructor(world: World, facts: SendingFacts) {
    this.#world = world;
    this.facts = facts;
    this.#senderRate = facts.senderBytesPerSecond;
    this.#receiverRate = facts.receiverBytesPerSecond;
    this.#flow = world.flows.start(linksOf(facts), facts.bytes, this.#cap(), () => {
      this.#end(facts.bytes, true);
      facts.onDone();
    });
    world.sendings.add(this);
  }

  get sentBytes(): number {
    return this.#world.flows.sentBytes(this.#flow);
  }

  get lastMovedUs(): number {
    return this.#world.flows.lastMovedUs(this.#flow);
  }

  get rateBytesPerSecond(): number {
    return this.#flow.rateBytesPerSecond;
  }

  setSenderRate(bytesPerSecond: number): void {
    this.#senderRate = bytesPerSecond;
    this.refresh();
  }

  setReceiverRate(bytesPerSecond: number): void {
    this.#receiverRate = bytesPerSecond;
    this.refresh();
  }

  /** Takes over what faults have done to the way. */
  refresh(): void {
    if (this.#isRunning) this.#world.flows.setCap(this.#flow, this.#cap());
  }

  /** The receiver wants no more, or is gone. */
  abandon(): void {
    if (this.#isRunning) this.#end(this.#world.flows.stop(this.#flow), false);
  }

  /** The sender is gone or refuses to go on. */
  breakOff(): void {
    if (!this.#isRunning) return;
    this.#end(this.#world.flows.stop(this.#flow), false);
    this.facts.onBroken();
  }

  #cap(): number {
    const { from, to, isContent = false } = this.facts;
    const reaches = isContent ? from?.reachesServing(to) : from?.reaches(to);
    const gets = from === null ? to.reachesServer : reaches === true && !from.isStalling;
    return gets ? Math.min(this.#senderRate, this.#receiverRate) : 0;
  }

  #end(sentBytes: number, isComplete: boolean): void {
    this.#isRunning = false;
    this.#world.sendings.delete(this);
    if (this.facts.isContent === true) this.#world.contentBytesSent += sentBytes;
    this.facts.onEnd(sentBytes, isComplete);
  }
}

/** Link 0 is the Notification Server's own: `world-builder.ts` makes it first. */
export const serverLink = 0;

function linksOf({ from, to, isContent = false }: SendingFacts): readonly number[] {
  if (from === null) return [serverLink, to.subnet.wanLink, to.wanDownlink, to.downlink];
  const isOverWan = isContent && from.subnet.site !== to.subnet.site;
  if (!isOverWan) return [from.uplink, to.downlink];
  return [from.uplink, from.subnet.wanOutLink, to.subnet.wanLink, to.wanDownlink, to.downlink];
}
