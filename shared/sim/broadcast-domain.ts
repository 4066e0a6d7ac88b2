import type { DatagramMessage } from '../agent/datagram-message.ts';
import type { Computer } from './computer.ts';
import { SharedSubnetDirectory } from './shared-subnet-directory.ts';
import type { SpokenWord } from './subnet-broadcasts.ts';
import { SubnetBroadcasts } from './subnet-broadcasts.ts';
import type { World } from './world.ts';

/** Newcomers that are remembered; a subnet has 1,022 computers at most, and who announced before the oldest is heard by all again. */
const maxNewcomers = 2048;

type Announcement = Extract<DatagramMessage, { readonly kind: 'alive' }>;

interface Settled {
  readonly bootId: number;
  readonly announcement: Announcement;
  /** Who came after it has not heard it. */
  readonly moment: number;
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
  /** Who began to hear, or hears what it did not hear before, the last one last. */
  #newcomers: Computer[] = [];
  #forgottenNewcomers = 0;
  readonly #attentive = new Set<Computer>();
  #isWhole: boolean | null = null;

  /** Its agent came, or hears and speaks differently from now on: it may have missed all, and be known to nobody. */
  began(computer: Computer): void {
    this.#settled.delete(computer);
    this.#newcomers.push(computer);
    if (this.#newcomers.length <= maxNewcomers) return;
    const forgotten = this.#newcomers.length - maxNewcomers / 2;
    this.#newcomers = this.#newcomers.slice(forgotten);
    this.#forgottenNewcomers += forgotten;
  }

  setAttentive(computer: Computer, isAttentive: boolean): void {
    if (isAttentive) this.#attentive.add(computer);
    else this.#attentive.delete(computer);
  }

  /** A computer was carried here, and has taken its agent with it if one runs. */
  entered(computer: Computer): void {
    this.#isWhole = null;
    this.began(computer);
    if (computer.life?.isAttentive === true) this.#attentive.add(computer);
  }

  left(computer: Computer): void {
    this.#isWhole = null;
    this.#settled.delete(computer);
    this.#attentive.delete(computer);
  }

  /** Somebody is reached who was not, or the other way round. */
  reachabilityChanged(): void {
    this.#isWhole = null;
    this.#settled.clear();
  }

  /** Whether everybody reaches everybody. */
  isWhole(computers: readonly Computer[]): boolean {
    this.#isWhole ??= computers.every(({ isUnplugged, side }) => !isUnplugged && side === 0);
    return this.#isWhole;
  }

  /**
   * Takes note of an announcement that nobody has to hear, see `hearersOf`; false where somebody does. As in most subnets most of
   * the time everybody is at rest, that it takes a moment to arrive is left out.
   */
  takesNoteOf(world: World, word: SpokenWord): boolean {
    const settled = this.#settledBefore(word);
    if (settled === null || this.#attentive.size > 0) return false;
    if (this.#newcomersSince(settled).some((newcomer) => newcomer !== word.from)) return false;
    this.#noteAgain(world, word);
    return true;
  }

  /**
   * Who has to hear the word; null: everybody who is there. An announcement that nearly all have heard before, and that is still
   * the same, is taken note of: it matters to those alone who came since then, or who are attentive to what the peer has now.
   */
  hearersOf(world: World, word: SpokenWord): ReadonlySet<Computer> | null {
    if (word.message.kind === 'byebye') this.#settled.delete(word.from);
    const settled = this.#settledBefore(word);
    if (settled === null) return null;
    this.#noteAgain(world, word);
    return new Set([...this.#attentive, ...this.#newcomersSince(settled)]);
  }

  /** Who is still there. */
  #newcomersSince({ moment }: Settled): Computer[] {
    return this.#newcomers
      .slice(moment - this.#forgottenNewcomers)
      .filter((newcomer) => newcomer.subnet.domain === this);
  }

  /** What of the same agent was heard before that says the same, but for its packages; null: nothing that would still hold. */
  #settledBefore({ from, bootId, message }: SpokenWord): Settled | null {
    const settled = this.#settled.get(from);
    if (message.kind !== 'alive' || settled?.bootId !== bootId) return null;
    if (settled.moment < this.#forgottenNewcomers) return null;
    const { name, address, port } = settled.announcement;
    return name === message.name && address === message.address && port === message.port ? settled : null;
  }

  #noteAgain({ time }: World, { from, bootId, message }: SpokenWord): void {
    if (message.kind === 'alive') this.directory.announcedAgain(from.agentId, bootId, message.packages, time.nowMs);
  }

  /** For `settle`: now. */
  get moment(): number {
    return this.#forgottenNewcomers + this.#newcomers.length;
  }

  /** Everybody who was there at that moment has heard it. */
  settle({ from, bootId, message }: SpokenWord, moment: number): void {
    if (message.kind === 'alive') this.#settled.set(from, { bootId, announcement: message, moment });
  }
}
