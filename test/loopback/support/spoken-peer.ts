import { randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { GroupKeys, macOf } from '../../../electron/agent-worker/group-keys.ts';
import type { DatagramMessage } from '../../../shared/agent/datagram-message.ts';
import { decodeDatagram, encodeSignedPart, sealDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import { parseIpv4 } from '../../../shared/base/ipv4.ts';
import { agentConfigurationSchema } from '../../../shared/contracts/agent-api.ts';
import { TestAgent } from '../../notification-server/support/test-agent.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../../support/agent-fixtures.ts';

/** A peer that can only talk: enrolled, with a UDP socket of its own, and nothing that answers HTTP. */
export class SpokenPeer {
  readonly address: string;
  readonly heard: DatagramMessage[] = [];
  readonly #port: number;
  readonly #agent: TestAgent;
  readonly #keys: GroupKeys;
  readonly #socket: Socket;
  readonly #bootId = randomInt(2 ** 47);
  #sequence = 0;
  #repeating: NodeJS.Timeout | null = null;

  private constructor(address: string, port: number, agent: TestAgent, keys: GroupKeys, socket: Socket) {
    this.address = address;
    this.#port = port;
    this.#agent = agent;
    this.#keys = keys;
    this.#socket = socket;
    socket.on('message', (bytes) => {
      const decoded = decodeDatagram(bytes);
      if (decoded !== null) this.heard.push(decoded.message);
    });
  }

  static async open(server: TestServer, subnetNumber: number, port: number): Promise<SpokenPeer> {
    const address = freshLoopbackAddress(subnetNumber);
    const agent = await TestAgent.enrol(server.agentUrl, await server.makeJoinToken(), { localAddress: address });
    const configuration = agentConfigurationSchema.parse((await agent.request('/configuration')).json());
    const keys = new GroupKeys();
    keys.replace(configuration.groupKeys);
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    await new Promise<void>((resolve) => socket.bind({ address, port, exclusive: true }, resolve));
    return new SpokenPeer(address, port, agent, keys, socket);
  }

  tell(address: string, message: DatagramMessage): void {
    const dateMs = Date.now();
    const key = this.#keys.signingKey(dateMs);
    if (key === null) throw new Error('the server gave no group key');
    this.#sequence++;
    const { agentId, serverId } = this.#agent.identity;
    const envelope = { groupKeyId: key.id, serverId, agentId, bootId: this.#bootId, sequence: this.#sequence, dateMs };
    const signedPart = encodeSignedPart(envelope, message);
    this.#socket.send(sealDatagram(signedPart, macOf(key, signedPart)), this.#port, address);
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
