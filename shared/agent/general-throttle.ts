import type { PackageKey } from '../base/ids.ts';
import type { CommandId } from './ports.ts';
import { RateDivider } from './rate-divider.ts';

/**
 * The policy's throttling of what comes from the Notification Server and Package Servers: one limit over all direct
 * transfers of the agent. Peers are not its business. Emergencies are not throttled.
 */
export class GeneralThrottle {
  readonly #divider: RateDivider<CommandId>;
  readonly #setRate: (commandId: CommandId, bytesPerSecond: number) => void;
  readonly #packageOf = new Map<CommandId, PackageKey>();
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  constructor(setRate: (commandId: CommandId, bytesPerSecond: number) => void) {
    this.#setRate = setRate;
    this.#divider = new RateDivider(setRate);
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  setLimit(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
    this.#divider.setLimit(bytesPerSecond);
  }

  /** Adds a direct transfer and returns its share. */
  add(commandId: CommandId, key: PackageKey): number {
    this.#packageOf.set(commandId, key);
    return this.#divider.add(commandId);
  }

  remove(commandId: CommandId): void {
    if (this.#packageOf.delete(commandId)) this.#divider.remove(commandId);
  }

  /** Its package has become an emergency. */
  release(commandId: CommandId): void {
    if (!this.#packageOf.has(commandId)) return;
    this.remove(commandId);
    this.#setRate(commandId, Number.POSITIVE_INFINITY);
  }

  /**
   * What a claim promises: this package's part of the limit beside the others that are under way. 0 = no rate is
   * promised, nobody is to judge by one.
   */
  rateCapOf(key: PackageKey): number {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return 0;
    const packages = new Set(this.#packageOf.values()).add(key);
    return Math.floor(this.#bytesPerSecond / packages.size);
  }
}
