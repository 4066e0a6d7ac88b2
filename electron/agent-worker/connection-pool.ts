import { Agent } from 'node:https';
import type { Credentials } from './agent-identity.ts';
import type { LocalAddresses } from './local-addresses.ts';

/** Requests to one server at a time; the rest of them wait. */
const maxConnectionsPerSource = 8;
/** Shorter than the server's keep-alive time, so that a request rarely meets a connection that is being closed. */
const idleConnectionMs = 15_000;
/** Sources that were used last; twice the most peers that a policy allows per attempt. */
const maxSources = 100;

export interface Remote {
  readonly hostname: string;
  readonly port: number;
  /** Certificate name expected there. */
  readonly servername: string;
}

/** Kept-alive mutual-TLS connections for the interface of the Notification Server, an `https.Agent` per server. */
export class ConnectionPool {
  readonly #credentials: Credentials;
  readonly #localAddresses: LocalAddresses;
  /** In the order of use, the oldest first. */
  readonly #agents = new Map<string, Agent>();
  #isOpen = true;

  constructor(credentials: Credentials, localAddresses: LocalAddresses) {
    this.#credentials = credentials;
    this.#localAddresses = localAddresses;
    // Connections in use run on; idle ones time out by themselves.
    credentials.onChange(() => this.#agents.clear());
  }

  agentFor(remote: Remote): Agent {
    const { localAddress = '' } = this.#localAddresses.towards(remote.hostname);
    const name = `${remote.servername}|${remote.hostname}|${remote.port}|${localAddress}`;
    const agent = this.#agents.get(name) ?? this.#createAgent(remote);
    this.#agents.delete(name);
    this.#agents.set(name, agent);
    if (this.#agents.size > maxSources) this.#forgetOldest();
    return agent;
  }

  /** False while the policy forbids any communication: then nothing may be asked of anybody. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Closing ends every connection, also those in use. */
  setOpen(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (!isOpen) this.close();
  }

  /** Ends the connections that were made from these own addresses: they exist no longer. */
  dropFrom(addresses: readonly string[]): void {
    for (const { sockets, freeSockets } of this.#agents.values()) {
      for (const socket of [sockets, freeSockets].flatMap((each) =>
        Object.values(each).flatMap((list) => list ?? []),
      )) {
        if (addresses.includes(socket.localAddress ?? '')) socket.destroy();
      }
    }
  }

  /** Ends every connection, also those in use. */
  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  #createAgent(remote: Remote): Agent {
    return new Agent({
      keepAlive: true,
      maxSockets: maxConnectionsPerSource,
      maxFreeSockets: maxConnectionsPerSource,
      timeout: idleConnectionMs,
      scheduling: 'lifo',
      secureContext: this.#credentials.secureContext,
      minVersion: 'TLSv1.3',
      servername: remote.servername,
      ...this.#localAddresses.towards(remote.hostname),
    });
  }

  #forgetOldest(): void {
    const [oldest] = this.#agents.entries();
    if (oldest === undefined) return;
    this.#agents.delete(oldest[0]);
    oldest[1].destroy();
  }
}

/** The other side is not who it should be: another name in its certificate, or one that our CA did not sign. */
const identityErrors: ReadonlySet<string> = new Set([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'INVALID_CA',
]);

export function isIdentityError(errorCode: string): boolean {
  return identityErrors.has(errorCode);
}
