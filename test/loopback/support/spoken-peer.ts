import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { DatagramMessage } from '../../../shared/agent/datagram-message.ts';
import { decodeDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import { parseIpv4 } from '../../../shared/base/ipv4.ts';
import { configurationOf } from '../../notification-server/support/server-place.ts';
import { TestAgent } from '../../notification-server/support/test-agent.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../../support/agent-fixtures.ts';
import { DatagramSigner } from './datagram-signer.ts';

/** A peer that can only talk: enrolled, with a UDP socket of its own, and nothing that answers HTTP. */
export class SpokenPeer {
  readonly address: string;
  readonly heard: DatagramMessage[] = [];
  readonly #port: number;
  readonly #agent: TestAgent;
  readonly #signer: DatagramSigner;
  readonly #socket: Socket;
  #repeating: NodeJS.Timeout | null = null;

  private constructor(address: string, port: number, agent: TestAgent, signer: DatagramSigner, socket: Socket) {
    this.address = address;
    this.#port = port;
    this.#agent = agent;
    this.#signer = signer;
    this.#socket = socket;
    socket.on('message', (bytes) => {
      const decoded = decodeDatagram(bytes);
      if (decoded !== null) this.heard.push(decoded.message);
    });
  }

  static async open(server: TestServer, subnetNumber: number, port: number): Promise<SpokenPeer> {
    const address = freshLoopbackAddress(subnetNumber);
    const agent = await TestAgent.enrol(server.agentUrl, await server.makeJoinToken(), { localAddress: address });
    const signer = new DatagramSigner(agent.identity, (await configurationOf(agent)).groupKeys);
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    await new Promise<void>((resolve) => socket.bind({ address, port, exclusive: true }, resolve));
    return new SpokenPeer(address, port, agent, signer, socket);
  }

  tell(address: string, message: DatagramMessage): void {
    this.#socket.send(this.#signer.sign(message), this.#port, address);
  }

  /** Says so often that it holds whole packages, that nobody ever takes it for gone. */
  keepAnnouncing(address: string, packages: Extract<DatagramMessage, { kind: 'alive' }>['packages']): void {
    const own = parseIpv4(this.address) ?? 0;
    const message = { kind: 'alive', name: 'spoken', address: own, port: this.#port, packages } as const;
    this.tell(address, message);
    this.#repeating = setInterval(() => this.tell(address, message), 50);
  }

  async close(): Promise<void> {
    if (this.#repeating !== null) clearInterval(this.#repeating);
    this.#agent.close();
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}
