import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { AgentInput, TransferFailure } from '../../shared/agent/agent-input.ts';
import type { CommandId } from '../../shared/agent/ports.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import { peerBusySchema } from '../../shared/contracts/peer-api.ts';
import type { ExchangeFailure, ResponseReader } from './exchange-connection.ts';
import type { Exchange, ExchangePool, Remote } from './exchange-pool.ts';
import type { ResponseHead } from './http-response-head.ts';
import { isIdentityError } from './identity-errors.ts';
import type { Pace } from './line-pace.ts';
import { giveBuffer, takeBuffer } from './reused-buffers.ts';
import type { StoredPackage } from './stored-package.ts';

const progressEveryMs = 1000;
/** Hashed at a time: few calls, and what is hashed is still in the processor's cache. */
const hashStepBytes = 256 * 1024;
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
  readonly idleTimeoutMs: number;
  readonly pool: ExchangePool;
  /** Left at the end. */
  readonly pace: Pace;
  readonly push: (input: AgentInput) => void;
  /** Called once, after the completion was pushed. */
  readonly onEnd: () => void;
}

/** One block on its way: socket → SHA-256 → disk → bit → `blockStored`. Completes exactly once. */
export class BlockFetch implements ResponseReader {
  readonly #options: BlockFetchOptions;
  readonly #expectedBytes: number;
  readonly #pace: Pace;
  readonly #hash = createHash('sha256');
  #buffer: Buffer | null = null;
  readonly #startedAtMs = performance.now();
  #exchange: Exchange | null = null;
  /** The head of an answer that is not the block; its body says why. */
  #refusal: { readonly head: ResponseHead; readonly parts: Buffer[] } | null = null;
  #idleTimer: NodeJS.Timeout | null = null;
  #progressTimer: NodeJS.Timeout | null = null;
  #receivedBytes = 0;
  #hashedBytes = 0;
  #isPaused = false;
  #isStoring = false;
  #isOver = false;
  #finishUnlessStalled = false;

  constructor(options: BlockFetchOptions) {
    this.#options = options;
    this.#expectedBytes = options.stored.blockLength(options.block);
    this.#pace = options.pace;
  }

  start(): void {
    const { remote, path, pool } = this.#options;
    this.#startIdleTimer();
    this.#exchange = pool.begin({ remote, method: 'GET', path }, this);
  }

  setRate(maxBytesPerSecond: number): void {
    if (!this.#isOver) this.#pace.setRate(maxBytesPerSecond);
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

  head(head: ResponseHead): void {
    this.#idleTimer?.refresh();
    if (head.status !== 200) {
      this.#refusal = { head, parts: [] };
      if (head.contentLength > maxRefusalBytes) this.#fail(refusalOf(head, ''));
    } else if (head.contentLength !== this.#expectedBytes) {
      const detail = `the answer has ${head.contentLength} bytes instead of ${this.#expectedBytes}`;
      this.#fail({ code: 'refused', detail });
    }
  }

  body(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#idleTimer?.refresh();
    if (this.#refusal !== null) {
      this.#refusal.parts.push(Buffer.from(bytes));
      return;
    }
    this.#buffer ??= takeBuffer(this.#expectedBytes);
    bytes.copy(this.#buffer, this.#receivedBytes);
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes - this.#hashedBytes >= hashStepBytes) this.#hashReceived();
    this.#progressTimer ??= setTimeout(() => this.#reportProgress(), progressEveryMs);
    const mayGoOn = this.#pace.pass(bytes.length, () => this.#goOn());
    if (mayGoOn || this.#isPaused) return;
    // Waiting for the own rate limit is not the source's fault.
    this.#stopIdleTimer();
    this.#isPaused = true;
    this.#exchange?.pause();
  }

  ended(): void {
    if (this.#isOver) return;
    if (this.#refusal !== null) {
      this.#fail(refusalOf(this.#refusal.head, Buffer.concat(this.#refusal.parts).toString('utf8')));
      return;
    }
    this.#hashReceived();
    const expected = this.#options.stored.snapshot.blockHashes[this.#options.block];
    if (this.#hash.digest('hex') !== expected) {
      this.#fail({ code: 'hash-mismatch' });
      return;
    }
    this.#isStoring = true;
    this.#stopIdleTimer();
    void this.#store();
  }

  failed({ errorCode, detail }: ExchangeFailure): void {
    if (isIdentityError(errorCode)) this.#fail({ code: 'identity-mismatch' });
    else this.#fail({ code: 'refused', detail: `${errorCode} ${detail}`.trim() });
  }

  #goOn(): void {
    if (this.#isOver || !this.#isPaused) return;
    this.#isPaused = false;
    if (this.#isStoring) return;
    this.#startIdleTimer();
    this.#exchange?.resume();
  }

  #hashReceived(): void {
    if (this.#buffer === null) return;
    this.#hash.update(this.#buffer.subarray(this.#hashedBytes, this.#receivedBytes));
    this.#hashedBytes = this.#receivedBytes;
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
    this.#pace.leave();
    // After a whole answer this does nothing and the connection is kept; else it is the only way to stop the bytes.
    this.#exchange?.abort();
    if (this.#buffer !== null && !this.#isStoring) giveBuffer(this.#buffer);
    this.#options.onEnd();
  }
}

function refusalOf({ status, retryAfter }: ResponseHead, text: string): TransferFailure {
  const body = peerBusySchema.safeParse(parseJson(text));
  if (body.success) {
    const { code, retryAfterMs, others } = body.data;
    if (code === 'not-available') return { code };
    if (code === 'peer-downloading-off' || code === 'stopping') return { code: 'refused', detail: code };
    const endpoints = others.flatMap(({ agentId, address: addressText, port }) => {
      const address = parseIpv4(addressText);
      return address === null ? [] : [{ agentId, address, port }];
    });
    return { code, retryAfterMs, others: endpoints };
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
