import type { Impairments } from '../../shared/contracts/impairments.ts';
import { noImpairments } from '../../shared/contracts/impairments.ts';
import { LinePace } from './line-pace.ts';

const bytesPerKilobyte = 1000;

/**
 * What somebody does to an agent of a fleet, where the adapters meet it: the core is told nothing, and has to cope as it
 * would with a bad disk, a bad line or a pulled cable.
 */
export class ImpairmentSwitch {
  /** Directions of the agent's line. */
  readonly sending = new LinePace();
  readonly receiving = new LinePace();
  readonly #listeners: (() => void)[] = [];
  #current: Impairments;

  constructor(first: Impairments = noImpairments) {
    this.#current = first;
    this.#setLine();
  }

  /** Blocks for other agents are damaged on their way out. */
  get corrupts(): boolean {
    return this.#current.corrupts;
  }

  get isUnplugged(): boolean {
    return this.#current.isUnplugged;
  }

  /** Calls the listener when the cable is pulled or plugged in. */
  onCable(listener: () => void): void {
    this.#listeners.push(listener);
  }

  set(impairments: Impairments): void {
    const wasUnplugged = this.#current.isUnplugged;
    this.#current = impairments;
    this.#setLine();
    if (wasUnplugged !== impairments.isUnplugged) for (const listener of this.#listeners) listener();
  }

  #setLine(): void {
    const { kilobytesPerSecond } = this.#current;
    const rate = kilobytesPerSecond === null ? Number.POSITIVE_INFINITY : kilobytesPerSecond * bytesPerKilobyte;
    this.sending.setRate(rate);
    this.receiving.setRate(rate);
  }
}
