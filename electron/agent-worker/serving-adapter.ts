import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { TLSSocket } from 'node:tls';
import type { AgentInput, ContentRequest, ServingRequest } from '../../shared/agent/agent-input.ts';
import type { ServingAnswer, ServingPort } from '../../shared/agent/ports.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import type { Ipv4 } from '../../shared/base/ipv4.ts';
import { formatIpv4, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { PeerBlockMap, PeerBusy, PeerHello, PeerPackages } from '../../shared/contracts/peer-api.ts';
import { messageOf } from './agent-failure.ts';
import type { Credentials } from './agent-identity.ts';
import type { AgentLogger } from './agent-logger.ts';
import type { BlockStore } from './block-store.ts';
import type { BlockPart, BlockStreamEnd } from './block-stream.ts';
import { BlockStream } from './block-stream.ts';
import type { BlockAnswer } from './file-answers.ts';
import { FileAnswers } from './file-answers.ts';
import type { HttpLog } from './http-log.ts';
import type { ImpairmentSwitch } from './impairment-switch.ts';
import { PaceGroups } from './pace-groups.ts';
import type { PeerIdentity } from './peer-identity.ts';
import { peerIdentityOf } from './peer-identity.ts';
import type { ListenerBounds, OpenConnections } from './peer-listener.ts';
import { PeerListener } from './peer-listener.ts';

export interface ServingAdapterOptions {
  readonly credentials: Credentials;
  readonly store: BlockStore;
  /** Who this agent is, for `hello`. */
  readonly self: () => PeerHello;
  readonly isAllowedAddress: (address: Ipv4) => boolean;
  readonly isRevoked: (peer: PeerIdentity) => boolean;
  readonly push: (input: AgentInput) => void;
  /** A line a request. */
  readonly httpLog: Pick<HttpLog, 'note'>;
  readonly impairments: ImpairmentSwitch;
  readonly logger: AgentLogger;
}

interface Place {
  readonly address: string;
  readonly port: number;
  readonly listener: PeerListener;
}

interface WaitingRequest {
  readonly response: ServerResponse;
  readonly request: ServingRequest;
  /** Whose turn it is among those that share a limit: an agent, or the address of a client with a link. */
  readonly turnName: string;
  /** Takes the answer where the block is a part of a larger one. */
  readonly take?: (answer: BlockAnswer) => void;
}

/** Requests that wait for the core at a time; it answers within a turn of the event loop. */
const maxWaitingRequests = 256;
/** The core holds some of these for seconds, and bounds how many. */
const maxWaitingForContent = 2048;
const maxRequestBodyBytes = 1024;
const maxListedPackages = 1024;
const maxMapRanges = 8192;

const contentPath =
  /^\/package-server\/v1\/packages\/([0-9a-f-]{36})\/([A-Za-z0-9._+-]{1,64})\/blocks\/(0|[1-9]\d{0,6})$/;
const packagePath = /^\/peer\/v1\/packages\/([0-9a-f-]{36})\/([A-Za-z0-9._+-]{1,64})\/blocks(?:\/(0|[1-9]\d{0,6}))?$/;

/** Serving port over HTTPS: the core decides whether and how fast, this adapter sends only blocks that are verified. */
export class ServingAdapter implements ServingPort {
  /** HTTP accesses since the start. */
  readonly counters = { requests: 0, served: 0, refused: 0, bytesOut: 0 };
  readonly #options: ServingAdapterOptions;
  /** By place: an address and a port each. */
  readonly #listeners = new Map<string, Place>();
  readonly #openConnections: OpenConnections = { count: 0 };
  readonly #waiting = new Map<number, WaitingRequest>();
  readonly #streams = new Map<number, BlockStream>();
  readonly #sentOf = new WeakMap<ServerResponse, { readonly sentBytes: number }>();
  readonly #fileAnswers: FileAnswers;
  /** The peers of a group take turns, however many requests each of them has under way. */
  readonly #paceGroups = new PaceGroups();
  /** Null until the core has said so for the first time: until then ports are only taken. */
  #bounds: Parameters<ServingPort['configure']>[0] | null = null;
  #isClosed = false;
  #nextRequestId = 1;
  /** Opening and closing take time and must not overtake each other. */
  #lastChange: Promise<void> = Promise.resolve();

  constructor(options: ServingAdapterOptions) {
    this.#options = options;
    options.impairments.onCable(() => this.#dropUnplugged());
    this.#fileAnswers = new FileAnswers((response, address, request) => this.#askForPart(response, address, request));
  }

  get #isEnabled(): boolean {
    return this.#bounds?.enabled === true && !this.#isClosed;
  }

  /** Takes the port; requests are refused until the core has switched serving on. Rejects with an `AgentFailure`. */
  openAt(address: Ipv4, port: number): Promise<void> {
    const { credentials, impairments } = this.#options;
    const onRequest = (request: IncomingMessage, response: ServerResponse): void => this.#onRequest(request, response);
    const listener = new PeerListener(credentials, onRequest, {
      open: this.#openConnections,
      isUnplugged: () => impairments.isUnplugged,
    });
    if (this.#bounds !== null) listener.setBounds(listenerBoundsOf(this.#bounds));
    const place = { address: formatIpv4(address), port, listener };
    return this.#inTurn(async () => {
      await listener.open(place.address, port);
      this.#listeners.set(placeOf(address, port), place);
      if (this.#bounds !== null && !this.#isEnabled) await listener.close();
    });
  }

  /** Its connections end. Does nothing where there is none. */
  closeAt(address: Ipv4, port: number): Promise<void> {
    return this.#inTurn(async () => {
      const place = this.#listeners.get(placeOf(address, port));
      this.#listeners.delete(placeOf(address, port));
      await place?.listener.close();
    });
  }

  configure(bounds: Parameters<ServingPort['configure']>[0]): void {
    // Who may connect is decided where the listener opens.
    const isReopened = this.#bounds !== null && (bounds.contentKey === null) !== (this.#bounds.contentKey === null);
    this.#bounds = bounds;
    for (const { listener } of this.#listeners.values()) {
      listener.setBounds(listenerBoundsOf(bounds));
      if (isReopened) void this.#inTurn(() => listener.close());
    }
    this.reopen();
  }

  /** Tries again what could not be had. */
  reopen(): void {
    void this.#inTurn(async () => {
      for (const { address, port, listener } of this.#listeners.values()) {
        if (this.#isEnabled && !listener.isOpen) await listener.open(address, port).catch(this.#noteFailure);
        else if (!this.#isEnabled && this.#bounds !== null && listener.isOpen) await listener.close();
      }
    });
  }

  answer(requestId: number, answer: ServingAnswer): void {
    const waiting = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    if (waiting === undefined) {
      // The peer has left meanwhile; the core still expects the end of what it granted.
      if (answer.kind === 'serve-block') this.#tellEnd(requestId, 0, false);
      return;
    }
    const { response, take } = waiting;
    switch (answer.kind) {
      case 'serve-block':
        if (take !== undefined) take((part) => this.#serve(requestId, waiting, answer, part));
        else void this.#serve(requestId, waiting, answer);
        break;
      case 'available':
        take?.('available');
        break;
      case 'block-map':
        sendJson(response, 200, {
          epoch: answer.mapVersion,
          blockCount: answer.blockCount,
          ranges: answer.blocks
            .ranges()
            .slice(0, maxMapRanges)
            .map(([first, end]): [number, number] => [first, end]),
        } satisfies PeerBlockMap);
        break;
      case 'refuse':
        (take ?? ((busy: PeerBusy) => this.#refuse(response, busy)))({
          code: answer.code,
          retryAfterMs: answer.retryAfterMs,
          others: answer.others.slice(0, 5).map((other) => ({ ...other, address: formatIpv4(other.address) })),
        });
        break;
    }
  }

  setServingRate(requestId: number, maxBytesPerSecond: number): void {
    this.#streams.get(requestId)?.setRate(maxBytesPerSecond);
  }

  breakOff(requestId: number): void {
    this.#streams.get(requestId)?.breakOff();
  }

  /** Ends the connections of peers that the rules do not allow any longer. */
  dropRevoked(): void {
    const isToBeDropped = (socket: TLSSocket): boolean => {
      const peer = peerIdentityOf(socket);
      return peer !== null && this.#options.isRevoked(peer);
    };
    for (const { listener } of this.#listeners.values()) listener.dropConnections(isToBeDropped);
  }

  /** Requests that come later meet listeners that let nobody in. */
  #dropUnplugged(): void {
    if (!this.#options.impairments.isUnplugged) return;
    for (const { listener } of this.#listeners.values()) listener.dropConnections(() => true);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#lastChange;
    for (const { listener } of this.#listeners.values()) await listener.close();
    this.#listeners.clear();
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.counters.requests++;
    const peer = request.socket instanceof TLSSocket ? peerIdentityOf(request.socket) : null;
    this.#logWhenOver(request, response, peer?.agentId ?? null);
    const address = parseIpv4(request.socket.remoteAddress ?? '');
    if (address === null || (peer !== null && this.#options.isRevoked(peer))) {
      request.socket.destroy();
    } else if (this.#isEnabled && isFileUrl(request.url) && !isBodyTooLong(request)) {
      const key = this.#bounds?.contentKey ?? null;
      if (key === null)
        sendJson(response, 404, { error: { code: 'not-found', message: 'There is nothing at this path.' } });
      else void this.#fileAnswers.answer(request, response, { address, key });
    } else if (peer === null) {
      request.socket.destroy();
    } else if (isBodyTooLong(request)) {
      response.setHeader('connection', 'close');
      sendJson(response, 413, { error: { code: 'too-large', message: 'Requests of peers have no such body.' } });
    } else if (request.method === 'GET' && isContentUrl(request.url)) {
      this.#routeContent(request, response, peer.agentId, address);
    } else if (!this.#options.isAllowedAddress(address)) {
      sendJson(response, 403, { error: { code: 'forbidden', message: 'This address is outside of my subnets.' } });
    } else if (!this.#isEnabled) {
      this.#refuse(response, { code: 'peer-downloading-off', retryAfterMs: 0, others: [] });
    } else {
      this.#route(request, response, peer.agentId, address);
    }
  }

  #logWhenOver(request: IncomingMessage, response: ServerResponse, agentId: AgentId | null): void {
    const { method = '', url = '', socket } = request;
    const address = socket.remoteAddress ?? '';
    const atMs = Date.now();
    const startedAtMs = performance.now();
    response.once('close', () => {
      const announced = Number(response.getHeader('content-length') ?? 0);
      this.#options.httpLog.note({
        atMs,
        address,
        agentId,
        method: method.slice(0, 16),
        // A link gives whoever reads it a right.
        path: (url.split('?')[0] ?? '').slice(0, 200),
        status: response.headersSent ? response.statusCode : 0,
        bytes: this.#sentOf.get(response)?.sentBytes ?? (response.writableFinished ? announced : 0),
        durationMs: Math.round(performance.now() - startedAtMs),
      });
    });
  }

  #route(request: IncomingMessage, response: ServerResponse, peer: AgentId, address: Ipv4): void {
    const { method, url = '' } = request;
    const match = packagePath.exec(url);
    if (method === 'POST' && url === '/peer/v1/hello') {
      request.resume();
      sendJson(response, 200, this.#options.self());
    } else if (method === 'GET' && url === '/peer/v1/packages') {
      sendJson(response, 200, this.#packages());
    } else if (method === 'GET' && match !== null) {
      const key = packageKeyOf(match[1] as PackageGuid, match[2] ?? '');
      const block = match[3];
      const isOverLimit = [...this.#listeners.values()].some(({ listener }) => listener.isSurplus(request.socket));
      // What has a place now is asked for over a new connection, which may have one as well.
      if (isOverLimit && block !== undefined) response.setHeader('connection', 'close');
      const what: ServingRequest =
        block === undefined ? { kind: 'block-map', key } : { kind: 'block', key, block: Number(block), isOverLimit };
      this.#askCore(response, peer, address, what);
    } else {
      sendJson(response, 404, { error: { code: 'not-found', message: 'There is nothing at this path.' } });
    }
  }

  /** Any agent of the organisation may ask a Package Server; whether this is one, the core knows. */
  #routeContent(request: IncomingMessage, response: ServerResponse, peer: AgentId, address: Ipv4): void {
    const match = contentPath.exec(request.url ?? '');
    if (match === null) {
      sendJson(response, 404, { error: { code: 'not-found', message: 'There is nothing at this path.' } });
    } else if (!this.#isEnabled) {
      this.#refuse(response, { code: 'not-available', retryAfterMs: 0, others: [] });
    } else {
      const guid = match[1] as PackageGuid;
      const version = match[2] ?? '';
      const key = packageKeyOf(guid, version);
      this.#askCore(response, peer, address, { kind: 'content', key, guid, version, block: Number(match[3]) });
    }
  }

  #askCore(
    response: ServerResponse,
    peer: AgentId,
    address: Ipv4,
    request: ServingRequest,
    take?: WaitingRequest['take'],
  ): void {
    const most = request.kind === 'content' ? maxWaitingForContent : maxWaitingRequests;
    if (this.#waiting.size >= most) {
      const busy: PeerBusy = { code: 'busy', retryAfterMs: 1000, others: [] };
      if (take === undefined) this.#refuse(response, busy);
      else take(busy);
      return;
    }
    const requestId = this.#nextRequestId++;
    const onClose = (): void => {
      this.#waiting.delete(requestId);
      take?.({ code: 'stopping', retryAfterMs: 0, others: [] });
    };
    const taken: WaitingRequest['take'] =
      take === undefined
        ? undefined
        : (answer) => {
            response.off('close', onClose);
            take(answer);
          };
    const isByLink = request.kind === 'content' && request.isByLink === true;
    const turnName = isByLink ? formatIpv4(address) : peer;
    this.#waiting.set(requestId, { response, request, turnName, ...(taken === undefined ? {} : { take: taken }) });
    response.once('close', onClose);
    this.#options.push({ kind: 'servingRequested', requestId, peer, address, request });
  }

  async #serve(
    requestId: number,
    { response, request, turnName }: WaitingRequest,
    { maxBytesPerSecond, paceGroup = '' }: Extract<ServingAnswer, { readonly kind: 'serve-block' }>,
    part: BlockPart | null = null,
  ): Promise<BlockStreamEnd> {
    const stored = this.#options.store.find(request.key);
    const nothing: BlockStreamEnd = { sentBytes: 0, completed: false, diskError: null, isDamaged: true };
    // The second check of the core's decision: whatever it believes, nothing unverified leaves.
    if (request.kind === 'block-map' || stored === undefined || !stored.blocks.has(request.block)) {
      if (part === null) this.#refuse(response, { code: 'not-available', retryAfterMs: 0, others: [] });
      this.#tellEnd(requestId, 0, false);
      return nothing;
    }
    const { impairments } = this.#options;
    const limit = this.#paceGroups.join(paceGroup, maxBytesPerSecond, turnName);
    // Whoever fetches by a link has no way to find the damage.
    const isCorrupting = impairments.corrupts && part === null;
    const pace = impairments.sending.join(limit, turnName);
    const stream = new BlockStream(stored, request.block, response, pace, { part, isCorrupting });
    this.#streams.set(requestId, stream);
    if (part === null) this.#sentOf.set(response, stream);
    const end = await stream.run();
    const { sentBytes, completed, diskError, isDamaged } = end;
    this.#streams.delete(requestId);
    this.counters.bytesOut += sentBytes;
    if (completed) this.counters.served++;
    if (diskError !== null) {
      this.#options.logger.warn({ key: request.key, reason: messageOf(diskError) }, 'a block could not be read');
      // What is gone for good is held no longer.
      await stored.hashAgain(request.block).catch(() => undefined);
    } else if (isDamaged) {
      this.#options.logger.warn({ key: request.key, block: request.block }, 'a block on the disk was damaged');
    }
    if (isDamaged && part === null) this.#refuse(response, { code: 'not-available', retryAfterMs: 0, others: [] });
    this.#tellEnd(requestId, sentBytes, completed);
    return end;
  }

  /** The next block of a file, for whoever has a link: in the name of this agent, because nobody knows who that is. */
  #askForPart(response: ServerResponse, address: Ipv4, request: ContentRequest): Promise<BlockAnswer> {
    this.#sentOf.set(response, this.#fileAnswers.counterOf(response));
    return new Promise((take) => this.#askCore(response, this.#options.self().agentId, address, request, take));
  }

  #packages(): PeerPackages {
    return {
      packages: this.#options.store
        .all()
        .slice(0, maxListedPackages)
        .map((stored) => ({
          key: stored.manifest.key,
          guid: stored.manifest.guid,
          version: stored.manifest.version,
          state: stored.isFinished ? 'ready' : 'downloading',
          blocks: stored.blocks.count,
          blockCount: stored.manifest.blockCount,
        })),
    };
  }

  #refuse(response: ServerResponse, body: PeerBusy): void {
    this.counters.refused++;
    if (body.code === 'not-available') {
      sendJson(response, 404, body);
      return;
    }
    response.setHeader('retry-after', Math.ceil(body.retryAfterMs / 1000));
    sendJson(response, 503, body);
  }

  #tellEnd(requestId: number, sentBytes: number, completed: boolean): void {
    this.#options.push({ kind: 'servingEnded', requestId, sentBytes, completed });
  }

  readonly #noteFailure = (error: unknown): void => {
    // Peers do without this agent until the next try.
    this.#options.logger.error({ reason: messageOf(error) }, 'the HTTP server for peers cannot listen');
  };

  #inTurn(run: () => Promise<void>): Promise<void> {
    const change = this.#lastChange.then(run);
    this.#lastChange = change.catch(() => undefined);
    return change;
  }
}

function listenerBoundsOf(bounds: Parameters<ServingPort['configure']>[0]): ListenerBounds {
  return { ...bounds, isOpenToUnknown: bounds.contentKey !== null };
}

function isFileUrl(url = ''): boolean {
  return url.startsWith('/content/');
}

function isContentUrl(url = ''): boolean {
  return url.startsWith('/package-server/');
}

/** A request says what it wants in its path; a hello has an empty object. */
function isBodyTooLong(request: IncomingMessage): boolean {
  const length = Number(request.headers['content-length'] ?? 0);
  return request.headers['transfer-encoding'] !== undefined || !(length <= maxRequestBodyBytes);
}

function placeOf(address: Ipv4, port: number): string {
  return `${formatIpv4(address)}:${port}`;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}
