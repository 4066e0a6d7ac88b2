import { timeHeader } from '../../shared/contracts/agent-api.ts';

/** Where an answer's head is longer, it is none of ours: those have a few lines. */
export const maxHeadBytes = 8192;

/** What the head of an answer says; everything that nobody here reads is left out. */
export interface ResponseHead {
  readonly status: number;
  /** Length of the body that follows, in bytes. */
  readonly contentLength: number;
  /** These as they were sent. */
  readonly retryAfter: string | undefined;
  readonly etag: string | undefined;
  readonly serverTimeMs: string | undefined;
  /** The other side closes the connection after this answer. */
  readonly closes: boolean;
}

export type HeadResult =
  | { readonly kind: 'incomplete' }
  /** `detail` is for people. */
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'head'; readonly head: ResponseHead; readonly lengthBytes: number };

const statusLine = /^HTTP\/1\.1 ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;
const lengthValue = /^(?:0|[1-9]\d{0,11})$/;

/**
 * Reads the head of an HTTP/1.1 answer (RFC 9112) from the first bytes of it. Strict: only what agents and the server
 * send, so that no two readers can disagree on where an answer ends. A body must have its length; chunked ones, folded
 * lines, repeated lengths and interim answers are malformed. Never throws.
 */
export function parseResponseHead(bytes: Buffer): HeadResult {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
  if (end < 0 && bytes.length <= maxHeadBytes) return { kind: 'incomplete' };
  if (end < 0 || end > maxHeadBytes) return malformed('its head is too long');
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const status = statusLine.exec(first)?.[1];
  if (status === undefined) return malformed('it does not begin as an HTTP/1.1 answer');
  let contentLength: number | undefined;
  let retryAfter: string | undefined;
  let etag: string | undefined;
  let serverTimeMs: string | undefined;
  let closes = false;
  for (const line of lines) {
    const header = headerLine.exec(line);
    if (header === null) return malformed('a line of its head is no header');
    const value = header[2] ?? '';
    switch (header[1]?.toLowerCase()) {
      case 'content-length':
        if (contentLength !== undefined || !lengthValue.test(value)) return malformed('its length is not one number');
        contentLength = Number(value);
        break;
      case 'transfer-encoding':
        return malformed('its body is encoded');
      case 'retry-after':
        retryAfter = value;
        break;
      case 'etag':
        etag = value;
        break;
      case timeHeader:
        serverTimeMs = value;
        break;
      case 'connection':
        closes ||= /(?:^|[\t ,])close(?:$|[\t ,])/i.test(value);
        break;
    }
  }
  // These have no body, whatever their length says (RFC 9112, 6.3).
  if (status === '204' || status === '304') contentLength = 0;
  if (contentLength === undefined) return malformed('it has no length');
  const head = { status: Number(status), contentLength, retryAfter, etag, serverTimeMs, closes };
  return { kind: 'head', head, lengthBytes: end + 4 };
}

function malformed(detail: string): HeadResult {
  return { kind: 'malformed', detail };
}
