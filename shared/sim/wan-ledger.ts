import type { PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { Computer } from './computer.ts';
import { mayAskPeers, servesPeers } from './peer-terms.ts';

interface SubnetAccount {
  bytes: number;
  serverBytes: number;
  excusedBytes: number;
  /** How often a block began to cross, by key and number: the second time costs twice. */
  readonly crossings: Map<string, number>;
  /** How many computers a block is on its way to, by key and number. */
  readonly underWay: Map<string, number>;
}

/** A block on its way over a WAN link. */
interface Crossing {
  readonly computer: Computer;
  readonly account: SubnetAccount;
  readonly id: string;
  /** It crossed before, and nobody near had it. */
  readonly isExcused: boolean;
}

/** A block crosses again although somebody near has it, or is fetching it. */
export interface SecondCrossing {
  readonly computer: Computer;
  readonly source: Computer;
  readonly key: PackageKey;
  readonly block: number;
}

/**
 * Counts block bytes at the sockets of the Notification Server and of Package Servers elsewhere, per subnet: aborted answers and
 * second crossings included. A second crossing of a block is *excused* only if nobody whom the computer may ask, who lives, is
 * within reach, sends nothing damaged, serves peers – an installation ends, and so is no reason – and has not banned the
 * computer held or was fetching the block at that moment: no other computer of the subnet, and no Package Server of the site.
 */
export class WanLedger {
  readonly #packageServersOf: (siteName: string) => readonly Computer[];
  readonly #subnets = new Map<number, SubnetAccount>();
  /** By computer, key and number of the block. */
  readonly #underWay = new Map<string, Crossing>();
  /** In the order of their first request, per subnet. */
  readonly #requesters = new Map<number, Computer[]>();
  /** Whoever was the first, per subnet, whatever server it asked. */
  readonly #firstOverWan = new Map<number, Computer>();
  /** Where the Notification Server sent a block, or a part of one. */
  readonly #servedAddresses = new Set<Ipv4>();
  #bytes = 0;
  onSecondCrossing: (crossing: SecondCrossing) => void = () => undefined;

  constructor(packageServersOf: (siteName: string) => readonly Computer[]) {
    this.#packageServersOf = packageServersOf;
  }

  /** A block begins to cross. `from`: the Package Server that is asked; null = the Notification Server. */
  noteRequest(computer: Computer, key: PackageKey, block: number, from: Computer | null): void {
    const subnet = computer.subnet.index;
    if (!this.#firstOverWan.has(subnet)) this.#firstOverWan.set(subnet, computer);
    this.#begin(computer, key, block);
    if (from !== null) return;
    const requesters = this.#requesters.get(computer.subnet.index) ?? [];
    this.#requesters.set(computer.subnet.index, requesters);
    if (!requesters.includes(computer)) requesters.push(computer);
  }

  /** So many bytes had left when it ended. */
  noteSent(computer: Computer, key: PackageKey, block: number, bytes: number, from: Computer | null): void {
    const name = nameOf(computer, key, block);
    const crossing = this.#underWay.get(name);
    if (crossing !== undefined) this.#end(name, crossing);
    const account = crossing?.account ?? this.#account(computer.subnet.index);
    account.bytes += bytes;
    if (crossing?.isExcused === true) account.excusedBytes += bytes;
    if (from === null) {
      account.serverBytes += bytes;
      this.#bytes += bytes;
      if (bytes > 0) this.#servedAddresses.add(computer.address);
    }
    if (bytes === 0) return;
    const id = `${key} ${block}`;
    account.crossings.set(id, (account.crossings.get(id) ?? 0) + 1);
  }

  get totalBytes(): number {
    return this.#bytes;
  }

  bytesInto(subnet: number): number {
    return this.#account(subnet).bytes;
  }

  /** Of those, second crossings of blocks that nobody near had. */
  excusedBytesInto(subnet: number): number {
    return this.#account(subnet).excusedBytes;
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

  #begin(computer: Computer, key: PackageKey, block: number): void {
    const account = this.#account(computer.subnet.index);
    const id = `${key} ${block}`;
    const underWay = account.underWay.get(id) ?? 0;
    const isSecond = account.crossings.has(id) || underWay > 0;
    account.underWay.set(id, underWay + 1);
    const source = isSecond ? this.#sourceFor(computer, key, block) : null;
    this.#underWay.set(nameOf(computer, key, block), { computer, account, id, isExcused: isSecond && source === null });
    if (source !== null) this.onSecondCrossing({ computer, source, key, block });
  }

  #end(name: string, { account, id }: Crossing): void {
    this.#underWay.delete(name);
    const left = (account.underWay.get(id) ?? 1) - 1;
    if (left === 0) account.underWay.delete(id);
    else account.underWay.set(id, left);
  }

  /** Somebody from whom the block need not cross the WAN; null = there is nobody. */
  #sourceFor(computer: Computer, key: PackageKey, block: number): Computer | null {
    const has = (other: Computer): boolean =>
      other !== computer &&
      other.life?.isSilent === false &&
      !other.hasMisbehaved &&
      !other.life.hasBanned(computer) &&
      computer.reaches(other) &&
      (other.disk.holds(key, block) || this.#underWay.has(nameOf(other, key, block)));
    const { subnet } = computer;
    // Package Servers ask each other as peers, if at all; others ask them as servers alone.
    const servers = computer.isPackageServer ? [] : this.#packageServersOf(subnet.site.name);
    const server = servers.find(has);
    if (server !== undefined) return server;
    if (!mayAskPeers(computer, key)) return null;
    const isPeer = (other: Computer) => other.isPackageServer === computer.isPackageServer;
    const gives = (other: Computer) => isPeer(other) && mayAskPeers(other, key) && servesPeers(other);
    return subnet.computers.find((other) => has(other) && gives(other)) ?? null;
  }

  #account(subnet: number): SubnetAccount {
    const known = this.#subnets.get(subnet);
    if (known !== undefined) return known;
    const made: SubnetAccount = {
      bytes: 0,
      serverBytes: 0,
      excusedBytes: 0,
      crossings: new Map(),
      underWay: new Map(),
    };
    this.#subnets.set(subnet, made);
    return made;
  }
}

function nameOf(computer: Computer, key: PackageKey, block: number): string {
  return `${computer.index} ${key} ${block}`;
}
