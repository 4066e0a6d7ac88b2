import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxHeadBytes, parseResponseHead } from '../../electron/agent-worker/http-response-head.ts';
import { holds } from '../helpers/properties.ts';

const parse = (text: string) => parseResponseHead(Buffer.from(text, 'latin1'));

describe('the head of an answer', () => {
  it('gives status, length, time to come back and whether the connection stays', () => {
    const text =
      'HTTP/1.1 503 Service Unavailable\r\nRetry-After:  3 \r\nContent-Length: 17\r\nConnection: close\r\nETag: "a"\r\n\r\n{';
    expect(parse(text)).toEqual({
      kind: 'head',
      head: { status: 503, contentLength: 17, retryAfter: '3', etag: '"a"', serverTimeMs: undefined, closes: true },
      lengthBytes: text.length - 1,
    });
    expect(parse('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=30\r\n\r\n')).toMatchObject({
      head: { status: 200, contentLength: 0, closes: false },
    });
  });

  it('says that there is no body where its status forbids one', () => {
    for (const length of ['', 'content-length: 99\r\n']) {
      expect(parse(`HTTP/1.1 304 Not Modified\r\nx-fanout-time-ms: 12\r\n${length}\r\n`)).toMatchObject({
        head: { status: 304, contentLength: 0, serverTimeMs: '12' },
      });
    }
  });

  it('is incomplete until its empty line, up to its greatest length', () => {
    const text = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n';
    for (let length = 0; length < text.length; length++) expect(parse(text.slice(0, length)).kind).toBe('incomplete');
    const long = `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(maxHeadBytes)}`;
    expect(parse(long).kind).toBe('malformed');
    expect(parse(`${long}\r\n\r\n`).kind).toBe('malformed');
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n'],
    ['an interim answer', 'HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n\r\n'],
    ['a chunked body', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
    ['a chunked body with a length', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['no length', 'HTTP/1.1 200 OK\r\ndate: now\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 4\r\n\r\n'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4, 4\r\n\r\n'],
    ['a negative length', 'HTTP/1.1 200 OK\r\ncontent-length: -4\r\n\r\n'],
    ['a length in words', 'HTTP/1.1 200 OK\r\ncontent-length: 0x10\r\n\r\n'],
    ['a length beyond all numbers', 'HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nx: a\r\n b\r\ncontent-length: 4\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\ncontent-length : 4\r\n\r\n'],
    ['bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 4\n\r\n\r\n'],
    ['a control character', 'HTTP/1.1 200 OK\r\nx: \u0000\r\ncontent-length: 4\r\n\r\n'],
  ])('is malformed with %s', (_name, text) => {
    expect(parse(text).kind).toBe('malformed');
  });

  it('never throws, whatever the bytes are', () => {
    const line = fc.constantFrom(
      'HTTP/1.1 200 OK\r\n',
      'content-length: ',
      '12',
      '\r\n',
      ':',
      ' ',
      'connection: close\r\n',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((part) => Buffer.from(part)),
      fc.array(line, { maxLength: 12 }).map((parts) => Buffer.from(parts.join(''), 'latin1')),
    );
    holds(
      fc.property(bytes, (input) => {
        const result = parseResponseHead(input);
        if (result.kind === 'head') {
          expect(result.lengthBytes).toBeLessThanOrEqual(input.length);
          expect(result.head.contentLength).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
