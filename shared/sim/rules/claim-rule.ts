import type { AgentInput } from '../../agent/agent-input.ts';
import type { DatagramMessage } from '../../agent/datagram-message.ts';
import { hrwWeight } from '../../base/hrw.ts';
import type { AgentId, PackageKey } from '../../base/ids.ts';
import { cidrContains } from '../../base/ipv4.ts';
import type { SimulatedSubnet } from '../computer.ts';
import type { FetchCommand, PortWatch } from './port-watch.ts';
import type { WatchedLife } from './watched-life.ts';

type ClaimMessage = Extract<DatagramMessage, { readonly kind: 'claim' }>;

interface OwnClaim {
  readonly epoch: number;
  readonly sinceMs: number;
}

/** Milliseconds. A CLAIM stands when nobody has contested it for so long. */
const uncontestedMs = 150;
/** A claimer that is silent for longer is looked after: who was its lane has been told of another by then. */
const laneLastsMs = 60_000;
/** The agent's clock counts whole milliseconds. */
const clockMs = 1;

/** Nothing crosses the WAN but through who claimed it 150 ms ago without being outbid, or whom a claimer made a lane. */
export class ClaimRule implements PortWatch {
  readonly #watched: WatchedLife;
  readonly #own = new Map<PackageKey, OwnClaim>();
  /** When a claim that was heard last named this agent as a lane. */
  readonly #laneAtMs = new Map<PackageKey, number>();
  #subnet: SimulatedSubnet;

  constructor(watched: WatchedLife) {
    this.#watched = watched;
    this.#subnet = watched.life.computer.subnet;
  }

  heard(input: AgentInput): void {
    if (input.kind === 'interfacesChanged') this.#addressChanged();
    else if (input.kind === 'datagramReceived' && input.message.kind === 'claim') {
      this.#heardClaim(input.sender, input.from.address, input.message);
    }
  }

  /** What was claimed in another subnet means nothing here. */
  #addressChanged(): void {
    const { subnet } = this.#watched.life.computer;
    if (subnet === this.#subnet) return;
    this.#subnet = subnet;
    this.#own.clear();
    this.#laneAtMs.clear();
  }

  said(message: DatagramMessage): void {
    if (message.kind === 'release') this.#own.delete(message.key);
    if (message.kind !== 'claim') return;
    const known = this.#own.get(message.key);
    if (known?.epoch === message.epoch) return;
    this.#own.set(message.key, { epoch: message.epoch, sinceMs: this.#watched.nowMs });
  }

  fetches({ key, block, source }: FetchCommand): void {
    if (source.kind === 'peer' || source.codebase.source === 'package-server-own-site') return;
    const { life, nowMs } = this.#watched;
    if (
      life.computer.isPackageServer ||
      this.#watched.servesNobody(key) ||
      this.#maySaySoToNobody ||
      this.#watched.mayGoAlone(key)
    )
      return;
    const own = this.#own.get(key);
    const isClaimed = own !== undefined && nowMs - own.sinceMs > uncontestedMs - clockMs;
    const isLane = nowMs - (this.#laneAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < laneLastsMs;
    const since = own === undefined ? 'no claim' : `a claim of ${nowMs - own.sinceMs} ms`;
    this.#watched.check(isClaimed || isLane, 'claim-first', () => `asks for block ${block} over the WAN with ${since}`);
  }

  /** Without broadcasts, who knows no peer claims without a word. */
  get #maySaySoToNobody(): boolean {
    return this.#watched.life.configuration?.site?.locationType === 'wifi';
  }

  #heardClaim(sender: AgentId, address: number, message: ClaimMessage): void {
    const { life } = this.#watched;
    if (!message.lanes.includes(sender) || this.#watched.distrusts(sender, message.key)) return;
    if (message.lanes.includes(life.computer.agentId)) this.#laneAtMs.set(message.key, this.#watched.nowMs);
    const own = this.#own.get(message.key);
    if (own === undefined || !cidrContains(life.computer.subnet.cidr, address)) return;
    if (life.world.computers.some(({ agentId, isPackageServer }) => isPackageServer && agentId === sender)) return;
    if (isHigher(message, sender, own.epoch, life.computer.agentId)) this.#own.delete(message.key);
  }
}

/** Of two claims the one with the higher (epoch, HRW) stands. */
export function isHigher({ epoch, key }: ClaimMessage, sender: AgentId, thanEpoch: number, thanId: AgentId): boolean {
  return epoch === thanEpoch ? hrwWeight(sender, key) > hrwWeight(thanId, key) : epoch > thanEpoch;
}
