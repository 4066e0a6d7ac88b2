import type { ServerResponse } from 'node:http';
import type { Pace } from './line-pace.ts';
import { giveBuffer, takeBuffer } from './reused-buffers.ts';
import type { StoredPackage } from './stored-package.ts';

/** Read and written at a time: few system calls per block, and little memory per request. */
const stepBytes = 256 * 1024;

/** Of a block, within an answer that has more than one: whoever asked has written the head, or does when the first is sound. */
export interface BlockPart {
  readonly first: number;
  readonly end: number;
  readonly onSound: () => void;
}

export interface BlockStreamManner {
  readonly part?: BlockPart | null;
  /** Somebody wants this agent to hand out damaged blocks. */
  readonly isCorrupting?: boolean;
}

export interface BlockStreamEnd {
  readonly sentBytes: number;
  readonly completed: boolean;
  /** The disk failed in the middle; null for everything else. */
  readonly diskError: Error | null;
  /** The disk holds something else than the block, or nothing that can be read: nothing was said to the peer yet. */
  readonly isDamaged?: true;
}

/** One verified block on its way to a peer: disk → pace → socket. */
export class BlockStream {
  readonly #stored: StoredPackage;
  readonly #block: number;
  readonly #response: ServerResponse;
  readonly #pace: Pace;
  readonly #part: BlockPart | null;
  readonly #isCorrupting: boolean;
  #sentBytes = 0;
  /** Ends whatever the stream waits for. */
  #wake: () => void = () => undefined;
  #peerLeft = false;
  #isAnnounced = false;

  readonly #onClose = (): void => {
    this.#peerLeft = !this.#response.writableFinished;
    this.#wake();
  };

  constructor(
    stored: StoredPackage,
    block: number,
    response: ServerResponse,
    pace: Pace,
    { part = null, isCorrupting = false }: BlockStreamManner = {},
  ) {
    this.#stored = stored;
    this.#block = block;
    this.#response = response;
    this.#pace = pace;
    this.#part = part;
    this.#isCorrupting = isCorrupting;
    response.on('close', this.#onClose);
  }

  /** The length is announced already, so that ending the connection is the only way to stop. */
  breakOff(): void {
    this.#response.destroy();
  }

  /** So far. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  setRate(maxBytesPerSecond: number): void {
    if (!this.#hasLeft()) this.#pace.setRate(maxBytesPerSecond);
  }

  /** Resolves when the block, or as much as the peer stayed for, has left. */
  async run(): Promise<BlockStreamEnd> {
    const { first, end } = this.#part ?? { first: 0, end: this.#stored.blockLength(this.#block) };
    const length = end - first;
    const buffer = takeBuffer(stepBytes);
    let bufferIsFree = true;
    try {
      if (!(await this.#stored.isSound(this.#block))) {
        return { sentBytes: 0, completed: false, diskError: null, isDamaged: true };
      }
      while (this.#sentBytes < length && !this.#hasLeft()) {
        const step = buffer.subarray(0, Math.min(this.#pace.stepBytes(stepBytes), length - this.#sentBytes));
        await this.#stored.read(this.#block, first + this.#sentBytes, step);
        this.#announce(length);
        // A limit that came during the reading is not to be met in one large step.
        const part = step.subarray(0, this.#pace.stepBytes(step.length));
        if (!this.#hasLeft()) await this.#permission(part.length);
        if (this.#hasLeft()) break;
        if (this.#isCorrupting) flipOneBit(part);
        bufferIsFree = await this.#write(part);
        if (!bufferIsFree) break;
        this.#sentBytes += part.length;
      }
    } catch (error) {
      const diskError = error instanceof Error ? error : new Error(String(error));
      if (!this.#isAnnounced) return { sentBytes: 0, completed: false, diskError, isDamaged: true };
      // The length is announced already, so that breaking off is the only way to say it.
      this.#response.destroy();
      return { sentBytes: this.#sentBytes, completed: false, diskError };
    } finally {
      this.#pace.leave();
      // A socket that broke off may still hold the step; then the garbage collector finds out when it does not.
      if (bufferIsFree) giveBuffer(buffer);
    }
    this.#response.off('close', this.#onClose);
    if (this.#sentBytes === length && this.#part === null) this.#response.end();
    return { sentBytes: this.#sentBytes, completed: this.#sentBytes === length, diskError: null };
  }

  /** Once the first bytes are read: before, the peer can still be told that there are none. */
  #announce(length: number): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    if (this.#part !== null) this.#part.onSound();
    else this.#response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': length });
  }

  #hasLeft(): boolean {
    return this.#peerLeft || this.#response.destroyed;
  }

  /** False where the peer left before the bytes did. */
  #write(step: Buffer): Promise<boolean> {
    return new Promise((resolve) => {
      this.#wake = () => resolve(false);
      this.#response.write(step, (error) => resolve(error === null || error === undefined));
    });
  }

  /** Resolves when the step may be sent, or the peer has left. */
  #permission(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#pace.ask(bytes, resolve)) resolve();
    });
  }
}

function flipOneBit(bytes: Buffer): void {
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
}
