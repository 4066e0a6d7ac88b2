import type { TLSSocket } from 'node:tls';
import type { AgentId } from '../../shared/base/ids.ts';
import { agentIdOfCertificateName } from '../../shared/base/ids.ts';

export interface PeerIdentity {
  readonly agentId: AgentId;
  /** Serial number of the certificate, upper-case hexadecimal digits. */
  readonly serial: string;
}

const known = new WeakMap<TLSSocket, PeerIdentity>();

/** The agent behind a connection whose certificate the TLS layer has verified, or null where it names no agent. */
export function peerIdentityOf(socket: TLSSocket): PeerIdentity | null {
  const cached = known.get(socket);
  if (cached !== undefined) return cached;
  if (!socket.authorized) return null;
  const certificate = socket.getPeerCertificate();
  const agentId = agentIdOfAlternativeNames(certificate.subjectaltname ?? '');
  if (agentId === null) return null;
  const identity = { agentId, serial: normalSerial(certificate.serialNumber) };
  known.set(socket, identity);
  return identity;
}

/** The same number is written with and without leading zeros, and in either case. */
export function normalSerial(serial: string): string {
  return serial.toUpperCase().replace(/^0+/, '');
}

function agentIdOfAlternativeNames(text: string): AgentId | null {
  for (const name of text.split(', ')) {
    if (!name.startsWith('DNS:')) continue;
    const agentId = agentIdOfCertificateName(name.slice('DNS:'.length));
    if (agentId !== null) return agentId;
  }
  return null;
}
