import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { broadcastOf, cidrOf, formatIpv4, parseIpv4 } from '../../../shared/base/ipv4.ts';
import type { SystemAddress } from '../agent-interface.ts';
import type { Check } from './check.ts';
import { ok, problem, skipped } from './check.ts';

/** Broadcasts may be lost; a healthy system hears the first within a millisecond. */
const tries = 4;
const hearWithinMs = 250;
/** Subnets of one or two addresses have no broadcast: tunnels and point-to-point links. */
const longestPrefix = 30;

export interface BroadcastPlace {
  /** Such as `eth0 10.1.2.3/24`. */
  readonly name: string;
  readonly address: string;
  readonly broadcast: string;
  readonly isLoopback: boolean;
}

/** Loopback once, and each card with its subnet; null in the place of a broadcast that a subnet does not have. */
export function broadcastPlaces(addresses: readonly SystemAddress[]): (BroadcastPlace | { readonly name: string })[] {
  const loopback = { name: 'loopback', address: '127.0.0.1', broadcast: '127.255.255.255', isLoopback: true };
  const cards = addresses.flatMap(({ name, address, prefixLength, isInternal }) => {
    const number = parseIpv4(address);
    if (isInternal || number === null) return [];
    const shown = `${name} ${address}/${prefixLength}`;
    if (prefixLength > longestPrefix) return [{ name: shown }];
    const broadcast = formatIpv4(broadcastOf(cidrOf(number, prefixLength)));
    return [{ name: shown, address, broadcast, isLoopback: false }];
  });
  return [loopback, ...cards];
}

/** Sends a broadcast from the address of a place and listens for it as agents do: at all addresses of this computer. */
export async function checkBroadcast(place: BroadcastPlace | { readonly name: string }): Promise<Check> {
  const subject = `UDP broadcast on ${place.name}`;
  if (!('broadcast' in place)) return skipped(subject, 'a link of two computers, which has none');
  const advice = place.isLoopback
    ? 'Demonstrations on this computer need it: allow UDP on loopback in the firewall. macOS has none for several addresses.'
    : 'Allow UDP to and from port 27801 in the firewall of this computer; without broadcasts agents here find no peers.';
  const [hearing, sending] = [createSocket({ type: 'udp4', reuseAddr: true }), createSocket('udp4')];
  try {
    await bound(hearing, '0.0.0.0');
    await bound(sending, place.address);
    sending.setBroadcast(true);
    if (await isHeard(hearing, sending, place.broadcast)) return ok(subject, `heard at ${place.broadcast}`);
    return problem(subject, `what was sent to ${place.broadcast} was not heard on this computer`, advice);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return problem(subject, `nothing can be sent to ${place.broadcast} (${code})`, advice);
  } finally {
    hearing.close();
    sending.close();
  }
}

async function bound(socket: Socket, address: string): Promise<void> {
  socket.bind({ address, port: 0, exclusive: true });
  await once(socket, 'listening');
}

async function isHeard(hearing: Socket, sending: Socket, broadcast: string): Promise<boolean> {
  const word = randomBytes(16);
  const { port } = hearing.address();
  let heard: () => void = () => undefined;
  const isThere = new Promise<true>((resolve) => {
    heard = () => resolve(true);
  });
  hearing.on('message', (bytes) => {
    if (bytes.equals(word)) heard();
  });
  for (let attempt = 0; attempt < tries; attempt++) {
    await new Promise<void>((resolve, reject) =>
      sending.send(word, port, broadcast, (error) => (error === null ? resolve() : reject(error))),
    );
    const timeUp = new Promise<false>((resolve) => setTimeout(() => resolve(false), hearWithinMs));
    if (await Promise.race([isThere, timeUp])) return true;
  }
  return false;
}
