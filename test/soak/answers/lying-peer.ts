import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import { Credentials } from '../../../electron/agent-worker/agent-identity.ts';
import type { PeerEndpoint } from '../../../shared/agent/ports.ts';
import { parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import type { TestAuthority, TestPackage } from '../../support/agent-fixtures.ts';
import { freshLoopbackAddress } from '../../support/agent-fixtures.ts';
import { mutated, oneOf, randomBytesOf } from '../support/choices.ts';

export interface LyingPeer {
  readonly endpoint: PeerEndpoint;
  close(): Promise<void>;
}

const bodies = [
  '',
  '{',
  'null',
  '[]',
  '{"ranges":[[5,1]],"epoch":0,"blockCount":4}',
  '['.repeat(50_000),
  '"\ud800"',
  '{"__proto__":1}',
];
const heads = [
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n',
  'HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 503 x\r\nretry-after: -5\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 101 x\r\nupgrade: x\r\n\r\n',
  `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
];

/** Somebody with a right certificate whose answers are hardly ever right. */
export async function startLyingPeer(
  authority: TestAuthority,
  made: TestPackage,
  random: Xoshiro128,
): Promise<LyingPeer> {
  const identity = await authority.enrol();
  const open = new Set<Socket>();
  const server = createServer({ ...new Credentials(identity).tlsOptions(), requestCert: true }, (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (request: Buffer) => answer(socket, request.toString('latin1')));
  });
  const answer = (socket: TLSSocket, request: string): void => {
    const right = rightAnswer(request, made, identity.agentId);
    switch (random.below(8)) {
      case 0:
        socket.write(right);
        return;
      case 1:
        socket.write(oneOf(random, heads));
        return;
      case 2:
        socket.write(answerOf(200, Buffer.from(oneOf(random, bodies))));
        return;
      case 3:
        socket.write(randomBytesOf(random, 1 + random.below(300)));
        break;
      case 4:
        socket.write(right.subarray(0, random.below(right.length)));
        break;
      case 5:
        // More than was asked for, or an answer that nobody asked for.
        socket.write(Buffer.concat([right, right]));
        return;
      default: {
        const head = right.subarray(0, 300);
        socket.write(Buffer.concat([mutated(random, head, head, 600), right.subarray(300)]));
      }
    }
    const ending = random.below(3);
    if (ending === 0) socket.destroy();
    if (ending === 1) socket.end();
  };
  const address = freshLoopbackAddress(4);
  await new Promise<void>((resolve) => server.listen({ host: address, port: 0 }, resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the peer does not listen');
  return {
    endpoint: { agentId: identity.agentId, address: parseIpv4(address) ?? 0, port: bound.port },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function rightAnswer(request: string, made: TestPackage, agentId: string): Buffer {
  const block = /\/blocks\/(\d+) /.exec(request)?.[1];
  if (block !== undefined) return answerOf(200, made.blockBytes(Number(block)));
  const body = request.startsWith('POST')
    ? { agentId, name: 'liar', bootId: 7 }
    : { epoch: 5, blockCount: made.snapshot.blockHashes.length, ranges: [[0, made.snapshot.blockHashes.length]] };
  return answerOf(200, Buffer.from(JSON.stringify(body)));
}

function answerOf(status: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} x\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}
