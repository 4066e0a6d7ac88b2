import type { Cidr, Ipv4 } from '../base/ipv4.ts';
import { broadcastOf } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';
import type { PeerEndpoint } from './ports.ts';
import type { TimerId } from './timers.ts';

/** Ten addresses a second: a /22 takes 102 s. */
const spacingMs = 100;
const answerTimeoutMs = 2000;
/** 1,022 addresses; larger subnets are never swept. */
const largestPrefixLength = 22;

export interface SubnetSweepOwner {
  /** Somebody answered who says to be this agent. */
  found(peer: PeerEndpoint): void;
  /** Somebody answered that our subnet is none of its own. */
  refused(cidr: Cidr): void;
  ended(): void;
}

/** Says hello to one address after the other, at the policy's port: never a network or broadcast address, never an own subnet. */
export class SubnetSweep {
  readonly #context: AgentContext;
  readonly #owner: SubnetSweepOwner;
  #timerId: TimerId | null = null;
  #run = 0;

  constructor(context: AgentContext, owner: SubnetSweepOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  static canSweep(cidr: Cidr): boolean {
    return cidr.prefixLength >= largestPrefixLength;
  }

  get isRunning(): boolean {
    return this.#timerId !== null;
  }

  start(cidr: Cidr): void {
    this.stop();
    this.#next(cidr, cidr.network, this.#run);
  }

  /** Answers that still come are not taken. */
  stop(): void {
    this.#run++;
    this.#context.timers.cancel(this.#timerId);
    this.#timerId = null;
  }

  #next(cidr: Cidr, from: Ipv4, run: number): void {
    this.#timerId = null;
    const end = broadcastOf(cidr);
    let address = from;
    while (address <= end && !this.#isWorthAsking(cidr, address)) address++;
    if (address > end) {
      this.#owner.ended();
      return;
    }
    this.#ask(cidr, address, run);
    this.#timerId = this.#context.timers.after(spacingMs, () => this.#next(cidr, address + 1, run));
  }

  /** An address that the peer table counts to this subnet: no end of it, and none of an own subnet within. */
  #isWorthAsking(cidr: Cidr, address: Ipv4): boolean {
    const place = this.#context.peers.subnetOf(address);
    return place !== null && place.network === cidr.network && place.prefixLength === cidr.prefixLength;
  }

  #ask(cidr: Cidr, address: Ipv4, run: number): void {
    const { port } = this.#context.settings;
    const commandId = this.#context.commands.begin((result) => {
      if (run !== this.#run) return;
      if (result.kind === 'helloAnswered' && result.agentId !== this.#context.ownId) {
        this.#owner.found({ agentId: result.agentId, address, port });
      } else if (result.kind === 'peerRequestFailed' && result.code === 'outside-subnets') this.#owner.refused(cidr);
    });
    const peer = { agentId: null, address, port };
    this.#context.ports.transfers.hello({ commandId, peer, timeoutMs: answerTimeoutMs });
  }
}
