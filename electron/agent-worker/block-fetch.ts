import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { performance } from 'node:perf_hooks';
import type { AgentInput, TransferFailure } from '../../shared/agent/agent-input.ts';
import type { CommandId } from '../../shared/agent/ports.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import { peerBusySchema } from '../../shared/contracts/peer-api.ts';
import { systemErrorCode } from './agent-failure.ts';
import type { ConnectionPool, Remote } from './connection-pool.ts';
import { isIdentityError } from './connection-pool.ts';
import { blockoutDetail } from './json-request.ts';
import { Pacer } from './pacer.ts';
import { giveBuffer, takeBuffer } from './reused-buffers.ts';
import type { StoredPackage } from './stored-package.ts';

const progressEveryMs = 1000;
/** A refusal is a few hundred bytes; more is not read. */
const maxRefusalBytes = 8192;
/** Where a busy server says nothing of when. */
const defaultRetryAfterMs = 1000;

export interface BlockFetchOptions {
  readonly commandId: CommandId;
  readonly stored: StoredPackage;
  readonly block: number;
  readonly remote: Remote;
  readonly path: string;
  readonly maxBytesPerSecond: number;
  readonly idleTimeoutMs: number;
  readonly pool: ConnectionPool;
  readonly push: (input: AgentInput) => void;
  /** Called once, after the completion was pushed. */
  readonly onEnd: () => void;
}

/** One block on its way: socket → SHA-256 → disk → bit → `blockStored`. Completes exactly once. */
export class BlockFetch {
  readonly #options: BlockFetchOptions;
  readonly #expectedBytes: number;
  readonly #pacer: Pacer;
  readonly #hash = createHash('sha256');
  #buffer: Buffer | null = null;
  readonly #startedAtMs = performance.now();
  #request: ClientRequest | null = null;
  #idleTimer: NodeJS.Timeout | null = null;
  #progressTimer: NodeJS.Timeout | null = null;
  #receivedBytes = 0;
  #wasRetried = false;
  #isStoring = false;
  #isOver = false;
  #finishUnlessStalled = false;

  constructor(options: BlockFetchOptions) {
    this.#options = options;
    this.#expectedBytes = options.stored.blockLength(options.block);
    this.#pacer = new Pacer(options.maxBytesPerSecond);
  }

  start(): void {
    const { remote, path, pool } = this.#options;
    if (!pool.isOpen) {
      this.#fail({ code: 'refused', detail: blockoutDetail });
      return;
    }
    this.#startIdleTimer();
    const agent = pool.agentFor(remote);
    const outgoing = request({ hostname: remote.hostname, port: remote.port, path, agent });
    this.#request = outgoing;
    outgoing.on('response', (response) => this.#onResponse(response));
    outgoing.on('error', (error) => this.#onError(outgoing, error));
    outgoing.end();
  }

  setRate(maxBytesPerSecond: number): void {
    this.#pacer.setRate(maxBytesPerSecond);
  }

  /** A block that is verified already is stored all the same: that costs nothing of anybody's link. */
  cancel(unlessHalfDone: boolean): void {
    if (this.#isOver || this.#isStoring || this.#finishUnlessStalled) return;
    if (unlessHalfDone && this.#receivedBytes * 2 >= this.#expectedBytes) this.#finishUnlessStalled = true;
    else this.#fail({ code: 'aborted' });
  }

  /** The agent stops: nothing is left behind, nobody is told. */
  close(): void {
    this.#end();
  }

  #onResponse(response: IncomingMessage): void {
    if (response.statusCode !== 200) {
      this.#readRefusal(response);
      return;
    }
    const announced = response.headers['content-length'];
    if (announced !== undefined && Number(announced) !== this.#expectedBytes) {
      this.#fail({ code: 'refused', detail: `the answer has ${announced} bytes instead of ${this.#expectedBytes}` });
      return;
    }
    response.on('data', (part: Buffer) => this.#onData(response, part));
    response.on('end', () => this.#onComplete());
    response.on('error', (error) => this.#fail({ code: 'refused', detail: error.message }));
  }

  #onData(response: IncomingMessage, part: Buffer): void {
    if (this.#isOver) return;
    this.#idleTimer?.refresh();
    if (this.#receivedBytes + part.length > this.#expectedBytes) {
      this.#fail({ code: 'refused', detail: 'the answer is longer than the block' });
      return;
    }
    this.#hash.update(part);
    this.#buffer ??= takeBuffer(this.#expectedBytes);
    part.copy(this.#buffer, this.#receivedBytes);
    this.#receivedBytes += part.length;
    this.#progressTimer ??= setTimeout(() => this.#reportProgress(), progressEveryMs);
    const mayGoOn = this.#pacer.pass(part.length, () => {
      this.#startIdleTimer();
      response.resume();
    });
    if (!mayGoOn) {
      // Waiting for the own rate limit is not the source's fault.
      this.#stopIdleTimer();
      response.pause();
    }
  }

  #onComplete(): void {
    if (this.#isOver) return;
    if (this.#receivedBytes !== this.#expectedBytes) {
      this.#fail({ code: 'refused', detail: 'the answer ended before the block did' });
      return;
    }
    const expected = this.#options.stored.snapshot.blockHashes[this.#options.block];
    if (this.#hash.digest('hex') !== expected) {
      this.#fail({ code: 'hash-mismatch' });
      return;
    }
    this.#isStoring = true;
    this.#stopIdleTimer();
    void this.#store();
  }

  async #store(): Promise<void> {
    const { stored, block, commandId, push } = this.#options;
    const buffer = this.#buffer;
    const written = await stored.writeBlock(block, buffer === null ? [] : [buffer]);
    // Only now nobody reads it any longer, whatever became of the fetch.
    if (buffer !== null) giveBuffer(buffer);
    this.#buffer = null;
    if (this.#isOver) return;
    if (!written.ok) {
      const { code, detail } = written.error;
      this.#fail(code === 'disk-full' ? { code } : { code, detail });
      return;
    }
    const elapsedMs = performance.now() - this.#startedAtMs;
    push({ kind: 'blockStored', commandId, bytes: this.#expectedBytes, elapsedMs });
    this.#end();
  }

  #onError(outgoing: ClientRequest, error: Error): void {
    if (this.#isOver || outgoing !== this.#request) return;
    // The other side closed an idle connection in the very moment of the request: one new connection is fair.
    if (outgoing.reusedSocket && this.#receivedBytes === 0 && !this.#wasRetried) {
      this.#wasRetried = true;
      this.start();
      return;
    }
    const code = systemErrorCode(error);
    if (isIdentityError(code)) this.#fail({ code: 'identity-mismatch' });
    else this.#fail({ code: 'refused', detail: `${code} ${error.message}`.trim() });
  }

  #readRefusal(response: IncomingMessage): void {
    const parts: Buffer[] = [];
    let length = 0;
    response.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= maxRefusalBytes) parts.push(part);
    });
    response.on('error', (error) => this.#fail({ code: 'refused', detail: error.message }));
    response.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      this.#fail(refusalOf(response.statusCode ?? 0, response.headers['retry-after'], text));
    });
  }

  #reportProgress(): void {
    this.#progressTimer = null;
    const { commandId, push } = this.#options;
    push({ kind: 'transferProgressed', commandId, receivedBytes: this.#receivedBytes });
  }

  #startIdleTimer(): void {
    this.#stopIdleTimer();
    this.#idleTimer = setTimeout(() => this.#fail({ code: 'timeout' }), this.#options.idleTimeoutMs);
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }

  #fail(failure: TransferFailure): void {
    if (this.#isOver) return;
    const { commandId, push } = this.#options;
    push({ kind: 'transferFailed', commandId, failure, receivedBytes: this.#receivedBytes });
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopIdleTimer();
    if (this.#progressTimer !== null) clearTimeout(this.#progressTimer);
    this.#pacer.close();
    // After a whole answer this does nothing and the connection is kept; else it is the only way to stop the bytes.
    this.#request?.destroy();
    if (this.#buffer !== null && !this.#isStoring) giveBuffer(this.#buffer);
    this.#options.onEnd();
  }
}

function refusalOf(status: number, retryAfter: string | undefined, text: string): TransferFailure {
  const body = peerBusySchema.safeParse(parseJson(text));
  if (body.success) {
    const { code, retryAfterMs, others } = body.data;
    if (code === 'not-available') return { code };
    if (code !== 'busy') return { code: 'refused', detail: code };
    const endpoints = others.flatMap(({ agentId, address: addressText, port }) => {
      const address = parseIpv4(addressText);
      return address === null ? [] : [{ agentId, address, port }];
    });
    return { code: 'busy', retryAfterMs, others: endpoints };
  }
  if (status === 404) return { code: 'not-available' };
  if (status === 503 || status === 429) {
    const seconds = Number(retryAfter);
    const retryAfterMs = retryAfter !== undefined && seconds >= 0 ? seconds * 1000 : defaultRetryAfterMs;
    return { code: 'busy', retryAfterMs, others: [] };
  }
  return { code: 'refused', detail: `HTTP status ${status}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses null.
    return null;
  }
}
