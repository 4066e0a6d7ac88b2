import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';
import type { ServingRequest } from './agent-input.ts';
import { FirstCopies } from './first-copies.ts';
import type { PackageDelivery } from './package-delivery.ts';
import type { ServingAnswer } from './ports.ts';
import { RateDivider } from './rate-divider.ts';

/** When a busy computer is worth asking again: about the time of a block at 10 MB/s, spread so that not all come at once. */
const retryAfterMs = 150;
const retrySpreadMs = 300;

interface ActiveRequest {
  readonly peer: AgentId;
  readonly key: PackageKey;
  readonly block: number;
  readonly startedAtMs: number;
}

/** Decides who is served what, at which rate. */
export class ServingDesk {
  readonly #context: AgentContext;
  readonly #deliveryOf: (key: PackageKey) => PackageDelivery | null;
  readonly #active = new Map<number, ActiveRequest>();
  readonly #rates: RateDivider<number>;
  readonly #firstCopies = new FirstCopies();
  /** How long the last complete answer took. */
  #lastCopyMs = 0;
  #served = 0;
  #refusedBusy = 0;

  constructor(context: AgentContext, deliveryOf: (key: PackageKey) => PackageDelivery | null) {
    this.#context = context;
    this.#deliveryOf = deliveryOf;
    this.#rates = new RateDivider((requestId, rate) => context.ports.serving.setServingRate(requestId, rate));
  }

  configure(): void {
    const { settings } = this.#context;
    this.#rates.setLimit(settings.maxUploadBytesPerSecond);
    this.#context.ports.serving.configure({
      enabled: settings.peerDownloading && !this.#context.isStopping && !this.#context.calendar.isSilent,
      maxConnections: settings.maxConnections,
      requestTimeoutMs: settings.requestTimeoutMs,
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

  requested(requestId: number, peer: AgentId, address: Ipv4, request: ServingRequest): void {
    const answer = this.#answerTo(requestId, peer, address, request);
    this.#context.ports.serving.answer(requestId, answer);
  }

  ended(requestId: number, sentBytes: number, isCompleted: boolean): void {
    const active = this.#active.get(requestId);
    if (active === undefined) return;
    this.#active.delete(requestId);
    this.#rates.remove(requestId);
    this.#context.totals.peerBytesOut += sentBytes;
    const record = this.#context.peers.record(active.peer);
    record.bytesOut += sentBytes;
    record.rateOut.add(sentBytes, this.#context.nowMs());
    if (!isCompleted) return;
    this.#served++;
    this.#lastCopyMs = this.#context.nowMs() - active.startedAtMs;
  }

  #answerTo(requestId: number, peer: AgentId, address: Ipv4, request: ServingRequest): ServingAnswer {
    const context = this.#context;
    if (context.isStopping || context.calendar.isSilent) return refusal('stopping', 0);
    if (!context.settings.peerDownloading) return refusal('peer-downloading-off', 0);
    // Isolation holds for serving too: whoever is not of an own subnet gets nothing.
    if (context.peers.subnetOf(address) === null) return refusal('not-available', 0);
    const delivery = this.#deliveryOf(request.key);
    const blocks = delivery?.isServable === true ? delivery.blocks : null;
    if (delivery === null || blocks === null) return refusal('not-available', 0);
    delivery.noteInterest(peer);
    if (request.kind === 'block-map') {
      return { kind: 'block-map', mapVersion: blocks.count, blockCount: blocks.size, blocks: blocks.clone() };
    }
    if (request.block >= blocks.size || !blocks.has(request.block)) return refusal('not-available', 0);
    if (request.isOverLimit === true || this.#active.size >= context.settings.requestLimit) {
      return this.#busy(delivery, request.block, peer, retryAfterMs);
    }
    if (this.#mustWaitForFirstCopies(delivery, request.block, peer)) {
      return this.#busy(delivery, request.block, peer, Math.max(retryAfterMs, this.#lastCopyMs / 2));
    }
    this.#active.set(requestId, { peer, key: request.key, block: request.block, startedAtMs: context.nowMs() });
    return { kind: 'serve-block', maxBytesPerSecond: this.#rates.add(requestId) };
  }

  #mustWaitForFirstCopies(delivery: PackageDelivery, block: number, peer: AgentId): boolean {
    const { key } = delivery.subject;
    let underWay = 0;
    for (const active of this.#active.values()) if (active.key === key && active.block === block) underWay++;
    return this.#firstCopies.mustWait(`${key}/${block}`, peer, underWay, delivery.swarm?.holdersOf(block) ?? 0);
  }

  #busy(delivery: PackageDelivery, block: number, peer: AgentId, afterMs: number): ServingAnswer {
    this.#refusedBusy++;
    return {
      kind: 'refuse',
      code: 'busy',
      retryAfterMs: Math.round(afterMs) + this.#context.ports.random.below(retrySpreadMs),
      others: delivery.otherHolders(block, peer),
    };
  }
}

function refusal(code: 'stopping' | 'peer-downloading-off' | 'not-available', afterMs: number): ServingAnswer {
  return { kind: 'refuse', code, retryAfterMs: afterMs, others: [] };
}
