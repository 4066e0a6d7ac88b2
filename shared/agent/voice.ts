import type { AgentId } from '../base/ids.ts';
import type { DatagramMessage } from './datagram-message.ts';
import type { PeerTable } from './peer-table.ts';
import type { DatagramPort } from './ports.ts';

/** Speaks to the own subnets: to everybody there, or to one peer through the interface that reaches it. */
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

  broadcast(message: DatagramMessage): void {
    for (const adapter of this.#peers.interfaces) {
      this.#sent++;
      this.#datagrams.broadcast(adapter.address, message);
    }
  }

  /** Does nothing where the peer is not known (any longer). */
  tell(agentId: AgentId, message: DatagramMessage): void {
    const peer = this.#peers.find(agentId);
    if (peer === null) return;
    const adapter = this.#peers.interfaceTo(peer.address);
    if (adapter === null) return;
    this.#sent++;
    this.#datagrams.send(adapter.address, peer, message);
  }
}
