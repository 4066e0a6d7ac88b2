import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import type { Xoshiro128 } from '../../../shared/base/prng.ts';
import { mutated, onceIn, oneOf, randomBytesOf } from '../support/choices.ts';
import type { ClientIdentity, HttpSubject } from './http-subject.ts';
import { malformedRequests } from './malformed-requests.ts';
import type { RawTls } from './raw-connection.ts';
import { converse, openTcp, openTls } from './raw-connection.ts';

const requestKinds = Object.keys(malformedRequests);
/** The beginning of a TLS 1.3 handshake: record, ClientHello, random bytes where a client has them. */
const clientHello = Buffer.concat([
  Buffer.from('16030100c8010000c40303', 'hex'),
  createHash('sha256').update('client random').digest(),
  Buffer.from('00000813021303130100ff01000093', 'hex'),
  Buffer.alloc(147),
]);

/** One attack on the subject; resolves when it is over, with what it was. Rejects only where something was given away. */
export async function attack(random: Xoshiro128, subject: HttpSubject): Promise<string> {
  const kind = random.below(100);
  if (kind < 8) return attackBelowTls(random, subject);
  if (kind < 16) return attackWithoutRight(random, subject);
  if (kind < 24) return attackAndLeave(random, subject);
  const name = oneOf(random, requestKinds);
  const parts = malformedRequests[name]?.(random, subject) ?? [];
  await converse((await connectAs(subject, subject.enrolled)).tls, parts);
  return name;
}

async function attackBelowTls(random: Xoshiro128, subject: HttpSubject): Promise<string> {
  const socket = await openTcp(subject.address, subject.port, subject.localAddress);
  switch (random.below(5)) {
    case 0:
      await converse(socket, ['GET / HTTP/1.1\r\nhost: x\r\n\r\n']);
      return 'no TLS';
    case 1:
      await converse(socket, [randomBytesOf(random, 1 + random.below(3000))]);
      return 'TLS garbage';
    case 2:
      await converse(socket, [mutated(random, clientHello, clientHello, 1000)]);
      return 'mutated ClientHello';
    case 3:
      socket.end();
      await converse(socket, []);
      return 'half-open';
    default:
      if (onceIn(random, 2)) socket.resetAndDestroy();
      else socket.destroy();
      return 'connected and left';
  }
}

/** With no certificate, or one that opens nothing: a GET must bring nothing of what it asks for. */
async function attackWithoutRight(random: Xoshiro128, subject: HttpSubject): Promise<string> {
  const identity = oneOf(random, [null, ...subject.refused]);
  const { tls } = await connectAs(
    subject,
    identity,
    onceIn(random, 8) ? { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' } : {},
  );
  const path = onceIn(random, 2) ? subject.blockPath : oneOf(random, subject.getPaths);
  const answer = await converse(tls, [`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`]);
  if (/^HTTP\/1\.1 2/.test(answer)) throw new Error(`given to somebody without a right: ${answer.slice(0, 200)}`);
  return identity === null ? 'no certificate' : 'wrong certificate';
}

/** Leaves at some moment: of the handshake, of a request, of an answer that it does not read. */
async function attackAndLeave(random: Xoshiro128, subject: HttpSubject): Promise<string> {
  const { tls: socket, reset } = await connectAs(subject, subject.enrolled);
  const request = `GET ${subject.blockPath} HTTP/1.1\r\nhost: x\r\n\r\n`;
  switch (random.below(4)) {
    case 0:
      socket.write(request.slice(0, random.below(request.length)));
      break;
    case 1:
      socket.pause();
      socket.write(request.repeat(1 + random.below(4)));
      break;
    case 2:
      socket.write(`POST ${oneOf(random, subject.postPaths)} HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{`);
      break;
    default:
      socket.write(request);
      socket.once('data', () => socket.destroy());
  }
  await new Promise((resolve) => setTimeout(resolve, random.below(30)));
  if (onceIn(random, 2)) reset();
  else socket.destroy();
  return 'left in the middle';
}

/** A connection as whoever the identity says; null = nobody. */
export async function connectAs(
  { address, port, localAddress, servername, ca }: HttpSubject,
  identity: ClientIdentity | null,
  more: Partial<ConnectionOptions> = {},
): Promise<RawTls> {
  const tcp = await openTcp(address, port, localAddress);
  return openTls(tcp, { servername, ca, ...(identity ?? {}), ...more });
}
