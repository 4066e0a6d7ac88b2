import type { Socket } from 'node:net';
import { connect as connectTcp } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect as connectTls } from 'node:tls';

/** Whoever attacks waits no longer than this for anything. */
const patienceMs = 400;
/** A connection that answers is left so long for a second answer. */
const silenceMs = 15;

/** A TCP connection; errors end it and say nothing. */
export function openTcp(host: string, port: number, localAddress: string): Promise<Socket> {
  const socket = connectTcp({ host, port, localAddress, allowHalfOpen: true });
  return opened(socket, 'connect');
}

/** A TLS connection and what is below it. */
export interface RawTls {
  readonly tls: TLSSocket;
  /** Ends the connection with a reset instead of in order. */
  reset(): void;
}

/** A TLS connection, or one that the other side refused; errors end it and say nothing. */
export async function openTls(tcp: Socket, options: ConnectionOptions): Promise<RawTls> {
  const tls = connectTls({ ...options, socket: tcp, rejectUnauthorized: false });
  await opened(tls, 'secureConnect');
  tls.once('close', () => tcp.destroy());
  return { tls, reset: () => tcp.resetAndDestroy() };
}

async function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once(event, done);
    socket.once('close', done);
  });
  return socket;
}

/** Sends the parts and takes what comes, until the other side ends, falls silent after an answer, or patience ends. */
export async function converse(socket: Socket, parts: readonly (string | Uint8Array)[]): Promise<string> {
  let text = '';
  await new Promise<void>((resolve) => {
    let timer = setTimeout(resolve, patienceMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.on('data', (bytes: Buffer) => {
      if (text.length < 4096) text += bytes.toString('latin1', 0, 4096);
      clearTimeout(timer);
      timer = setTimeout(resolve, silenceMs);
    });
    socket.once('close', done);
    socket.once('end', done);
    if (socket.destroyed) done();
    else for (const part of parts) socket.write(part as Uint8Array);
  });
  socket.destroy();
  return text;
}
