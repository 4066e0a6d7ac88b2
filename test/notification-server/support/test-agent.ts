import 'reflect-metadata';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import * as x509 from '@peculiar/x509';
import WebSocket from 'ws';
import type { AgentId } from '../../../shared/base/ids.ts';
import { serverCertificateName } from '../../../shared/base/ids.ts';
import type { EnrolAnswer, EnrolRequest } from '../../../shared/contracts/agent-api.ts';
import { enrolAnswerSchema, joinTokenPattern } from '../../../shared/contracts/agent-api.ts';
import type { FeedFromAgent, FeedToAgent } from '../../../shared/contracts/agent-feed.ts';
import { feedToAgentSchema } from '../../../shared/contracts/agent-feed.ts';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface TestAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  json(): unknown;
}

export interface AgentKey {
  readonly privateKeyPem: string;
  readonly csrPem: string;
}

export async function makeAgentKey(): Promise<AgentKey> {
  // The global of this name: its types are those that the library takes.
  const keys = await crypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=ignored',
    keys,
    signingAlgorithm: ecdsa,
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKeyPem = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
  return { privateKeyPem, csrPem: request.toString('pem') };
}

/** The authority's certificate that the server presents, checked against the join token as an agent does. */
export function presentedAuthority(agentUrl: string, joinToken: string): Promise<string> {
  const { hostname, port } = new URL(agentUrl);
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const leaf = socket.getPeerCertificate(true);
      let at: tls.DetailedPeerCertificate | undefined = leaf.issuerCertificate;
      const hash = (der: Buffer) =>
        createHash('sha256')
          .update(new X509Certificate(der).publicKey.export({ format: 'der', type: 'spki' }))
          .digest('base64url');
      socket.destroy();
      const wanted = joinTokenPattern.exec(joinToken)?.[1];
      for (let depth = 0; depth < 3 && at !== undefined; depth++, at = at.issuerCertificate) {
        if (hash(at.raw) === wanted) return resolve(new X509Certificate(at.raw).toString());
      }
      reject(new Error(`no authority with the token's key stands behind ${leaf.subject.CN}`));
    });
    socket.on('error', reject);
  });
}

/** One computer, as far as the server can tell: its identity, a kept-alive connection and its feed. */
export class TestAgent {
  readonly identity: EnrolAnswer;
  readonly key: AgentKey;
  readonly #agentUrl: string;
  readonly #connections: https.Agent;
  readonly #tls: https.AgentOptions;

  private constructor(agentUrl: string, identity: EnrolAnswer, key: AgentKey, localAddress: string) {
    this.#agentUrl = agentUrl;
    this.identity = identity;
    this.key = key;
    this.#tls = {
      ca: identity.caCertificatePem,
      cert: identity.certificatePem,
      key: key.privateKeyPem,
      servername: serverCertificateName(identity.serverId),
      localAddress,
    };
    this.#connections = new https.Agent({ ...this.#tls, keepAlive: true, maxSockets: 4 });
  }

  static async enrol(
    agentUrl: string,
    joinToken: string,
    more: Partial<EnrolRequest> & { key?: AgentKey; localAddress?: string } = {},
  ): Promise<TestAgent> {
    const { key: given, localAddress = '127.0.0.1', ...fields } = more;
    const key = given ?? (await makeAgentKey());
    const ca = await presentedAuthority(agentUrl, joinToken);
    const secret = joinTokenPattern.exec(joinToken)?.[2] ?? '';
    const answer = await request(`${agentUrl}/agent/v1/enrol`, {
      method: 'POST',
      ca,
      localAddress,
      // The name to expect is told by the answer; the authority was checked.
      checkServerIdentity: () => undefined,
      body: { secret, csrPem: key.csrPem, name: 'test-agent', ...fields },
    });
    if (answer.status !== 200) throw new Error(`enrolment answered ${answer.status}: ${answer.body.toString()}`);
    return new TestAgent(agentUrl, enrolAnswerSchema.parse(answer.json()), key, localAddress);
  }

  /** The same computer, told of another address of its server. */
  movedTo(agentUrl: string): TestAgent {
    return new TestAgent(agentUrl, this.identity, this.key, this.#tls.localAddress ?? '127.0.0.1');
  }

  get agentId(): AgentId {
    return this.identity.agentId;
  }

  get tlsOptions(): https.AgentOptions {
    return this.#tls;
  }

  request(path: string, options: Omit<RequestOptions, 'agent'> = {}): Promise<TestAnswer> {
    return request(`${this.#agentUrl}/agent/v1${path}`, { ...options, agent: this.#connections });
  }

  /** Starts a request and hands over the answer with its body unread. */
  open(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      https.get(`${this.#agentUrl}/agent/v1${path}`, { ...this.#tls, agent: false }, resolve).on('error', reject);
    });
  }

  async openFeed(): Promise<TestFeed> {
    const socket = new WebSocket(`${this.#agentUrl.replace('https', 'wss')}/agent/v1/feed`, { ...this.#tls });
    const feed = new TestFeed(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return feed;
  }

  close(): void {
    this.#connections.destroy();
  }
}

export class TestFeed {
  readonly received: FeedToAgent[] = [];
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.received.push(feedToAgentSchema.parse(JSON.parse(data.toString()))));
    socket.on('error', () => undefined);
  }

  send(message: FeedFromAgent): void {
    this.#socket.send(JSON.stringify(message));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.#socket.terminate();
  }
}

export interface RequestOptions extends https.AgentOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly agent?: https.Agent;
}

/** One request over TLS, whatever the answer. Without certificate options nobody is claimed to be. */
export function request(url: string, options: RequestOptions = {}): Promise<TestAnswer> {
  const { body, headers = {}, agent = false, ...rest } = options;
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = https.request(
      url,
      {
        ...rest,
        agent,
        headers: { ...headers, ...(text === undefined ? {} : { 'content-type': 'application/json' }) },
      },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const whole = Buffer.concat(parts);
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            body: whole,
            json: () => JSON.parse(whole.toString()),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}
