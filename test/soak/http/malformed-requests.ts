import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import { mutated, onceIn, oneOf, randomBytesOf } from '../support/choices.ts';
import type { HttpSubject } from './http-subject.ts';

type Paths = Pick<HttpSubject, 'getPaths' | 'postPaths' | 'blockPath' | 'webSocketPath'>;
type Part = string | Buffer;
type Maker = (random: Xoshiro128, paths: Paths) => readonly Part[];

const host = 'host: fanout\r\n';
const methods = [
  'BREW',
  'get',
  'GET\t',
  '',
  'CONNECT',
  'TRACE',
  'OPTIONS',
  'HEAD',
  'DELETE',
  'PUT',
  'PATCH',
  'M-SEARCH',
  'A'.repeat(300),
];
const escapes = [
  '%',
  '%0',
  '%zz',
  '%00',
  '%2e%2e%2f',
  '%c0%ae',
  '%ff%fe',
  '/../',
  '//',
  '\\',
  '?a=%',
  '#x',
  '%25',
  ' ',
  '\u0001',
  'é',
];
const ranges = [
  'bytes=-1',
  'bytes=5-1',
  'bytes=999999999-',
  'bytes=0-99999999999999999999',
  'bytes=a-b',
  'bytes=0-0,1-1,2-2',
  'lines=1-2',
  'bytes=-0',
  '',
  'bytes=--1',
];
const bodies = [
  '{',
  '[]',
  'null',
  '{"a":'.repeat(2000),
  '"\\ud800"',
  '{"__proto__":{"x":1}}',
  '{"events":[{"sequence":1e400}]}',
  '\u0000',
  '{"installationEpoch":1,"events":[{}]}',
  '{"secret":"x","csrPem":"-----BEGIN CERTIFICATE REQUEST-----\\nAAAA\\n-----END CERTIFICATE REQUEST-----","name":"x"}',
  '{"csrPem":"x"}',
  ' '.repeat(5000),
];

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\n${host}${headers}\r\n`;
}

function post(path: string, body: string, headers = `content-length: ${Buffer.byteLength(body)}\r\n`): string {
  return `POST ${path} HTTP/1.1\r\n${host}content-type: application/json\r\n${headers}\r\n${body}`;
}

function anyPath(random: Xoshiro128, { getPaths, blockPath }: Paths): string {
  return onceIn(random, 4) ? blockPath : oneOf(random, getPaths);
}

/** Requests that no right client sends, by the name of what is wrong with them. */
export const malformedRequests: Readonly<Record<string, Maker>> = {
  mutation: (random, paths) => {
    const text = onceIn(random, 2)
      ? get(anyPath(random, paths), 'range: bytes=0-9\r\n')
      : post(oneOf(random, paths.postPaths), '{}');
    let bytes: Buffer = Buffer.from(text);
    for (let time = random.below(4); time >= 0; time--) bytes = mutated(random, bytes, Buffer.from(get('/')), 4096);
    return [bytes];
  },
  method: (random, paths) => [`${oneOf(random, methods)} ${anyPath(random, paths)} HTTP/1.1\r\n${host}\r\n`],
  path: (random, paths) => {
    const path = anyPath(random, paths);
    const at = random.below(path.length + 1);
    return [get(path.slice(0, at) + oneOf(random, escapes) + path.slice(at))];
  },
  'block number': (random, paths) => {
    const number = oneOf(random, [
      '-1',
      '1e9',
      '00',
      '99999999999999999999',
      '0x1',
      '1.5',
      '',
      'NaN',
      '１',
      String(random.below(2 ** 31)),
    ]);
    return [get(paths.blockPath.replace(/\d+$/, number))];
  },
  range: (random, paths) => [get(paths.blockPath, `range: ${oneOf(random, ranges)}\r\n`)],
  'long path': (random, paths) => [get(`${oneOf(random, paths.getPaths)}/${'a'.repeat(1000 + random.below(100_000))}`)],
  'huge header': (random, paths) => [get(anyPath(random, paths), `x: ${'y'.repeat(8000 + random.below(200_000))}\r\n`)],
  'many headers': (random, paths) => {
    const lines = Array.from({ length: 100 + random.below(3000) }, (_, index) => `x${index}: ${index}\r\n`);
    return [get(anyPath(random, paths), lines.join(''))];
  },
  'broken headers': (random, paths) => {
    const lines = [
      'no colon\r\n',
      ': empty\r\n',
      ' folded\r\n',
      'a b: c\r\n',
      'x:\u0000\r\n',
      'host: other\r\n',
      'x: y\n',
      '\r',
      'connection: \u00ff\r\n',
      'if-none-match: "\r\n',
      'upgrade: h2c\r\nconnection: upgrade\r\n',
      'expect: 100-continue\r\n',
      'expect: tea\r\n',
    ];
    return [get(anyPath(random, paths), oneOf(random, lines))];
  },
  version: (random, paths) => {
    const version = oneOf(random, ['HTTP/0.9', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.9', 'HTTP/1.', 'http/1.1', 'ICY', '']);
    return [`GET ${anyPath(random, paths)} ${version}\r\n${host}\r\n`];
  },
  'another protocol': (random) => [
    oneOf(random, [
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'SSH-2.0-x\r\n',
      'EHLO x\r\n',
      '\r\n\r\n\r\n',
      '\u0000\u0000\u0000',
    ]),
  ],
  lengths: (random, paths) => {
    const lines = [
      'content-length: -1\r\n',
      'content-length: 1e3\r\n',
      'content-length: 5\r\ncontent-length: 6\r\n',
      'content-length: 2\r\ntransfer-encoding: chunked\r\n',
      'content-length: 99999999999999999999\r\n',
      'transfer-encoding: gzip\r\n',
      'transfer-encoding: chunked, chunked\r\n',
      'content-length: 100000\r\n',
    ];
    return [post(oneOf(random, paths.postPaths), '{}', oneOf(random, lines))];
  },
  chunks: (random, paths) => {
    const chunked = oneOf(random, [
      'zz\r\nxx\r\n0\r\n\r\n',
      '-1\r\n\r\n',
      'ffffffffffffffff\r\nx',
      '2\r\n{}\r\n',
      '2\r\n{}\r\n0\r\nx: y\r\n\r\n',
      '2;ext=1\r\n{}\r\n0\r\n\r\n',
      `1\r\n \r\n`.repeat(5000),
      '2\r\n{}xx\r\n0\r\n\r\n',
    ]);
    return [post(oneOf(random, paths.postPaths), chunked, 'transfer-encoding: chunked\r\n')];
  },
  body: (random, paths) => [post(oneOf(random, paths.postPaths), oneOf(random, bodies))],
  'huge body': (random, paths) => {
    const size = 100_000 + random.below(4_000_000);
    return [post(oneOf(random, paths.postPaths), '', `content-length: ${size}\r\n`), Buffer.alloc(size, 32)];
  },
  'random bytes': (random) => [randomBytesOf(random, 1 + random.below(2000))],
  pipelining: (random, paths) =>
    Array.from({ length: 2 + random.below(40) }, () =>
      onceIn(random, 10) ? post(oneOf(random, paths.postPaths), '{}') : get(anyPath(random, paths)),
    ),
  'body of a GET': (random, paths) => [get(anyPath(random, paths), 'content-length: 7\r\n'), 'GET / H'],
  'web socket': (random, paths) => {
    const key = oneOf(random, ['dGhlIHNhbXBsZSBub25jZQ==', 'x', '']);
    const head = `upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: ${oneOf(random, ['13', '8', 'x'])}\r\nsec-websocket-key: ${key}\r\n`;
    const frames = [
      randomBytesOf(random, 40),
      // Not masked; of a length beyond anything; a fragment that never ends; text that is no UTF-8; an unknown opcode.
      Buffer.from([0x81, 0x02, 0x7b, 0x7d]),
      Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]),
      Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x7b]),
      Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]),
      Buffer.from([0x8b, 0x80, 0, 0, 0, 0]),
      Buffer.from([0x88, 0x81, 0, 0, 0, 0, 1]),
      masked('{"kind":"live"}'),
      masked('{"kind":"diagnostics","report":{"peers":"x"}}'),
      masked('['.repeat(10_000)),
      masked('x'.repeat(100_000)),
    ];
    return [get(paths.webSocketPath ?? '/feed', head), oneOf(random, frames), oneOf(random, frames)];
  },
};

/** A text frame of a web socket as a client sends it, with a key of zeros (RFC 6455, section 5.2). */
function masked(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const head = length < 126 ? Buffer.from([0x81, 0x80 | length]) : Buffer.alloc(10);
  if (length >= 126) {
    head[0] = 0x81;
    head[1] = 0xff;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, Buffer.alloc(4), Buffer.from(text)]);
}
