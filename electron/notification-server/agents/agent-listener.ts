import { X509Certificate } from 'node:crypto';
import type { Server } from 'node:https';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { AgentId } from '../../../shared/base/ids.ts';
import { serverCertificateName } from '../../../shared/base/ids.ts';
import {
  enrolRequestSchema,
  reEnrolRequestSchema,
  renewRequestSchema,
  timeHeader,
} from '../../../shared/contracts/agent-api.ts';
import { eventBatchSchema } from '../../../shared/contracts/agent-events.ts';
import { feedCloseCodes } from '../../../shared/contracts/agent-feed.ts';
import { packageGuidSchema, packageVersionSchema } from '../../../shared/contracts/primitives.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import { BrokenRequests } from '../broken-requests.ts';
import { answerErrorsInOneForm, frameworkErrors, parseOrRefuse } from '../http-listener.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { Organisation } from '../organisation.ts';
import type { PackageServers } from '../package-servers/package-servers.ts';
import type { BlockAnswers } from '../packages/block-answers.ts';
import type { PackageLibrary } from '../packages/package-library.ts';
import { Refusal } from '../refusal.ts';
import type { SentBytesLedger } from '../traffic/sent-bytes-ledger.ts';
import type { SiteLimits } from '../traffic/site-limits.ts';
import { authenticateAgent, remoteAddressOf } from './agent-authentication.ts';
import type { AgentConfigurations } from './agent-configurations.ts';
import type { AgentConnections } from './agent-connections.ts';
import type { AgentDirectory, AgentRecord } from './agent-directory.ts';
import type { AgentFeeds } from './agent-feeds.ts';
import type { ClonedAgents } from './cloned-agents.ts';
import { bootIdOf } from './cloned-agents.ts';
import type { ContentParts } from './content-routes.ts';
import { contentRoute, registerContentRoutes } from './content-routes.ts';
import type { Enrolment } from './enrolment.ts';
import type { EventIntake } from './event-intake.ts';
import type { Resolver } from './resolution.ts';
import type { SubnetHints } from './subnet-hints.ts';

export interface AgentListenerParts extends ContentParts {
  readonly identity: ServerIdentity;
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly packageServers: PackageServers;
  readonly configurations: AgentConfigurations;
  readonly subnetHints: SubnetHints;
  readonly enrolment: Enrolment;
  readonly events: EventIntake;
  readonly feeds: AgentFeeds;
  readonly connections: AgentConnections;
  readonly clones: ClonedAgents;
  readonly library: PackageLibrary;
  readonly blocks: BlockAnswers;
  readonly limits: SiteLimits;
  readonly sent: SentBytesLedger;
  readonly logger: Logger;
  readonly now: () => number;
  /** `https://host:port`; known only after listening. */
  readonly agentUrl: () => string;
}

/** The largest report is a full diagnostics page: 256 packages with their block maps. */
const maximumFeedMessageBytes = 4 * 1024 * 1024;
const maximumBodyBytes = 2 * 1024 * 1024;
const enrolPath = '/agent/v1/enrol';
const reEnrolPath = '/agent/v1/re-enrol';
const renewPath = '/agent/v1/renew';
/** Anybody may connect, so that nobody may hold a connection without saying something. */
const handshakeTimeoutMs = 10_000;
/** For a whole request; the largest is a batch of events, which has as long over 140 kbit/s. */
const requestTimeoutMs = 120_000;
const headersTimeoutMs = 30_000;
/** How often Node looks for requests that take longer than they may. */
const timeoutCheckMs = 5000;

/**
 * An agent that comes back within it needs no certificates: 54,000 that ask for their configuration each hour would else cost
 * a handshake with two signatures each time, and Node 24 loses 3 KB of the issuer's certificate with every such handshake.
 */
const tlsSessionSeconds = 24 * 60 * 60;

const packageParams = z.object({ guid: packageGuidSchema, version: packageVersionSchema });
const blockParams = packageParams.extend({
  block: z
    .string()
    .regex(/^\d{1,9}$/, 'not a block number')
    .transform(Number),
});

/**
 * The agents' listener: TLS 1.3, `/agent/v1`. Certificates are asked of everybody and required for everything but
 * enrolment, so that a computer without one can enrol and is told in words why it may do nothing else.
 */
export async function createAgentListener(parts: AgentListenerParts) {
  const broken = new BrokenRequests();
  const app = Fastify({
    https: {
      ...parts.identity.tlsCredentials,
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: false,
      keepAliveTimeout: 75_000,
      handshakeTimeout: handshakeTimeoutMs,
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: timeoutCheckMs,
      sessionTimeout: tlsSessionSeconds,
      requireHostHeader: false,
    },
    clientErrorHandler: broken.onClientError,
    requestTimeout: requestTimeoutMs,
    bodyLimit: maximumBodyBytes,
    forceCloseConnections: true,
    frameworkErrors: frameworkErrors(parts.logger),
  });
  const agents = new WeakMap<FastifyRequest, AgentRecord>();
  const agentOf = (request: FastifyRequest): AgentRecord => {
    const record = agents.get(request);
    if (record === undefined) throw new Refusal('not-enrolled', 'This interface is for enrolled agents.');
    return record;
  };
  const authority = new X509Certificate(parts.identity.authority.certificatePem);
  broken.follow(app.server);
  answerErrorsInOneForm(app, parts.logger);
  await app.register(websocket, { options: { maxPayload: maximumFeedMessageBytes } });
  app.addHook('onRequest', async (request, reply) => {
    reply.header(timeHeader, parts.now());
    // The route that matched decides, not the text of the address: what is not exactly enrolment needs a certificate.
    if (request.routeOptions.url === enrolPath && request.method === 'POST') return;
    if (request.routeOptions.url === contentRoute) return;
    const isRenewal = request.routeOptions.url === renewPath;
    const record = authenticateAgent(request.raw, parts.directory, isRenewal ? authority : null);
    agents.set(request, record);
    parts.connections.note(record.agentId, request.raw.socket);
    // What a copy says is no sign of life of the agent whose identity it has.
    if (request.routeOptions.url === reEnrolPath) return;
    parts.clones.check(record, bootIdOf(request.raw), remoteAddressOf(request.raw));
    parts.directory.seen(record, remoteAddressOf(request.raw), parts.now());
  });

  app.post(enrolPath, async (request) =>
    parts.enrolment.enrol(parseOrRefuse(enrolRequestSchema, request.body), remoteAddressOf(request.raw), parts.now()),
  );
  app.post(reEnrolPath, async (request) => {
    const record = agentOf(request);
    if (!parts.clones.isClone(record, bootIdOf(request.raw))) {
      throw new Refusal('forbidden', 'Only a copy of an agent gets an identity of its own in this way.');
    }
    const body = parseOrRefuse(reEnrolRequestSchema, request.body);
    return parts.enrolment.reEnrol(record, body, remoteAddressOf(request.raw), parts.now());
  });
  app.post(renewPath, async (request) =>
    parts.enrolment.renew(agentOf(request), parseOrRefuse(renewRequestSchema, request.body).csrPem, parts.now()),
  );
  app.get('/agent/v1/configuration', async (request, reply) => {
    const record = agentOf(request);
    const etag = parts.configurations.etagOf(record);
    record.toldEtag = etag;
    reply.header('etag', etag);
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('application/json').send(parts.configurations.documentOf(record).json);
  });
  app.get('/agent/v1/additional-subnets', async (request) => parts.subnetHints.answerTo(agentOf(request)));
  app.post('/agent/v1/events', async (request) => {
    const batch = parseOrRefuse(eventBatchSchema, request.body);
    return { acknowledgedSequence: await parts.events.take(agentOf(request), batch, parts.now) };
  });
  app.get('/agent/v1/feed', { websocket: true }, (socket, request) => {
    const record = agents.get(request);
    if (record === undefined) socket.close(feedCloseCodes.notEnrolled, 'not enrolled');
    else void parts.feeds.connect(record, socket, bootIdOf(request.raw), remoteAddressOf(request.raw));
  });
  registerPackageRoutes(app, parts, agentOf);
  return app;
}

export type AgentListenerApp = FastifyInstance<Server>;

function registerPackageRoutes(
  app: AgentListenerApp,
  parts: AgentListenerParts,
  agentOf: (request: FastifyRequest) => AgentRecord,
): void {
  const packageOf = (request: FastifyRequest): StoredPackage => {
    const { guid, version } = parseOrRefuse(packageParams, request.params);
    const stored = parts.organisation.packageVersion(guid, version);
    if (stored === null) throw new Refusal('not-found', 'This server has no such package version.');
    if (stored.withdrawnAtMs !== null) throw new Refusal('not-available', 'This package version was withdrawn.');
    return stored;
  };
  app.get('/agent/v1/packages/:guid/:version/snapshot', async (request, reply) =>
    reply.type('application/json').send(await parts.library.snapshotJson(packageOf(request).key)),
  );
  const online = () => ({
    isOnline: (agentId: AgentId): boolean => parts.feeds.isOnline(agentId),
    notificationServer: {
      url: `${parts.agentUrl()}/agent/v1`,
      certificateName: serverCertificateName(parts.identity.serverId),
    },
  });
  registerContentRoutes(app, parts, online);
  app.get('/agent/v1/packages/:guid/:version/codebases', async (request) => {
    const { key } = packageOf(request);
    return { codebases: parts.packageServers.codebasesFor(agentOf(request), key, online()) };
  });
  app.get('/agent/v1/packages/:guid/:version/blocks/:block', async (request, reply) => {
    const { block } = parseOrRefuse(blockParams, request.params);
    const stored = packageOf(request);
    const record = agentOf(request);
    // Agents remember where to ask for some minutes.
    if (!parts.packageServers.mayAskServer(record, stored.key, online())) {
      throw new Refusal('forbidden', 'Computers of this site do not download from the Notification Server.');
    }
    const { site, subnet, deliveries } = parts.resolver.resolve(record);
    const isBeyondLimits = deliveries.some(({ key, spec }) => key === stored.key && spec.ignoresSiteLimits);
    const siteId = site?.id ?? null;
    const limitedSiteId = isBeyondLimits ? null : siteId;
    const retryAfterSeconds = parts.limits.askedFor(limitedSiteId);
    if (retryAfterSeconds > 0) {
      throw new Refusal('busy', 'Nothing may be sent into the site now.', { retryAfterSeconds });
    }
    await parts.blocks.answer(
      {
        package: stored,
        block,
        rangeHeader: request.headers.range,
        pacer: parts.limits.pacerOf(limitedSiteId),
        count: parts.sent.counter(stored.key, record.agentId, subnet ?? '0.0.0.0/0', siteId),
        onHead: () => reply.hijack(),
      },
      reply.raw,
    );
    return reply;
  });
}
