import type { PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { Computer } from './computer.ts';

interface SubnetAccount {
  bytes: number;
  serverBytes: number;
  /** How often a block began to cross, by key and number: the second time costs twice. */
  readonly crossings: Map<string, number>;
}

/**
 * Counts block bytes at the sockets of the Notification Server and of Package Servers elsewhere, per subnet: aborted answers and
 * second crossings included.
 */
export class WanLedger {
  readonly #subnets = new Map<number, SubnetAccount>();
  /** In the order of their first request, per subnet. */
  readonly #requesters = new Map<number, Computer[]>();
  /** Whoever was the first, per subnet, whatever server it asked. */
  readonly #firstOverWan = new Map<number, Computer>();
  /** Where the Notification Server sent a block, or a part of one. */
  readonly #servedAddresses = new Set<Ipv4>();
  #bytes = 0;

  /** `from`: the Package Server that is asked; null = the Notification Server. */
  noteRequest(computer: Computer, from: Computer | null): void {
    const subnet = computer.subnet.index;
    if (!this.#firstOverWan.has(subnet)) this.#firstOverWan.set(subnet, computer);
    if (from !== null) return;
    const requesters = this.#requesters.get(computer.subnet.index) ?? [];
    this.#requesters.set(computer.subnet.index, requesters);
    if (!requesters.includes(computer)) requesters.push(computer);
  }

  noteSent(computer: Computer, key: PackageKey, block: number, bytes: number, from: Computer | null): void {
    const account = this.#account(computer.subnet.index);
    account.bytes += bytes;
    if (from === null) {
      account.serverBytes += bytes;
      this.#bytes += bytes;
      if (bytes > 0) this.#servedAddresses.add(computer.address);
    }
    if (bytes === 0) return;
    const crossing = `${key} ${block}`;
    account.crossings.set(crossing, (account.crossings.get(crossing) ?? 0) + 1);
  }

  get totalBytes(): number {
    return this.#bytes;
  }

  bytesInto(subnet: number): number {
    return this.#account(subnet).bytes;
  }

  /** Of those, from the Notification Server itself. */
  serverBytesInto(subnet: number): number {
    return this.#account(subnet).serverBytes;
  }

  /** Blocks that began to cross more than once. */
  blocksTwice(subnet: number): number {
    return [...this.#account(subnet).crossings.values()].filter((crossings) => crossings > 1).length;
  }

  /** Of subnet `subnet`; null while nobody there has asked for a block. */
  firstOverWan(subnet: number): Computer | null {
    return this.#firstOverWan.get(subnet) ?? null;
  }

  get servedAddresses(): number {
    return this.#servedAddresses.size;
  }

  requesters(subnet: number): readonly Computer[] {
    return this.#requesters.get(subnet) ?? [];
  }

  #account(subnet: number): SubnetAccount {
    const known = this.#subnets.get(subnet);
    if (known !== undefined) return known;
    const made: SubnetAccount = { bytes: 0, serverBytes: 0, crossings: new Map() };
    this.#subnets.set(subnet, made);
    return made;
  }
}
