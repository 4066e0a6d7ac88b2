import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import type { ServerId } from '../../shared/base/ids.ts';
import { agentCertificateName, isServerId, serverCertificateName } from '../../shared/base/ids.ts';
import type { EnrolRequest } from '../../shared/contracts/agent-api.ts';
import { enrolAnswerSchema, joinTokenPattern } from '../../shared/contracts/agent-api.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import { AgentFailure, messageOf } from './agent-failure.ts';
import type { StoredIdentity } from './agent-identity.ts';
import type { LocalAddresses } from './local-addresses.ts';
import { newPrivateKeyPem, signingRequestFor } from './signing-request.ts';

const timeoutMs = 15_000;
const maxAnswerBytes = 256 * 1024;

/** Leaf, at most two intermediates, authority. */
const maxChainLength = 4;

export interface EnrolmentInput {
  readonly serverUrl: string;
  readonly joinToken: string;
  readonly name: string;
  readonly localAddresses: LocalAddresses;
}

/**
 * Exchanges a join token for an identity. The server has to prove first that it holds the key that the token names: the
 * secret is sent over that very connection, and only then. Rejects with an `AgentFailure`.
 */
export async function enrol(input: EnrolmentInput): Promise<StoredIdentity> {
  const token = joinTokenPattern.exec(input.joinToken);
  if (token === null) {
    throw new AgentFailure(
      'join-token-invalid',
      'The join token is not complete. Copy all of it: it begins with "fanout1.".',
    );
  }
  const [, authorityKeyHash = '', secret = ''] = token;
  const socket = await connectUnverified(input);
  try {
    const server = checkServer(socket, authorityKeyHash, input.serverUrl);
    const privateKeyPem = newPrivateKeyPem();
    const body: EnrolRequest = { secret, csrPem: signingRequestFor(privateKeyPem), name: input.name };
    const answer = enrolAnswerSchema.safeParse(await post(socket, input.serverUrl, body));
    if (!answer.success) {
      throw new AgentFailure(
        'server-unreachable',
        `The server at ${input.serverUrl} answered something else than an enrolment.`,
      );
    }
    const identity = { ...answer.data, privateKeyPem };
    checkAnswer(identity, server, authorityKeyHash);
    return identity;
  } finally {
    socket.destroy();
  }
}

function connectUnverified(input: EnrolmentInput): Promise<TLSSocket> {
  const url = new URL(input.serverUrl);
  const unreachable = (error: unknown): AgentFailure =>
    new AgentFailure(
      'server-unreachable',
      `No Notification Server answers at ${input.serverUrl} (${messageOf(error)}). Check the address, and that the server runs.`,
      error,
    );
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: url.hostname,
      port: url.port === '' ? 443 : Number(url.port),
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['http/1.1'],
      // Nothing is sent before `checkServer` has verified the authority by its key.
      rejectUnauthorized: false,
      ...input.localAddresses.towards(url.hostname),
    });
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(unreachable(error));
    });
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      // The request over this connection reports errors from here on.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

interface CheckedServer {
  readonly authority: X509Certificate;
  readonly serverId: ServerId;
}

function checkServer(socket: TLSSocket, authorityKeyHash: string, serverUrl: string): CheckedServer {
  const [leaf, ...issuers] = chainOf(socket);
  const authority = issuers.find((certificate) => keyHashOf(certificate) === authorityKeyHash);
  const serverId = leaf === undefined ? null : serverIdOf(leaf);
  const now = Date.now();
  const isServer =
    leaf !== undefined &&
    authority?.ca === true &&
    leaf.checkIssued(authority) &&
    leaf.verify(authority.publicKey) &&
    Date.parse(leaf.validFrom) <= now &&
    now <= Date.parse(leaf.validTo);
  if (!isServer || authority === undefined || serverId === null) {
    throw new AgentFailure(
      'server-identity-mismatch',
      `The server at ${serverUrl} is not the one that the join token is for. Use a join token of that server.`,
    );
  }
  return { authority, serverId };
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // The authority names itself as its issuer, and an absent certificate is an empty object.
  while (next?.raw !== undefined && chain.length < maxChainLength) {
    chain.push(new X509Certificate(next.raw));
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate;
  }
  return chain;
}

function keyHashOf(certificate: X509Certificate): string {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

function serverIdOf(certificate: X509Certificate): ServerId | null {
  for (const name of (certificate.subjectAltName ?? '').split(', ')) {
    const label = name.replace(/^DNS:/, '').split('.')[0] ?? '';
    if (isServerId(label) && name === `DNS:${serverCertificateName(label)}`) return label;
  }
  return null;
}

function post(socket: TLSSocket, serverUrl: string, body: EnrolRequest): Promise<unknown> {
  const payload = JSON.stringify(body);
  const url = new URL('/agent/v1/enrol', serverUrl);
  const unreachable = (error: unknown): AgentFailure =>
    new AgentFailure(
      'server-unreachable',
      `The server at ${serverUrl} broke off the enrolment (${messageOf(error)}).`,
      error,
    );
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: 'POST',
      createConnection: () => socket,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    outgoing.on('error', (error) => reject(unreachable(error)));
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > maxAnswerBytes) outgoing.destroy(new Error('the answer is too long'));
      });
      response.on('error', (error) => reject(unreachable(error)));
      response.on('end', () => {
        const answer = parseJson(text);
        if (response.statusCode === 200) resolve(answer);
        else reject(refusalOf(answer, response.statusCode ?? 0, serverUrl));
      });
    });
    outgoing.end(payload);
  });
}

function refusalOf(answer: unknown, status: number, serverUrl: string): AgentFailure {
  const parsed = apiErrorSchema.safeParse(answer);
  if (!parsed.success)
    return new AgentFailure('server-unreachable', `The server at ${serverUrl} answered with status ${status}.`);
  const { code, message } = parsed.data.error;
  if (code === 'join-token-invalid' || code === 'revoked') return new AgentFailure(code, message);
  return new AgentFailure('server-unreachable', message);
}

/** The answer came over a checked connection; this finds a server that is broken, not one that lies. */
function checkAnswer(identity: StoredIdentity, server: CheckedServer, authorityKeyHash: string): void {
  const certificate = new X509Certificate(identity.certificatePem);
  const ownKey = createPublicKey(identity.privateKeyPem).export({ type: 'spki', format: 'der' });
  const isOurs =
    identity.serverId === server.serverId &&
    keyHashOf(new X509Certificate(identity.caCertificatePem)) === authorityKeyHash &&
    certificate.verify(server.authority.publicKey) &&
    certificate.checkHost(agentCertificateName(identity.agentId)) !== undefined &&
    certificate.publicKey.export({ type: 'spki', format: 'der' }).equals(ownKey);
  if (!isOurs) {
    throw new AgentFailure(
      'server-identity-mismatch',
      'The server gave a certificate that does not fit to this agent.',
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses null with its own message.
    return null;
  }
}
