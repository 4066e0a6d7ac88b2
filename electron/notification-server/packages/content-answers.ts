import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { requestedRange } from '../../../shared/base/byte-range.ts';
import type { FairPacer } from '../../../shared/base/fair-pacer.ts';
import type { PackageKey } from '../../../shared/base/ids.ts';
import { contentEtag } from '../../../shared/contracts/content-link.ts';
import { Refusal } from '../refusal.ts';
import { AnswersUnderWay } from './answers-under-way.ts';
import { sendSection } from './block-sender.ts';
import type { FileSection } from './content-index.ts';
import type { PackageLibrary } from './package-library.ts';

export interface FileRequest {
  readonly key: PackageKey;
  readonly section: FileSection;
  readonly isHead: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly pacer: FairPacer;
  readonly count: (bytes: number) => void;
  /** Called when the head is about to be written. */
  readonly onHead: () => void;
}

/** Whole files: fewer at a time than blocks, which agents wait for. */
const maximumAnswers = 32;

/** Answers requests for files from the library, to whoever may have them. */
export class ContentAnswers {
  readonly #underWay: AnswersUnderWay;

  constructor(library: PackageLibrary) {
    this.#underWay = new AnswersUnderWay(library);
  }

  /** Throws a `Refusal` before anything is written; resolves when the answer is over, whole or broken off. */
  async answer(
    { key, section, isHead, headers, pacer, count, onHead }: FileRequest,
    response: ServerResponse,
  ): Promise<void> {
    if (this.#underWay.size >= maximumAnswers) {
      throw new Refusal('busy', 'The server is sending as many files as it can.', { retryAfterSeconds: 5 });
    }
    const etag = contentEtag(key, section);
    const ifRange = headers['if-range'];
    const rangeHeader = isHead || (ifRange !== undefined && ifRange !== etag) ? undefined : headers.range;
    const range = requestedRange(rangeHeader, section.sizeBytes);
    const common = { etag, 'accept-ranges': 'bytes' };
    if (headers['if-none-match'] === etag) {
      onHead();
      response.writeHead(304, common).end();
      return;
    }
    if (range === 'unsatisfiable') {
      onHead();
      response
        .writeHead(416, { ...common, 'content-range': `bytes */${section.sizeBytes}`, 'content-length': 0 })
        .end();
      return;
    }
    const { first, end } = range === 'whole' ? { first: 0, end: section.sizeBytes } : range;
    const head = {
      ...common,
      'content-type': 'application/octet-stream',
      'content-length': end - first,
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${first}-${end - 1}/${section.sizeBytes}` }),
    };
    if (isHead) {
      onHead();
      response.writeHead(200, head).end();
      return;
    }
    await this.#underWay.during(key, response, async (file) => {
      onHead();
      response.writeHead(range === 'whole' ? 200 : 206, head);
      const bytes = { file, offsetBytes: section.offsetBytes + first, lengthBytes: end - first };
      if (await sendSection(response, bytes, pacer, count)) response.end();
    });
  }

  breakOff(key: PackageKey): void {
    this.#underWay.breakOff(key);
  }

  stop(): void {
    this.#underWay.stop();
  }
}
