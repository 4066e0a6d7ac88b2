import type { AgentInput } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import type { Ipv4 } from '../../base/ipv4.ts';
import { cidrContains, parseCidr } from '../../base/ipv4.ts';
import type { Computer } from '../computer.ts';
import { hears } from '../peer-route.ts';
import { isHigher } from './claim-rule.ts';
import type { PortWatch } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

/** The agent's clock counts whole milliseconds. */
const clockMs = 1;

interface Known {
  highestEpoch: number;
  /** Whose claim stands, this agent included; null = none does. */
  claimer: AgentId | null;
  /** Nobody claims before. */
  notBeforeMs: number;
}

/**
 * A source that fails is tried by one computer of the subnet at a time: who releases a claim says from when on it may be tried,
 * and all wait. Only the claim that stands can be released, or a higher one that was not heard: where two were made under one
 * epoch because a word was lost, or one of the two distrusts the other, the lower one ends nothing for whoever knows of the higher one.
 */
export class BackOffRule implements PortWatch {
  readonly #watched: WatchedLife;
  readonly #known = new Map<PackageKey, Known>();

  constructor(watched: WatchedLife) {
    this.#watched = watched;
  }

  heard(input: AgentInput): void {
    switch (input.kind) {
      case 'datagramReceived':
        if (this.#heeds(input.from.address)) this.#heardMessage(input.sender, input.message);
        return;
      // What was waited for may mean nothing any more: others are asked anew.
      case 'interfacesChanged':
      case 'configurationReceived':
      case 'conditionsChanged':
      case 'feedReceived':
        for (const known of this.#known.values()) known.notBeforeMs = 0;
        return;
      default:
    }
  }

  said(message: DatagramMessage): void {
    if (message.kind === 'want') this.#knownOf(message.key).notBeforeMs = 0;
    else if (message.kind === 'release') this.#released(message, null);
    else if (message.kind === 'claim') this.#claimed(message);
  }

  #claimed({ key, epoch }: Extract<DatagramMessage, { readonly kind: 'claim' }>): void {
    const known = this.#knownOf(key);
    const { nowMs, life } = this.#watched;
    const earlyMs = known.notBeforeMs - nowMs;
    this.#watched.check(earlyMs < clockMs, 'source-back-off', () => `claims ${key} ${earlyMs} ms too early`);
    this.#known.set(key, { highestEpoch: epoch, claimer: life.computer.agentId, notBeforeMs: 0 });
  }

  #heardMessage(sender: AgentId, message: DatagramMessage): void {
    if ((message.kind !== 'release' && message.kind !== 'claim') || this.#watched.distrusts(sender, message.key))
      return;
    if (message.kind === 'release') {
      if (!this.#mayBeServer(sender)) this.#released(message, sender);
    } else if (message.lanes.includes(sender)) {
      const { highestEpoch, claimer } = this.#knownOf(message.key);
      if (message.epoch < highestEpoch) return;
      if (claimer !== null && claimer !== sender && !isHigher(message, sender, highestEpoch, claimer)) return;
      this.#known.set(message.key, { highestEpoch: message.epoch, claimer: sender, notBeforeMs: 0 });
    }
  }

  /**
   * Who is in no subnet that peers may be in says nothing to an agent: a computer that was carried elsewhere may still tell those
   * that it knows of its former site. What is claimed outside of the site that it was told of means nothing to a Package Server.
   */
  #heeds(address: Ipv4): boolean {
    if (!hears(this.#watched.life, address)) return false;
    const { configuration } = this.#watched.life;
    const subnets = configuration?.site?.subnets ?? null;
    if (configuration?.packageServer == null || subnets === null) return true;
    return subnets.some((subnet) => {
      const cidr = parseCidr(subnet);
      return cidr !== null && cidrContains(cidr, address);
    });
  }

  /** A Package Server that is asked as one says nothing as a peer. When that is, only the agent knows. */
  #mayBeServer(sender: AgentId): boolean {
    const { life } = this.#watched;
    const isServer = (other: Computer) => other.isPackageServer && other.agentId === sender;
    return !life.computer.isPackageServer && life.world.computers.some(isServer);
  }

  /** `sender` null: this agent itself. */
  #released(message: Extract<DatagramMessage, { readonly kind: 'release' }>, sender: AgentId | null): void {
    const { key, epoch, retryAfterMs } = message;
    const known = this.#knownOf(key);
    const isOfAnother = sender !== null && (known.claimer ?? sender) !== sender;
    if (epoch < known.highestEpoch || (isOfAnother && epoch === known.highestEpoch)) return;
    this.#known.set(key, { highestEpoch: epoch, claimer: null, notBeforeMs: this.#watched.nowMs + retryAfterMs });
  }

  #knownOf(key: PackageKey): Known {
    return this.#known.get(key) ?? { highestEpoch: 0, claimer: null, notBeforeMs: 0 };
  }
}
