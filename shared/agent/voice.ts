import { rankByHrw } from '../base/hrw.ts';
import type { AgentId } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { DatagramMessage } from './datagram-message.ts';
import type { PeerTable } from './peer-table.ts';
import type { DatagramPort } from './ports.ts';

/** Peers of a subnet without broadcasts that are told what the own subnet hears by broadcast: the first by HRW, for all the same. */
const maxToldPerSubnet = 32;

/** Speaks to the subnets that peers may be in: to everybody there, or to one peer through the interface that reaches it. */
export class Voice {
  readonly #datagrams: DatagramPort;
  readonly #peers: PeerTable;
  #sent = 0;

  constructor(datagrams: DatagramPort, peers: PeerTable) {
    this.#datagrams = datagrams;
    this.#peers = peers;
  }

  get sent(): number {
    return this.#sent;
  }

  /** To the own subnets by broadcast, to the known peers of the others by unicast. */
  broadcast(message: DatagramMessage): void {
    this.broadcastNearby(message);
    const topic = 'key' in message ? message.key : message.kind;
    for (const { cidr } of this.#peers.unicastSubnets) {
      const alive = this.#peers.aliveIn(cidr).map(({ agentId }) => agentId);
      for (const peer of rankByHrw(alive, topic).slice(0, maxToldPerSubnet)) this.tell(peer, message);
    }
  }

  /** To the own subnets alone. */
  broadcastNearby(message: DatagramMessage): void {
    for (const adapter of this.#peers.broadcastInterfaces) {
      this.#sent++;
      this.#datagrams.broadcast(adapter.address, message);
    }
  }

  /** Does nothing where the peer is not known (any longer). */
  tell(agentId: AgentId, message: DatagramMessage): void {
    const peer = this.#peers.find(agentId);
    if (peer !== null) this.tellAt(peer, message);
  }

  /** To somebody who need not be known, at an address where peers may be; does nothing for any other. */
  tellAt(to: { readonly address: Ipv4; readonly port: number }, message: DatagramMessage): void {
    const adapter = this.#peers.interfaceTo(to.address);
    if (adapter === null) return;
    this.#sent++;
    this.#datagrams.send(adapter.address, to, message);
  }
}
