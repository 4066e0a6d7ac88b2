import type { KeyObject } from 'node:crypto';
import type { RemoteInfo, Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { DatagramMessage } from '../../shared/agent/datagram-message.ts';
import type { DecodedDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import { encodeSignedPart, sealDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import type { AgentInterfaceAddress, DatagramPort } from '../../shared/agent/ports.ts';
import type { AgentId, ServerId } from '../../shared/base/ids.ts';
import type { Ipv4 } from '../../shared/base/ipv4.ts';
import { broadcastOf, cidrContains, formatIpv4, isLoopback, parseIpv4 } from '../../shared/base/ipv4.ts';
import type { DroppedDatagramKind } from '../../shared/contracts/diagnostics.ts';
import { bindFailure } from './agent-failure.ts';
import type { GroupKeys } from './group-keys.ts';
import { macOf } from './group-keys.ts';
import { HeardDatagram } from './heard-datagram.ts';
import type { Hearing } from './hearing-socket.ts';
import { enlargeReceiveBuffer, hear } from './hearing-socket.ts';
import type { ImpairmentSwitch } from './impairment-switch.ts';
import { ReplayGuard } from './replay-guard.ts';
import { isWithdrawalSigned } from './signed-withdrawal.ts';

export interface DatagramAdapterOptions {
  readonly agentId: AgentId;
  readonly serverId: ServerId;
  readonly bootId: number;
  readonly groupKeys: GroupKeys;
  /** Own subnet and additional subnets: unicast datagrams from elsewhere are dropped. */
  readonly isAllowedAddress: (address: Ipv4) => boolean;
  /** Milliseconds since 1970 by the clock of the Notification Server. */
  readonly serverTimeMs: () => number;
  readonly push: (input: AgentInput) => void;
  readonly isRevokedAgent: (agentId: AgentId) => boolean;
  /** The server's key of snapshots, for what it says through peers. */
  readonly snapshotKey: KeyObject;
  readonly impairments: Pick<ImpairmentSwitch, 'isUnplugged'>;
  /** True while the core is so far behind that datagrams are better lost. */
  readonly isOverloaded: () => boolean;
  /** A datagram made with a group key that is not known, or at another time than it is here: the server may say otherwise. */
  readonly onOutdated: () => void;
}

/**
 * How far the date of a datagram may be off. Clocks are learnt from the server to a fraction of a second; this bounds how
 * old a datagram can be that somebody recorded and plays to an agent which has forgotten it, because it was restarted.
 */
const maxDateErrorMs = 120_000;

/** Where a broadcast goes on loopback: the only address there that sockets at the wildcard address hear. */
const loopbackBroadcast: Ipv4 = 0x7fffffff;

interface OwnSocket {
  readonly place: AgentInterfaceAddress;
  readonly socket: Socket;
}

/**
 * Datagram port over the agent's own socket at each of its interfaces (sending, unicast) and the shared hearing socket (broadcasts of others).
 * Everything that is not a fresh, signed datagram of an agent of the same server from an allowed subnet is dropped and
 * reported by kind.
 */
export class DatagramAdapter implements DatagramPort {
  readonly #options: DatagramAdapterOptions;
  readonly #replayGuard = new ReplayGuard();
  /** The last opened of an address is the one that sends. */
  readonly #own: OwnSocket[] = [];
  #hearing: Hearing | null = null;
  #hearingPort = 0;
  /** Dropped in this turn of the event loop: told together, so that a flood does not fill the queue that it is kept from. */
  readonly #untold = new Map<DroppedDatagramKind, number>();
  #sequence = 0;
  #isSilent = false;

  constructor(options: DatagramAdapterOptions) {
    this.#options = options;
  }

  /** Opens the own socket of an interface. Rejects with an `AgentFailure` where the port is taken or the address gone. */
  async openAt(place: AgentInterfaceAddress): Promise<void> {
    const socket = await this.#bindOwn(place);
    this.#own.push({ place, socket });
  }

  /** Resolves when what was sent has left. Does nothing where there is no such socket. */
  async closeAt({ address, port }: AgentInterfaceAddress): Promise<void> {
    const at = this.#own.findIndex(({ place }) => place.address === address && place.port === port);
    const [own] = at < 0 ? [] : this.#own.splice(at, 1);
    if (own !== undefined) await closed(own.socket);
  }

  /** Moves the hearing socket; the old one stays where the new one cannot be had. */
  async hearAt(port: number): Promise<void> {
    if (this.#hearing !== null && port === this.#hearingPort) return;
    const next = await hear(port, this.#onBroadcast);
    this.#hearing?.close();
    this.#hearing = next;
    this.#hearingPort = port;
  }

  send(interfaceAddress: Ipv4, to: { readonly address: Ipv4; readonly port: number }, message: DatagramMessage): void {
    this.#transmit(this.#ownAt(interfaceAddress), to.address, to.port, message);
  }

  broadcast(interfaceAddress: Ipv4, message: DatagramMessage): void {
    const own = this.#ownAt(interfaceAddress);
    if (own === null) return;
    const { subnet } = own.place;
    const to = isLoopback(subnet.network) ? loopbackBroadcast : broadcastOf(subnet);
    this.#transmit(own, to, this.#hearingPort, message);
  }

  /** While silent nothing is sent or heard; the sockets stay bound, so that nobody else takes the ports. */
  setSilent(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  /** A broadcast that the supervisor copied, because the system delivers none. */
  receiveCopied(bytes: Buffer, from: { readonly address: string; readonly port: number }): void {
    this.#onBroadcast(new HeardDatagram(bytes), from);
  }

  /** Resolves when what was sent has left. */
  async close(): Promise<void> {
    this.#hearing?.close();
    this.#hearing = null;
    for (const { socket } of this.#own.splice(0)) await closed(socket);
  }

  get #isMute(): boolean {
    return this.#isSilent || this.#options.impairments.isUnplugged;
  }

  /** Null where the core has not heard yet that the address is gone: what it sends there is lost, as any datagram may be. */
  #ownAt(address: Ipv4): OwnSocket | null {
    return this.#own.findLast(({ place }) => place.address === address) ?? null;
  }

  async #bindOwn({ address: own, port }: AgentInterfaceAddress): Promise<Socket> {
    const address = formatIpv4(own);
    // Sharing is needed only where the hearing socket has the same port; else a second agent there must be an error.
    const socket = createSocket({ type: 'udp4', reuseAddr: port === this.#hearingPort });
    await new Promise<void>((resolve, reject) => {
      socket.once('error', (error) => reject(bindFailure(error, address, port)));
      socket.bind({ address, port, exclusive: true }, resolve);
    });
    socket.removeAllListeners('error');
    // A later error of a bound UDP socket concerns one datagram, and datagrams may be lost.
    socket.on('error', () => undefined);
    socket.setBroadcast(true);
    enlargeReceiveBuffer(socket);
    socket.on('message', (bytes, from) => this.#onUnicast(own, bytes, from));
    return socket;
  }

  #transmit(own: OwnSocket | null, address: Ipv4, port: number, message: DatagramMessage): void {
    if (this.#isMute) return;
    const { agentId, serverId, bootId, groupKeys, serverTimeMs } = this.#options;
    const dateMs = Math.round(serverTimeMs());
    const key = groupKeys.signingKey(dateMs);
    // Without a configuration there is no key, and nobody who would believe the datagram.
    if (key === null || own === null) return;
    this.#sequence++;
    const envelope = { groupKeyId: key.id, serverId, agentId, bootId, sequence: this.#sequence, dateMs };
    const signedPart = encodeSignedPart(envelope, message);
    // The callback takes the error of this one datagram: it is lost, as any may be.
    own.socket.send(sealDatagram(signedPart, macOf(key, signedPart)), port, formatIpv4(address), () => undefined);
  }

  #onUnicast(own: Ipv4, bytes: Buffer, from: RemoteInfo): void {
    const address = parseIpv4(from.address);
    if (address === null || this.#isMute) return;
    if (this.#options.isAllowedAddress(address)) this.#receive(own, new HeardDatagram(bytes), address, from.port);
    else this.#drop('outside-subnets');
  }

  readonly #onBroadcast = (
    datagram: HeardDatagram,
    from: { readonly address: string; readonly port: number },
  ): void => {
    const address = parseIpv4(from.address);
    // On loopback everybody hears every subnet; what is another subnet's is not even counted.
    const heardBy = address === null ? null : this.#own.find(({ place }) => cidrContains(place.subnet, address));
    if (address === null || heardBy == null || this.#isMute) return;
    const isOwn = this.#own.some(({ place }) => place.address === address && place.port === from.port);
    if (isOwn) this.#drop('own-echo');
    else this.#receive(heardBy.place.address, datagram, address, from.port);
  };

  #receive(interfaceAddress: Ipv4, datagram: HeardDatagram, address: Ipv4, port: number): void {
    if (this.#options.isOverloaded()) {
      this.#drop('overloaded');
      return;
    }
    const { decoded } = datagram;
    if (decoded === null) {
      this.#drop('malformed');
      return;
    }
    const problem = this.#problemOf(datagram, decoded);
    if (problem !== null) {
      this.#drop(problem);
      return;
    }
    const { agentId: sender, bootId } = decoded.envelope;
    this.#options.push({
      kind: 'datagramReceived',
      interfaceAddress,
      from: { address, port },
      sender,
      bootId,
      message: decoded.message,
    });
  }

  #problemOf(datagram: HeardDatagram, { envelope, message }: DecodedDatagram): DroppedDatagramKind | null {
    const { serverId, groupKeys, serverTimeMs, isRevokedAgent, snapshotKey, onOutdated } = this.#options;
    if (envelope.serverId !== serverId) return 'foreign-server';
    const nowMs = serverTimeMs();
    const key = groupKeys.find(envelope.groupKeyId, nowMs);
    if (key === 'retired') return 'retired-group-key';
    if (key === 'unknown') {
      onOutdated();
      return 'unknown-group-key';
    }
    // Before the MAC is checked nothing of the envelope may change what is remembered.
    if (!datagram.isSignedWith(key)) return 'wrong-mac';
    if (isRevokedAgent(envelope.agentId)) return 'revoked-agent';
    if (Math.abs(envelope.dateMs - nowMs) > maxDateErrorMs) {
      onOutdated();
      return 'wrong-date';
    }
    const verdict = this.#replayGuard.check(envelope.agentId, envelope.bootId, envelope.sequence, envelope.dateMs);
    if (verdict !== 'fresh') return verdict;
    return message.kind === 'withdrawal' && !isWithdrawalSigned(message, snapshotKey) ? 'wrong-signature' : null;
  }

  #drop(reason: DroppedDatagramKind): void {
    if (this.#untold.size === 0) setImmediate(() => this.#tellDropped());
    this.#untold.set(reason, (this.#untold.get(reason) ?? 0) + 1);
  }

  #tellDropped(): void {
    for (const [reason, count] of this.#untold) this.#options.push({ kind: 'datagramsDropped', reason, count });
    this.#untold.clear();
  }
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(resolve));
}
