import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { Computer } from './computer.ts';
import { SharedSubnetDirectory } from './shared-subnet-directory.ts';

export type Announcement = Extract<DatagramMessage, { readonly kind: 'alive' }>;

interface Settled {
  readonly bootId: number;
  readonly announcement: Announcement;
  readonly changes: number;
}

/**
 * What all agents of a subnet have in common. An agent that is there announces itself every minute, and all others hear it: where
 * each of 200 handled that, a day of an idle organisation would cost more than any rollout. Who knows the peer, and has nothing on
 * its way, need not hear it again; see `SubnetDirectoryPort.setAttentive`.
 */
export class BroadcastDomain {
  readonly directory = new SharedSubnetDirectory();
  /** By who announces: what everybody who was there has heard. */
  readonly #settled = new Map<Computer, Settled>();
  #changes = 0;

  /** Somebody came, went, hears differently or not at all. */
  changed(): void {
    this.#changes++;
  }

  /** Everybody who is there has heard the agent announce itself as it is: what it has now matters to the attentive alone. */
  isSettled(from: Computer, bootId: number, announcement: Announcement): boolean {
    const settled = this.#settled.get(from);
    if (settled === undefined || settled.changes !== this.#changes || settled.bootId !== bootId) return false;
    const { name, address, port } = settled.announcement;
    return name === announcement.name && address === announcement.address && port === announcement.port;
  }

  /** Everybody who is there has heard it. */
  settle(from: Computer, bootId: number, announcement: Announcement): void {
    this.#settled.set(from, { bootId, announcement, changes: this.#changes });
  }
}
