import { rankByHrw } from '../base/hrw.ts';
import type { AgentId } from '../base/ids.ts';
import type { Cidr } from '../base/ipv4.ts';
import { isSameCidr } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';
import { smallestCrowd } from './crowd-ring.ts';
import type { AnnouncedPackage, DatagramMessage } from './datagram-message.ts';
import { maxAnnouncedPackages } from './datagram-message.ts';
import { WakeUp } from './timers.ts';

/** Announcements are not sent more often than this, whatever changes. */
const minSpacingMs = 1000;
/**
 * A change is announced up to so long later for each peer, by chance: everybody hears every announcement, and a package that
 * all get changes its state everywhere in the same moments. What matters then is told by WANT, CLAIM and BLOCKS.
 */
const changeSpreadPerPeerMs = 100;
/** Of an interval, either way: so that a subnet switched on at once does not stay in step. */
export const jitterPercent = 20;
/** About so many peers answer a newcomer: each draws, because to rank 200 peers for each of 200 newcomers would take seconds. */
const answeringPeers = 16;
const answerWithinMs = 500;
/** Waiting for an answer at a time; equals the bound of the subnet directory. */
const maxNewcomers = 1024;
/** Peers of one additional subnet that are told by unicast: twice as many as a server names, who may have found us as well. */
const maxAnnouncedTo = 64;

type AliveMessage = Extract<DatagramMessage, { readonly kind: 'alive' }>;

/**
 * Tells the own subnets, and whoever is known in additional ones, that this agent is there and what it has; and newcomers
 * that they are not alone.
 */
export class Discovery {
  readonly #context: AgentContext;
  /** Most recently changed first. */
  readonly #packages: () => readonly AnnouncedPackage[];
  readonly #announced: () => void;
  readonly #wakeUp: WakeUp;
  #lastSentMs = Number.NEGATIVE_INFINITY;
  #isRunning = false;
  #isChangeWaiting = false;
  /** Heard for the first time since newcomers were answered last, and when. */
  readonly #newcomers = new Map<AgentId, number>();

  /** `announced`: called after each announcement, so that an agent that is at rest has one thing to wake up for. */
  constructor(context: AgentContext, packages: () => readonly AnnouncedPackage[], announced: () => void) {
    this.#context = context;
    this.#packages = packages;
    this.#announced = announced;
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#announce());
  }

  /** Follows the policy: announces while peer downloading is on, says goodbye when it is turned off. */
  configure(): void {
    const { settings, isStopping, calendar } = this.#context;
    const isWanted = settings.peerDownloading && !isStopping && !calendar.isSilent;
    if (isWanted && !this.#isRunning) {
      this.#isRunning = true;
      this.#announce();
    } else if (!isWanted) this.stop();
    // A shorter interval holds for the announcement that is being waited for as well.
    else this.#wakeUp.noLaterThan(this.#lastSentMs + this.#jittered(settings.announcementIntervalMs));
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** An address changed: told at once. */
  changed(): void {
    if (this.#isRunning) this.#wakeUp.noLaterThan(Math.max(this.#context.nowMs(), this.#lastSentMs + minSpacingMs));
  }

  /** A package changed its state: told soon, drawn together with what else changes. */
  packagesChanged(): void {
    if (!this.#isRunning || this.#isChangeWaiting) return;
    const { count } = this.#context.peers;
    // All of a crowd change in the same moments, and tell each other by other words: the next announcement is soon enough.
    if (count >= smallestCrowd) return;
    this.#isChangeWaiting = true;
    const spreadMs = count * changeSpreadPerPeerMs;
    const earliestMs = Math.max(this.#context.nowMs(), this.#lastSentMs + minSpacingMs);
    this.#wakeUp.noLaterThan(earliestMs + this.#context.ports.random.below(spreadMs + 1));
  }

  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#isChangeWaiting = false;
    this.#wakeUp.setAt(Number.POSITIVE_INFINITY);
    this.#context.voice.broadcast({ kind: 'byebye' });
  }

  /** Somebody new: about 16 answer, so that it knows the subnet within half a second. */
  welcome(newcomer: AgentId): void {
    if (!this.#isRunning || this.#newcomers.size >= maxNewcomers) return;
    const areAnswered = this.#newcomers.size > 0;
    this.#newcomers.set(newcomer, this.#context.nowMs());
    if (areAnswered) return;
    this.#context.timers.after(this.#context.ports.random.below(answerWithinMs), () => this.#answerNewcomers());
  }

  #answerNewcomers(): void {
    const newcomers = [...this.#newcomers];
    this.#newcomers.clear();
    const { peers, ports } = this.#context;
    for (const [newcomer, heardAtMs] of newcomers) {
      const presence = peers.find(newcomer);
      // What everybody heard, who came before it was said heard as well.
      const hearsBroadcasts = presence !== null && this.#hearsBroadcasts(presence.subnet);
      if (presence === null || (hearsBroadcasts && heardAtMs < this.#lastSentMs)) continue;
      // Who came from an additional subnet has spoken to few: whoever it spoke to answers.
      const around = hearsBroadcasts ? peers.count : 0;
      if (around <= answeringPeers || ports.random.below(around) < answeringPeers) this.tell(newcomer);
    }
  }

  /** An announcement to one peer. */
  tell(peer: AgentId): void {
    const message = this.#isRunning ? this.#message(peer) : null;
    if (message !== null) this.#context.voice.tell(peer, message);
  }

  #announce(): void {
    const { peers, ports } = this.#context;
    this.#lastSentMs = this.#context.nowMs();
    this.#isChangeWaiting = false;
    peers.prune();
    for (const adapter of peers.broadcastInterfaces) {
      ports.datagrams.broadcast(adapter.address, this.#aliveMessage(adapter.address, adapter.port));
    }
    for (const { cidr } of peers.unicastSubnets) {
      const alive = peers.aliveIn(cidr).map(({ agentId }) => agentId);
      for (const peer of rankByHrw(alive, this.#context.ownId).slice(0, maxAnnouncedTo)) this.tell(peer);
    }
    this.#wakeUp.setAt(this.#lastSentMs + this.#jittered(this.#context.settings.announcementIntervalMs));
    this.#announced();
  }

  #hearsBroadcasts(cidr: Cidr): boolean {
    return this.#context.peers.subnets.some((subnet) => subnet.reach === 'broadcast' && isSameCidr(subnet.cidr, cidr));
  }

  #message(to: AgentId): AliveMessage | null {
    const peer = this.#context.peers.find(to);
    const adapter = peer === null ? null : this.#context.peers.interfaceTo(peer.address);
    return adapter === null ? null : this.#aliveMessage(adapter.address, adapter.port);
  }

  #aliveMessage(address: number, port: number): AliveMessage {
    const packages = this.#packages().slice(0, maxAnnouncedPackages);
    return { kind: 'alive', name: this.#context.identity.name, address, port, packages };
  }

  #jittered(intervalMs: number): number {
    const span = Math.floor((intervalMs * jitterPercent) / 100);
    return intervalMs - span + this.#context.ports.random.below(2 * span + 1);
  }
}
