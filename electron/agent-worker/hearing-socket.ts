import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { bindFailure } from './agent-failure.ts';
import { HeardDatagram } from './heard-datagram.ts';

export type DatagramListener = (datagram: HeardDatagram, from: RemoteInfo) => void;

/** Announcements of 200 agents within one turn of a busy event loop. */
const receiveBufferBytes = 1024 * 1024;

/** One socket at the wildcard address and one port, shared by the agents of this process that hear there. */
class HearingSocket {
  readonly listeners = new Set<DatagramListener>();
  readonly bound: Promise<void>;
  readonly #socket: Socket;

  constructor(port: number) {
    this.#socket = createSocket({ type: 'udp4', reuseAddr: true });
    this.#socket.on('message', (bytes, from) => {
      const datagram = new HeardDatagram(bytes);
      for (const listener of this.listeners) listener(datagram, from);
    });
    this.bound = new Promise((resolve, reject) => {
      this.#socket.once('error', (error) => reject(bindFailure(error, '0.0.0.0', port)));
      this.#socket.bind({ address: '0.0.0.0', port, exclusive: true }, () => {
        this.#socket.removeAllListeners('error');
        // A later error of a bound UDP socket concerns one datagram, and datagrams may be lost.
        this.#socket.on('error', () => undefined);
        enlargeReceiveBuffer(this.#socket);
        resolve();
      });
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** The system may allow less than asked for; then it stays as it is. */
export function enlargeReceiveBuffer(socket: Socket): void {
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // A smaller buffer loses more datagrams under load, which every sender reckons with.
    return;
  }
}

/** By port. Of several sockets at one port all hear broadcasts, so more than one per process would be heard twice. */
const openSockets = new Map<number, HearingSocket>();

export interface Hearing {
  close(): void;
}

/** Hears the broadcasts at `port` on every interface until closed. Rejects with an `AgentFailure`. */
export async function hear(port: number, listener: DatagramListener): Promise<Hearing> {
  const socket = openSockets.get(port) ?? new HearingSocket(port);
  openSockets.set(port, socket);
  socket.listeners.add(listener);
  const leave = (): void => {
    if (!socket.listeners.delete(listener) || socket.listeners.size > 0) return;
    if (openSockets.get(port) === socket) openSockets.delete(port);
    socket.close();
  };
  try {
    await socket.bound;
  } catch (error) {
    leave();
    throw error;
  }
  return { close: leave };
}
