import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Ipv4 } from '../base/ipv4.ts';
import type { AgentContext } from './agent-context.ts';
import type { ServingRequest } from './agent-input.ts';
import type { PackageDelivery } from './package-delivery.ts';
import type { ServingAnswer } from './ports.ts';
import { RateDivider } from './rate-divider.ts';

/** When a busy computer is worth asking again: about the time of a block at 10 MB/s, spread so that not all come at once. */
const retryAfterMs = 150;
const retrySpreadMs = 300;

/** Copies of a block under way at a time while fewer than `enoughHolders` other peers hold it. */
const firstCopies = 2;
const enoughHolders = 3;

interface ActiveRequest {
  readonly peer: AgentId;
  readonly key: PackageKey;
  readonly block: number;
}

/** Decides who is served what, at which rate. */
export class ServingDesk {
  readonly #context: AgentContext;
  readonly #deliveryOf: (key: PackageKey) => PackageDelivery | null;
  readonly #active = new Map<number, ActiveRequest>();
  readonly #rates: RateDivider<number>;
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
      enabled: settings.peerDownloading && !this.#context.isStopping,
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
    if (isCompleted) this.#served++;
  }

  /**
   * A block that hardly anybody holds goes to few peers at full speed, who pass it on, and not to all of them at a fraction of
   * it: the subnet's upload grows with every copy, and the window of a lane opens with the first.
   */
  #isFirstCopyUnderWay(delivery: PackageDelivery, block: number): boolean {
    if ((delivery.swarm?.holdersOf(block) ?? 0) >= enoughHolders) return false;
    let copies = 0;
    for (const active of this.#active.values()) {
      if (active.key === delivery.subject.key && active.block === block) copies++;
    }
    return copies >= firstCopies;
  }

  #answerTo(requestId: number, peer: AgentId, address: Ipv4, request: ServingRequest): ServingAnswer {
    const context = this.#context;
    if (context.isStopping) return refusal('stopping', 0);
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
    if (
      request.isOverLimit === true ||
      this.#active.size >= context.settings.requestLimit ||
      this.#isFirstCopyUnderWay(delivery, request.block)
    ) {
      this.#refusedBusy++;
      return {
        kind: 'refuse',
        code: 'busy',
        retryAfterMs: retryAfterMs + context.ports.random.below(retrySpreadMs),
        others: delivery.otherHolders(request.block, peer),
      };
    }
    this.#active.set(requestId, { peer, key: request.key, block: request.block });
    return { kind: 'serve-block', maxBytesPerSecond: this.#rates.add(requestId) };
  }
}

function refusal(code: 'stopping' | 'peer-downloading-off' | 'not-available', afterMs: number): ServingAnswer {
  return { kind: 'refuse', code, retryAfterMs: afterMs, others: [] };
}
