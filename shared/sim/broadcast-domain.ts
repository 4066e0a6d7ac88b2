import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { Computer } from './computer.ts';
import { SharedSubnetDirectory } from './shared-subnet-directory.ts';
import type { SpokenWord } from './subnet-broadcasts.ts';
import { SubnetBroadcasts } from './subnet-broadcasts.ts';
import type { World } from './world.ts';

type Announcement = Extract<DatagramMessage, { readonly kind: 'alive' }>;

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
  readonly broadcasts = new SubnetBroadcasts();
  /** By who announces: what everybody who was there has heard. */
  readonly #settled = new Map<Computer, Settled>();
  #changes = 0;

  /** Somebody came, went, hears differently or not at all. */
  changed(): void {
    this.#changes++;
  }

  /**
   * Takes note of an announcement of an agent that everybody who is there has heard before, and that is still the same: what it
   * has now matters to the attentive alone. False where everybody has to hear it.
   */
  takeAgain({ time }: World, { from, bootId, message }: SpokenWord): boolean {
    const settled = this.#settled.get(from);
    if (message.kind !== 'alive' || settled?.changes !== this.#changes || settled.bootId !== bootId) return false;
    const { name, address, port } = settled.announcement;
    if (name !== message.name || address !== message.address || port !== message.port) return false;
    this.directory.announcedAgain(from.agentId, bootId, message.packages, time.nowMs);
    return true;
  }

  /** Everybody who is there has heard it. */
  settle({ from, bootId, message }: SpokenWord): void {
    if (message.kind === 'alive') this.#settled.set(from, { bootId, announcement: message, changes: this.#changes });
  }
}
