import type { ServerResponse } from 'node:http';
import { requestedRange } from '../../../shared/base/byte-range.ts';
import type { FairPacer } from '../../../shared/base/fair-pacer.ts';
import type { PackageKey } from '../../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES, blockLengthBytes } from '../../../shared/base/units.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { Refusal } from '../refusal.ts';
import { AnswersUnderWay } from './answers-under-way.ts';
import { sendSection } from './block-sender.ts';
import type { PackageLibrary } from './package-library.ts';

export interface BlockRequest {
  readonly package: StoredPackage;
  readonly block: number;
  readonly rangeHeader: string | undefined;
  readonly pacer: FairPacer;
  readonly count: (bytes: number) => void;
  /** Called when the head is about to be written: from here on the answer can only be broken off, not refused. */
  readonly onHead: () => void;
}

/** Each holds 512 KiB and a file; beyond, agents are told to come again. */
const defaultMaximumAnswers = 128;

/** Answers requests for blocks from the library. */
export class BlockAnswers {
  readonly #maximum: number;
  readonly #underWay: AnswersUnderWay;

  constructor(library: PackageLibrary, maximum: number = defaultMaximumAnswers) {
    this.#maximum = maximum;
    this.#underWay = new AnswersUnderWay(library);
  }

  /** Throws a `Refusal` before anything is written; resolves when the answer is over, whole or broken off. */
  async answer(request: BlockRequest, response: ServerResponse): Promise<void> {
    const { package: stored, block } = request;
    if (stored.withdrawnAtMs !== null) throw new Refusal('not-available', 'This package version was withdrawn.');
    if (block >= stored.blockCount) throw new Refusal('not-found', `The package has ${stored.blockCount} blocks.`);
    if (this.#underWay.size >= this.#maximum) {
      throw new Refusal('busy', 'The server is sending as many blocks as it can.', { retryAfterSeconds: 1 });
    }
    const blockBytes = blockLengthBytes(block, stored.totalSizeBytes, BLOCK_SIZE_BYTES);
    const range = requestedRange(request.rangeHeader, blockBytes);
    if (range === 'unsatisfiable') {
      throw new Refusal('range-not-satisfiable', `The block has ${blockBytes} bytes; the range lies outside of it.`);
    }
    const { first, end } = range === 'whole' ? { first: 0, end: blockBytes } : range;
    await this.#underWay.during(stored.key, response, async (file) => {
      request.onHead();
      response.writeHead(range === 'whole' ? 200 : 206, {
        'content-type': 'application/octet-stream',
        'content-length': end - first,
        'accept-ranges': 'bytes',
        ...(range === 'whole' ? {} : { 'content-range': `bytes ${first}-${end - 1}/${blockBytes}` }),
      });
      const section = { file, offsetBytes: block * BLOCK_SIZE_BYTES + first, lengthBytes: end - first };
      if (await sendSection(response, section, request.pacer, request.count)) response.end();
    });
  }

  breakOff(key: PackageKey): void {
    this.#underWay.breakOff(key);
  }

  /** How many blocks are being sent. */
  get active(): number {
    return this.#underWay.size;
  }

  stop(): void {
    this.#underWay.stop();
  }
}
