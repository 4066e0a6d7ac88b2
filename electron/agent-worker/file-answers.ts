import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContentRequest } from '../../shared/agent/agent-input.ts';
import { requestedRange } from '../../shared/base/byte-range.ts';
import { isSignatureOf } from '../../shared/base/content-signature.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { Ipv4 } from '../../shared/base/ipv4.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import type { ContentRequestLine } from '../../shared/contracts/content-link.ts';
import { contentEtag, parseContentLine, signedText } from '../../shared/contracts/content-link.ts';
import type { PeerBusy } from '../../shared/contracts/peer-api.ts';
import type { BlockPart, BlockStreamEnd } from './block-stream.ts';

/** Sends the part of its block, as soon as it is called. */
type GrantedPart = (part: BlockPart) => Promise<BlockStreamEnd>;

/** `available` to who only asks. */
export type BlockAnswer = GrantedPart | PeerBusy | 'available';

type AskForBlock = (response: ServerResponse, address: Ipv4, request: ContentRequest) => Promise<BlockAnswer>;

/** At a time: each is one client with a whole file, which may take hours. */
const maximumAnswers = 64;
/** A block that does not come after so many questions in a row, each held for seconds, is not to be had. */
const maximumTries = 30;
const shortestPauseMs = 250;
const longestPauseMs = 5000;

interface Section {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/**
 * `/content/<guid>/<version>/<path>` with a link that the Notification Server signed: a file, block after block in its
 * order. Each block is asked of the core like one that an agent asks for: what is not here is fetched once.
 */
export class FileAnswers {
  readonly #askForBlock: AskForBlock;
  readonly #sent = new WeakMap<ServerResponse, { sentBytes: number }>();
  #active = 0;

  constructor(askForBlock: AskForBlock) {
    this.#askForBlock = askForBlock;
  }

  /** Bytes of the file that have left with this answer. */
  counterOf(response: ServerResponse): { sentBytes: number } {
    const counter = this.#sent.get(response) ?? { sentBytes: 0 };
    this.#sent.set(response, counter);
    return counter;
  }

  /** Never rejects: what goes wrong after the head shows in a connection that breaks. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    { address, key }: { readonly address: Ipv4; readonly key: string },
  ): Promise<void> {
    const wanted = parseContentLine(request.url ?? '');
    const { method } = request;
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      refuse(response, 405, 'invalid-request', 'Files are fetched with GET or HEAD.');
    } else if (wanted === null) {
      refuse(response, 400, 'invalid-request', 'This is no address of a file of a package.');
    } else {
      const section = sectionOf(wanted, Buffer.from(key, 'base64'));
      if (typeof section === 'string') refuse(response, 403, 'forbidden', section);
      else if (method === 'GET' && this.#active >= maximumAnswers) tooBusy(response, shortestPauseMs);
      else await this.#answer(request, response, { wanted, section, address });
    }
  }

  async #answer(
    { method, headers }: IncomingMessage,
    response: ServerResponse,
    {
      wanted,
      section,
      address,
    }: { readonly wanted: ContentRequestLine; readonly section: Section; readonly address: Ipv4 },
  ): Promise<void> {
    const key = packageKeyOf(wanted.guid, wanted.version);
    const etag = contentEtag(key, section);
    const ifRange = headers['if-range'];
    const isWhole = method === 'HEAD' || (ifRange !== undefined && ifRange !== etag);
    const range = requestedRange(isWhole ? undefined : headers.range, section.sizeBytes);
    const common = { etag, 'accept-ranges': 'bytes' };
    const { first, end } =
      range === 'whole' || range === 'unsatisfiable' ? { first: 0, end: section.sizeBytes } : range;
    const isUnchanged = headers['if-none-match'] === etag;
    const { guid, version } = wanted;
    if (isUnchanged || range === 'unsatisfiable' || method === 'HEAD' || first === end) {
      // No block is asked for that would be refused: what was withdrawn is not there to be described, either.
      const request = { kind: 'content', key, guid, version, block: 0, isOnlyAsked: true, isByLink: true } as const;
      const answer = await this.#askForBlock(response, address, request);
      if (response.destroyed) return;
      if (typeof answer === 'object') {
        refuseAs(response, answer);
        return;
      }
    }
    if (isUnchanged) {
      response.writeHead(304, common).end();
      return;
    }
    if (range === 'unsatisfiable') {
      response
        .writeHead(416, { ...common, 'content-range': `bytes */${section.sizeBytes}`, 'content-length': 0 })
        .end();
      return;
    }
    const writeHead = (): void => {
      if (response.headersSent) return;
      response.writeHead(range === 'whole' ? 200 : 206, {
        ...common,
        'content-type': 'application/octet-stream',
        'content-length': end - first,
        ...(range === 'whole' ? {} : { 'content-range': `bytes ${first}-${end - 1}/${section.sizeBytes}` }),
      });
    };
    if (method === 'HEAD' || first === end) {
      writeHead();
      response.end();
      return;
    }
    this.#active++;
    try {
      for (let at = section.offsetBytes + first; at < section.offsetBytes + end; ) {
        const block = Math.floor(at / BLOCK_SIZE_BYTES);
        const startBytes = block * BLOCK_SIZE_BYTES;
        const part = {
          first: at - startBytes,
          end: Math.min(BLOCK_SIZE_BYTES, section.offsetBytes + end - startBytes),
          onSound: writeHead,
        };
        const asked = { kind: 'content', key, guid, version, block, isByLink: true } as const;
        const isSent = await this.#send(response, address, asked, part);
        if (!isSent) return;
        at = startBytes + part.end;
      }
      response.end();
    } finally {
      this.#active--;
    }
  }

  /** False where the answer is over. */
  async #send(response: ServerResponse, address: Ipv4, request: ContentRequest, part: BlockPart): Promise<boolean> {
    for (let tries = 1; !response.destroyed; tries++) {
      const granted = await this.#askForBlock(response, address, request);
      if (response.destroyed) return false;
      if (typeof granted === 'function') {
        const { sentBytes, completed } = await granted(part);
        this.counterOf(response).sentBytes += sentBytes;
        if (completed) return true;
        if (!response.headersSent) refuse(response, 404, 'not-available', 'The file is not to be had here.');
        else response.destroy();
        return false;
      }
      if (granted === 'available') return false;
      const { retryAfterMs } = granted;
      const isGone = isRefusedForGood(granted);
      if (!response.headersSent && (isGone || tries >= 2)) refuseAs(response, granted);
      else if (isGone || tries >= maximumTries) response.destroy();
      else {
        await pause(response, Math.min(longestPauseMs, Math.max(shortestPauseMs, retryAfterMs)));
        continue;
      }
      return false;
    }
    return false;
  }
}

/** What the link is for, or why it is for nothing. */
function sectionOf(wanted: ContentRequestLine, key: Uint8Array): Section | string {
  const { signed } = wanted;
  if (signed?.grant.section === null || signed === null) return 'This address needs a link of the Notification Server.';
  if (!isSignatureOf(key, signedText(wanted, signed.grant), signed.signature)) {
    return 'The signature of this link is wrong.';
  }
  if (signed.grant.expiresAtSeconds * 1000 < Date.now()) return 'This link is over: ask the Notification Server again.';
  return signed.grant.section;
}

function isRefusedForGood({ code }: PeerBusy): boolean {
  return code === 'not-available' || code === 'stopping';
}

function refuseAs(response: ServerResponse, refusal: PeerBusy): void {
  if (isRefusedForGood(refusal)) refuse(response, 404, 'not-available', 'The file is not to be had here.');
  else tooBusy(response, refusal.retryAfterMs);
}

function tooBusy(response: ServerResponse, retryAfterMs: number): void {
  response.setHeader('retry-after', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  refuse(response, 503, 'busy', 'The Package Server sends as much as it can.');
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const text = JSON.stringify({ error: { code, message } });
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Shorter where the client leaves. */
function pause(response: ServerResponse, forMs: number): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      response.off('close', end);
      resolve();
    };
    const timer = setTimeout(end, forMs);
    response.once('close', end);
  });
}
