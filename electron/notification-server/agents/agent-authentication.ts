import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { AgentId } from '../../../shared/base/ids.ts';
import { agentIdOfCertificateName } from '../../../shared/base/ids.ts';
import { Refusal } from '../refusal.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';

/** The identity of a connection does not change: read once, from a certificate that TLS has checked against the authority. */
const agentOfSocket = new WeakMap<TLSSocket, AgentId>();

/**
 * The enrolled, unrevoked agent whose certificate the connection presented; throws a `Refusal` for anybody else. With
 * `expiredIssuer`, the authority, a certificate of it will do that is over: of a computer that was off for a month.
 */
export function authenticateAgent(
  request: IncomingMessage,
  directory: AgentDirectory,
  expiredIssuer: X509Certificate | null = null,
): AgentRecord {
  const agentId = agentIdOf(request, expiredIssuer);
  const record = agentId === null ? null : directory.get(agentId);
  if (record === null) {
    throw new Refusal('not-enrolled', 'This interface is for enrolled agents: present the certificate of one.');
  }
  if (record.revokedAtMs !== null) throw new Refusal('revoked', 'This agent was revoked by an administrator.');
  return record;
}

function agentIdOf({ socket }: IncomingMessage, expiredIssuer: X509Certificate | null): AgentId | null {
  if (!(socket instanceof TLSSocket)) return null;
  if (!socket.authorized && (expiredIssuer === null || !isOnlyExpired(socket, expiredIssuer))) return null;
  const known = agentOfSocket.get(socket);
  if (known !== undefined) return known;
  const name = socket.getPeerCertificate().subject?.CN;
  const agentId = typeof name === 'string' ? agentIdOfCertificateName(name) : null;
  if (agentId !== null) agentOfSocket.set(socket, agentId);
  return agentId;
}

/** TLS reports one error of several: who issued the certificate is looked at again. */
function isOnlyExpired(socket: TLSSocket, issuer: X509Certificate): boolean {
  // The declared type says Error; what is there is the code.
  if (String(socket.authorizationError) !== 'CERT_HAS_EXPIRED') return false;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return false;
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** IPv4 in its own form, also where the listener hears both families. */
export function remoteAddressOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}
