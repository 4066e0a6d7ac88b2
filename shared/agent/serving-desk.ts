import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';
import type { ContentRequest, ServingRequest } from './agent-input.ts';
import type { HeldRequest } from './held-requests.ts';
import { HeldRequests } from './held-requests.ts';
import { otherHolders } from './holder-words.ts';
import type { PackageDelivery } from './package-delivery.ts';
import type { PeerEndpoint, ServingAnswer } from './ports.ts';
import { RateDivider } from './rate-divider.ts';
import type { Turn } from './serving-turn.ts';
import { turnOf } from './serving-turn.ts';
import { WakeUp } from './timers.ts';

/** Batteries and busy processors last longer than a full slot does; the peer counts it as no holder until then. */
const notServingMs = 30_000;
/** An installation may end any moment; those who wait do not all come back in the same one. */
const installingMs = 4000;
const installingSpreadMs = 4000;
/** When a busy computer is worth asking again: about the time of a block at 10 MB/s, spread so that not all come at once. */
const retryAfterMs = 150;
const retrySpreadMs = 300;
/** A request waits so long at most: well below the shortest HTTP request timeout. */
const longestHoldMs = 2000;
/** Nobody waits for a copy that takes so many times what copies take here, and longer than `shortestStallMs`. */
const stallFactor = 3;
const shortestStallMs = 300;
/** Who was sent elsewhere comes back at the earliest after the time of a copy. */
const shortestReferralMs = 50;
/** A Package Server has those of its whole site, and of those below it. */
const packageServerConnections = 2000;

interface ActiveRequest {
  readonly peer: AgentId;
  readonly key: PackageKey;
  readonly block: number;
  readonly startedAtMs: number;
}

type PeerRequest = Exclude<ServingRequest, ContentRequest>;

/** Decides which peer is served what, at which rate. */
export class ServingDesk {
  readonly #context: AgentContext;
  readonly #deliveryOf: (key: PackageKey) => PackageDelivery | null;
  readonly #active = new Map<number, ActiveRequest>();
  readonly #rates: RateDivider<number>;
  readonly #held = new HeldRequests();
  readonly #wakeUp: WakeUp;
  /** Copies that have left, by their receiver, whose word that it holds the block is to come. */
  readonly #unconfirmed = new Map<AgentId, { readonly copy: ActiveRequest; readonly untilMs: number }>();
  /** How long the last complete answer took. */
  #lastCopyMs = 0;
  #served = 0;
  #refusedBusy = 0;

  constructor(context: AgentContext, deliveryOf: (key: PackageKey) => PackageDelivery | null) {
    this.#context = context;
    this.#deliveryOf = deliveryOf;
    this.#rates = new RateDivider((requestId, rate) => context.ports.serving.setServingRate(requestId, rate));
    this.#wakeUp = new WakeUp(context.ports.clock, context.timers, () => this.#endHolds());
  }

  configure(): void {
    const { settings, isStopping, calendar } = this.#context;
    const isPackageServer = this.#context.packageServer !== null;
    this.#rates.setLimit(settings.maxUploadBytesPerSecond);
    this.#context.ports.serving.configure({
      enabled: (settings.peerDownloading || isPackageServer) && !isStopping && !calendar.isSilent,
      maxConnections: isPackageServer
        ? Math.max(settings.maxConnections, packageServerConnections)
        : settings.maxConnections,
      requestTimeoutMs: settings.requestTimeoutMs,
      contentKey: this.#context.packageServer?.contentKey ?? null,
    });
  }

  get counters(): { activeRequests: number; requestLimit: number; served: number; refusedBusy: number } {
    return {
      activeRequests: this.#active.size,
      requestLimit: this.#context.settings.requestLimit,
      served: this.#served,
      refusedBusy: this.#refusedBusy,
    };
  }

  /** The package is not to be served any longer: not one byte more of it. */
  breakOff(key: PackageKey): void {
    for (const [requestId, active] of this.#active) {
      if (active.key === key) this.#context.ports.serving.breakOff(requestId);
    }
  }

  requested(requestId: number, peer: AgentId, address: Ipv4, request: PeerRequest): void {
    const answer = this.#answerTo(requestId, peer, address, request);
    if (answer !== null) this.#context.ports.serving.answer(requestId, answer);
  }

  /** The peer told which blocks of the package it holds: a share of those who wait for one is sent there. */
  holderHeard(key: PackageKey, holder: AgentId): void {
    const delivery = this.#deliveryOf(key);
    const swarm = delivery?.swarm ?? null;
    if (delivery === null || swarm === null) return;
    const unconfirmed = this.#unconfirmed.get(holder);
    if (unconfirmed?.copy.key === key && swarm.holds(holder, unconfirmed.copy.block)) this.#unconfirmed.delete(holder);
    if (this.#held.all.length === 0) return;
    const waiting = new Map<number, HeldRequest[]>();
    for (const held of this.#held.all) {
      if (held.key === key && swarm.holds(holder, held.block))
        waiting.set(held.block, [...(waiting.get(held.block) ?? []), held]);
    }
    for (const [block, queue] of waiting) {
      if (!this.#held.noteHolder(key, block, holder)) continue;
      const isLeftToOthers = this.#turnOf(delivery, block) === 'ask-others';
      const staying = isLeftToOthers ? 0 : Math.ceil(queue.length / 2);
      for (const held of queue.slice(staying)) this.#refer(delivery, held, holder);
    }
    this.#workQueue();
  }

  ended(requestId: number, sentBytes: number, isCompleted: boolean): void {
    const active = this.#active.get(requestId);
    if (active === undefined) return;
    this.#active.delete(requestId);
    this.#context.peerDemand.ends(requestId);
    this.#deliveryOf(active.key)?.download?.followerFetched();
    this.#rates.remove(requestId);
    this.#context.totals.peerBytesOut += sentBytes;
    this.#context.peers.record(active.peer).bytesOut += sentBytes;
    this.#context.peers.ratesOut.add(active.peer, sentBytes, this.#context.nowMs());
    if (isCompleted) {
      this.#served++;
      this.#lastCopyMs = this.#context.nowMs() - active.startedAtMs;
      this.#awaitWord(active);
    }
    this.#workQueue();
  }

  /** Null where the request waits for its answer. */
  #answerTo(requestId: number, peer: AgentId, address: Ipv4, request: PeerRequest): ServingAnswer | null {
    const context = this.#context;
    if (context.isStopping || context.calendar.isSilent) return refusal('stopping', 0);
    if (!context.settings.peerDownloading) return refusal('peer-downloading-off', 0);
    // Isolation holds for serving too: whoever is not of an own subnet gets nothing.
    if (context.peers.subnetOf(address) === null) return refusal('not-available', 0);
    context.peers.asked(peer, address);
    if (context.peers.isBanned(peer) || context.withdrawals.answer(peer, request.key))
      return refusal('not-available', 0);
    const delivery = this.#deliveryOf(request.key);
    const blocks = delivery?.isServable === true ? delivery.blocks : null;
    if (delivery === null || blocks === null) return refusal('not-available', 0);
    delivery.noteInterest(peer);
    if (request.kind === 'block-map') {
      return { kind: 'block-map', mapVersion: blocks.count, blockCount: blocks.size, blocks: blocks.clone() };
    }
    const { key, block } = request;
    if (block >= blocks.size || !blocks.has(block)) return refusal('not-available', 0);
    context.peerDemand.asked(context.nowMs());
    if (context.conditions.servingProblem !== null) return this.#notServing(delivery, block, peer);
    if (request.isOverLimit === true || this.#active.size >= context.settings.requestLimit) {
      return this.#busy(delivery, block, peer);
    }
    const held: HeldRequest = { requestId, peer, key, block, untilMs: context.nowMs() + longestHoldMs };
    const turn = this.#turnOf(delivery, block);
    if (turn === 'serve' || this.#held.isFull) return this.#serve(held);
    if (turn === 'ask-others') return this.#referral(delivery, held, null) ?? this.#serve(held);
    this.#held.add(held);
    this.#lookAgain();
    return null;
  }

  #notServing(delivery: PackageDelivery, block: number, peer: AgentId): ServingAnswer {
    const others = otherHolders(this.#context, delivery.swarm, block, peer);
    if (this.#context.conditions.servingProblem !== 'installing') {
      return { kind: 'refuse', code: 'not-serving', retryAfterMs: notServingMs, others };
    }
    const retryAfterMs = installingMs + this.#context.ports.random.below(installingSpreadMs);
    return { kind: 'refuse', code: 'installing', retryAfterMs, others };
  }

  #turnOf(delivery: PackageDelivery, block: number): Turn {
    const { key } = delivery.subject;
    const nowMs = this.#context.nowMs();
    const startedAfterMs = nowMs - this.#stallMs();
    let uploads = 0;
    let copies = this.#unconfirmedCopies(key, block, nowMs);
    for (const active of this.#active.values()) {
      if (active.startedAtMs <= startedAfterMs) continue;
      uploads++;
      if (active.key === key && active.block === block) copies++;
    }
    return turnOf({
      uploads,
      copies,
      holders: delivery.swarm?.holdersOf(block) ?? 0,
      hasScarcerBlocks: delivery.download?.isWaitingForCopies(this.#lastCopyMs) ?? false,
      copyMs: this.#lastCopyMs,
    });
  }

  /** A lane is told of each block at once: until then a second copy of it would take what the next block needs. */
  #awaitWord(copy: ActiveRequest): void {
    const { key, peer, block } = copy;
    const download = this.#deliveryOf(key)?.download ?? null;
    if (download?.isWaitingForCopies(this.#lastCopyMs) !== true || this.#holdersOf({ key, block }) > 0) return;
    this.#unconfirmed.set(peer, { copy, untilMs: this.#context.nowMs() + this.#stallMs() });
  }

  #unconfirmedCopies(key: PackageKey, block: number, nowMs: number): number {
    let copies = 0;
    for (const [peer, { copy, untilMs }] of this.#unconfirmed) {
      if (untilMs <= nowMs) this.#unconfirmed.delete(peer);
      else if (copy.key === key && copy.block === block) copies++;
    }
    return copies;
  }

  #stallMs(): number {
    return Math.max(stallFactor * this.#lastCopyMs, shortestStallMs);
  }

  /** When a hold ends, or a copy counts as stalled and makes way. */
  #lookAgain(): void {
    let atMs = this.#held.nextEndMs();
    if (atMs !== Number.POSITIVE_INFINITY) {
      const nowMs = this.#context.nowMs();
      for (const { startedAtMs } of this.#active.values()) {
        const stalledAtMs = startedAtMs + this.#stallMs();
        if (stalledAtMs > nowMs) atMs = Math.min(atMs, stalledAtMs);
      }
      for (const { untilMs } of this.#unconfirmed.values()) if (untilMs > nowMs) atMs = Math.min(atMs, untilMs);
    }
    this.#wakeUp.setAt(atMs);
  }

  /** Serves those whose turn it is: first who waits for the block that the fewest hold, then who came first. */
  #workQueue(): void {
    const queue = this.#held.all.map((held) => ({ held, holders: this.#holdersOf(held) }));
    for (const { held } of queue.sort((a, b) => a.holders - b.holders)) {
      const delivery = this.#deliveryOf(held.key);
      if (delivery === null || this.#turnOf(delivery, held.block) === 'serve') this.#serveHeld(held);
    }
    this.#lookAgain();
  }

  #holdersOf({ key, block }: Pick<HeldRequest, 'key' | 'block'>): number {
    return this.#deliveryOf(key)?.swarm?.holdersOf(block) ?? 0;
  }

  #endHolds(): void {
    const nowMs = this.#context.nowMs();
    for (const held of this.#held.all) if (held.untilMs <= nowMs) this.#serveHeld(held);
    this.#workQueue();
  }

  /** Much may have changed while it waited. */
  #serveHeld(held: HeldRequest): void {
    const { isStopping, calendar, settings } = this.#context;
    const delivery = this.#deliveryOf(held.key);
    if (isStopping || calendar.isSilent || !settings.peerDownloading) this.#answer(held, refusal('stopping', 0));
    else if (delivery?.isServable !== true || delivery.blocks?.has(held.block) !== true) {
      this.#answer(held, refusal('not-available', 0));
    } else if (this.#context.conditions.servingProblem !== null) {
      this.#answer(held, this.#notServing(delivery, held.block, held.peer));
    } else if (this.#active.size >= settings.requestLimit) {
      this.#answer(held, this.#busy(delivery, held.block, held.peer));
    } else this.#answer(held, this.#serve(held));
  }

  #answer(held: HeldRequest, answer: ServingAnswer): void {
    this.#held.remove(held.requestId);
    this.#context.ports.serving.answer(held.requestId, answer);
  }

  #serve({ requestId, peer, key, block }: HeldRequest): ServingAnswer {
    this.#active.set(requestId, { peer, key, block, startedAtMs: this.#context.nowMs() });
    this.#context.peerDemand.begins(requestId, key);
    return { kind: 'serve-block', maxBytesPerSecond: this.#rates.add(requestId) };
  }

  #refer(delivery: PackageDelivery, held: HeldRequest, holder: AgentId): void {
    const answer = held.peer === holder ? null : this.#referral(delivery, held, holder);
    if (answer !== null) this.#answer(held, answer);
  }

  /** "Ask those": one holder, or some by chance. Null where the peer was sent elsewhere too often for this block. */
  #referral(
    delivery: PackageDelivery,
    { key, block, peer }: HeldRequest,
    holder: AgentId | null,
  ): ServingAnswer | null {
    if (!this.#held.mayRefer(key, block, peer)) return null;
    const endpoint = holder === null ? null : this.#context.peers.find(holder);
    if (holder !== null && endpoint === null) return null;
    this.#held.noteReferred(key, block, peer);
    this.#refusedBusy++;
    return {
      kind: 'refuse',
      code: 'block-busy',
      retryAfterMs: Math.round(Math.max(this.#lastCopyMs, shortestReferralMs)),
      others: endpoint === null ? otherHolders(this.#context, delivery.swarm, block, peer) : [endpointOf(endpoint)],
    };
  }

  #busy(delivery: PackageDelivery, block: number, peer: AgentId): ServingAnswer {
    this.#refusedBusy++;
    return {
      kind: 'refuse',
      code: 'busy',
      retryAfterMs: retryAfterMs + this.#context.ports.random.below(retrySpreadMs),
      others: otherHolders(this.#context, delivery.swarm, block, peer),
    };
  }
}

function refusal(code: 'stopping' | 'peer-downloading-off' | 'not-available', afterMs: number): ServingAnswer {
  return { kind: 'refuse', code, retryAfterMs: afterMs, others: [] };
}

function endpointOf({ agentId, address, port }: PeerEndpoint): PeerEndpoint {
  return { agentId, address, port };
}
