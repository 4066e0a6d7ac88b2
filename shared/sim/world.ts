import type { PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import { Xoshiro128 } from '../base/prng.ts';
import type { BlockSending } from './block-sending.ts';
import type { Computer, SimulatedSubnet } from './computer.ts';
import { FlowNetwork } from './flow-network.ts';
import { checkBlockouts, checkThrottle } from './period-check.ts';
import { checkRates } from './rate-check.ts';
import type { NetworkPlan } from './simulation-plan.ts';
import { TraceHash } from './trace-hash.ts';
import { Violations } from './violations.ts';
import { VirtualTime } from './virtual-time.ts';
import { WindowMeter } from './window-meter.ts';

/** What the simulated ports share: time, wires, chance, and the record of the run. */
export class World {
  /** An agent handles an input: what its commands cause comes later. */
  isHandling = false;
  readonly time = new VirtualTime();
  readonly network: NetworkPlan;
  readonly random: Xoshiro128;
  readonly flows: FlowNetwork;
  readonly trace = new TraceHash();
  readonly violations = new Violations(() => this.time.nowMs);
  readonly computers: Computer[] = [];
  readonly subnets: SimulatedSubnet[] = [];
  /** Blocks on their way. */
  readonly sendings = new Set<BlockSending>();
  /** Null: nobody asks for it. */
  window: WindowMeter | null = new WindowMeter();
  /** Rates or times are limited somewhere, so that it is checked whether that is kept. */
  hasLimits = true;
  /** What Package Servers sent as such. */
  contentBytesSent = 0;
  /** Called for every block that became durable somewhere. */
  onBlockStored: (computer: Computer, key: PackageKey, block: number) => void = () => undefined;
  /** Blocks that were durable are gone. */
  onBlocksLost: (computer: Computer, key: PackageKey, blocks: readonly number[]) => void = () => undefined;
  /** A package is in place there, or is not any more. */
  onDiskChanged: (computer: Computer) => void = () => undefined;
  /** It was carried to another subnet. */
  onMoved: (computer: Computer) => void = () => undefined;
  /** How often one of them was. */
  movedPackageServers = 0;
  /** By address and port in one number: this is asked for every packet. */
  readonly #byAddress = new Map<number, Computer>();

  constructor(seed: number, network: NetworkPlan) {
    this.network = network;
    this.random = new Xoshiro128(seed);
    this.flows = new FlowNetwork(this.time, network.rateQuantumUs, () => {
      if (!this.hasLimits) return;
      checkRates(this);
      checkThrottle(this);
      checkBlockouts(this);
    });
  }

  addComputer(computer: Computer): void {
    this.computers.push(computer);
    computer.subnet.computers.push(computer);
    this.#byAddress.set(placeOf(computer.address, computer.port), computer);
  }

  /** Carries a computer to another subnet, where it gets the next free address. Connections end without a word. */
  moveComputer(computer: Computer, subnet: SimulatedSubnet): void {
    // A computer that is off has no connections.
    for (const sending of computer.life === null ? [] : [...this.sendings]) {
      if (sending.facts.from === computer || sending.facts.to === computer) sending.abandon();
    }
    const { computers, domain } = computer.subnet;
    domain.left(computer);
    computers.splice(computers.indexOf(computer), 1);
    this.#byAddress.delete(placeOf(computer.address, computer.port));
    if (subnet.utcOffsetMinutes !== computer.subnet.utcOffsetMinutes) computer.clockChangedAtMs = this.time.nowMs;
    const taken = subnet.computers.map(({ address }) => address);
    computer.moveTo(subnet, Math.max(subnet.cidr.network, ...taken) + 1);
    subnet.computers.push(computer);
    subnet.domain.entered(computer);
    this.#byAddress.set(placeOf(computer.address, computer.port), computer);
    if (computer.isPackageServer) this.movedPackageServers++;
    this.onMoved(computer);
  }

  computerAt(address: Ipv4, port: number): Computer | null {
    return this.#byAddress.get(placeOf(address, port)) ?? null;
  }

  blockStored(computer: Computer, key: PackageKey, block: number): void {
    this.window?.noteStored(computer, key, block);
    this.onBlockStored(computer, key, block);
  }

  /** The disk has lost them; the agent learns of it, if it runs. */
  blocksLost(computer: Computer, key: PackageKey, blocks: readonly number[]): void {
    this.onBlocksLost(computer, key, blocks);
    this.onDiskChanged(computer);
    computer.life?.deliver({ kind: 'blocksLost', key, blocks });
  }

  lanDelayUs(): number {
    return this.network.lanLatencyUs + this.random.below(this.network.jitterUs + 1);
  }

  wanDelayUs(): number {
    return this.network.wanLatencyUs + this.random.below(this.network.jitterUs + 1);
  }

  /** To be called after whatever stops or frees the way of bytes. */
  reachabilityChanged(): void {
    for (const { domain } of this.subnets) domain.reachabilityChanged();
    for (const sending of this.sendings) sending.refresh();
  }
}

function placeOf(address: Ipv4, port: number): number {
  return address * 65_536 + port;
}
