import type { ServingRequest } from '../agent/agent-input.ts';
import type { PeerEndpoint, ServingAnswer, ServingPort } from '../agent/ports.ts';
import { blockLengthBytes } from '../base/units.ts';
import type { AgentLife } from './agent-life.ts';
import { BlockSending } from './block-sending.ts';
import type { Computer } from './computer.ts';

type Refusal = Extract<ServingAnswer, { readonly kind: 'refuse' }>;

type BlockMap = Extract<ServingAnswer, { readonly kind: 'block-map' }>;

/** A request as it arrives at a peer, and the requester's end of it. Exactly one of its ways out is taken. */
export interface IncomingRequest {
  readonly requester: Computer;
  readonly request: ServingRequest;
  /** What the requester takes at most, bytes per second. */
  readonly maxBytesPerSecond: number;
  isAbandoned(): boolean;
  refused(refusal: Pick<Refusal, 'code' | 'retryAfterMs' | 'others'>): void;
  mapped(map: BlockMap): void;
  sending(sending: BlockSending): void;
  /** All bytes have left. */
  sent(isCorrupt: boolean): void;
  /** Of a Package Server to another site: it begins, and so many bytes have left when it ends. */
  noteOverWan?(from: Computer): void;
  sentOverWan?(from: Computer, bytes: number): void;
  /** The connection was reset. */
  broken(): void;
}

/** Of a request that waits for its answer. */
class Connection {
  readonly request: IncomingRequest;
  readonly #server: Computer;
  readonly #moves: number;

  constructor(server: Computer, request: IncomingRequest) {
    this.request = request;
    this.#server = server;
    this.#moves = this.#movesNow;
  }

  /** One of its ends has another address by now: no answer arrives, and nobody says so. */
  get isCut(): boolean {
    return this.#movesNow !== this.#moves;
  }

  get #movesNow(): number {
    return this.#server.moves + this.request.requester.moves;
  }
}

/** The HTTP server for peers of one agent: asks the core about each request and does what it answers. */
export class SimulatedServing implements ServingPort {
  readonly #life: AgentLife;
  readonly #unanswered = new Map<number, Connection>();
  readonly #sendings = new Map<number, BlockSending>();
  #isEnabled = false;
  #maxConnections = 0;
  #nextRequestId = 1;

  constructor(life: AgentLife) {
    this.#life = life;
    life.onEnd(() => this.#breakAll());
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  configure(bounds: Parameters<ServingPort['configure']>[0]): void {
    this.#isEnabled = bounds.enabled;
    this.#maxConnections = bounds.maxConnections;
    if (!bounds.enabled) this.#breakAll();
  }

  receive(request: IncomingRequest): void {
    if (!this.#isEnabled) {
      request.broken();
      return;
    }
    const requests = this.#unanswered.size + this.#sendings.size;
    const isOverLimit = requests >= this.#maxConnections && this.#requesters(request.requester) > this.#maxConnections;
    const requestId = this.#nextRequestId++;
    this.#unanswered.set(requestId, new Connection(this.#life.computer, request));
    this.#life.deliver({
      kind: 'servingRequested',
      requestId,
      peer: request.requester.agentId,
      address: request.requester.address,
      request: request.request.kind === 'block' ? { ...request.request, isOverLimit } : request.request,
    });
  }

  answer(requestId: number, answer: ServingAnswer): void {
    const connection = this.#unanswered.get(requestId);
    const { world, computer } = this.#life;
    world.violations.check(connection !== undefined, 'answers-once', computer.name, () => `request ${requestId}`);
    if (connection === undefined) return;
    this.#unanswered.delete(requestId);
    const { request } = connection;
    if (connection.isCut) {
      if (answer.kind === 'serve-block') this.#endUnserved(requestId);
    } else if (answer.kind === 'refuse') request.refused(answer);
    // Only clients that are no agents ask for the word alone.
    else if (answer.kind === 'available') request.broken();
    else if (answer.kind === 'block-map') request.mapped({ ...answer, blocks: answer.blocks.clone() });
    else this.#serve(requestId, request, answer.maxBytesPerSecond);
  }

  setServingRate(requestId: number, maxBytesPerSecond: number): void {
    this.#sendings.get(requestId)?.setSenderRate(maxBytesPerSecond);
  }

  breakOff(requestId: number): void {
    this.#sendings.get(requestId)?.breakOff();
  }

  /** Connections end, those in use too. What the core still answers then is nobody's any more. */
  #breakAll(): void {
    for (const { isCut, request } of this.#unanswered.values()) if (!isCut) request.broken();
    for (const sending of [...this.#sendings.values()]) sending.breakOff();
  }

  #serve(requestId: number, incoming: IncomingRequest, maxBytesPerSecond: number): void {
    const { world, computer } = this.#life;
    const { request } = incoming;
    const isHeld = request.kind !== 'block-map' && computer.disk.holds(request.key, request.block);
    world.violations.check(isHeld, 'serves-only-what-it-holds', computer.name, () => JSON.stringify(request));
    const stored = computer.disk.find(request.key);
    if (request.kind === 'block-map' || stored === null || !isHeld || incoming.isAbandoned()) {
      this.#endUnserved(requestId);
      if (!isHeld) incoming.refused({ code: 'not-available', retryAfterMs: 0, others: [] });
      return;
    }
    const isCorrupt = computer.isCorrupting;
    const { totalSizeBytes, blockSizeBytes } = stored.manifest;
    const isContent = request.kind === 'content';
    const isOverWan = isContent && incoming.requester.subnet.site !== computer.subnet.site;
    if (isOverWan) incoming.noteOverWan?.(computer);
    const sending = new BlockSending(world, {
      isContent,
      from: computer,
      to: incoming.requester,
      key: request.key,
      block: request.block,
      bytes: blockLengthBytes(request.block, totalSizeBytes, blockSizeBytes),
      senderBytesPerSecond: maxBytesPerSecond,
      receiverBytesPerSecond: incoming.maxBytesPerSecond,
      onDone: () => incoming.sent(isCorrupt),
      onBroken: () => incoming.broken(),
      onEnd: (sentBytes, completed) => {
        this.#sendings.delete(requestId);
        if (isOverWan) incoming.sentOverWan?.(computer, sentBytes);
        this.#life.post(0, { kind: 'servingEnded', requestId, sentBytes, completed });
      },
    });
    this.#sendings.set(requestId, sending);
    incoming.sending(sending);
  }

  #endUnserved(requestId: number): void {
    this.#life.post(0, { kind: 'servingEnded', requestId, sentBytes: 0, completed: false });
  }

  /** Computers with a request under way, the asking one included. */
  #requesters(asking: Computer): number {
    const requesters = new Set<PeerEndpoint>([asking]);
    for (const { request } of this.#unanswered.values()) requesters.add(request.requester);
    for (const sending of this.#sendings.values()) requesters.add(sending.facts.to);
    return requesters.size;
  }
}
