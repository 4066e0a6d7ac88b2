import { Readable } from 'node:stream';
import fastifyStatic from '@fastify/static';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import { changesHeader } from '../../../shared/contracts/audit-api.ts';
import { consoleApiPrefix } from '../../../shared/contracts/console-request.ts';
import type { ConsoleRoute, ConsoleRouteName } from '../../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../../shared/contracts/console-routes.ts';
import type { RouteAccess } from '../../../shared/contracts/people-api.ts';
import { changesToName } from '../audit/audit-reverts.ts';
import { collectingChanges } from '../audit/request-changes.ts';
import { BrokenRequests } from '../broken-requests.ts';
import type { ListenAddress } from '../http-listener.ts';
import { answerErrorsInOneForm, frameworkErrors, parseOrRefuse, pathOf } from '../http-listener.ts';
import { metricsContentType } from '../operation/metrics.ts';
import type { SignedIn } from '../people/callers.ts';
import { StartError } from '../start-error.ts';
import { accountHandlers } from './account-handlers.ts';
import { agentPackageHandlers } from './agent-package-handlers.ts';
import { apiTokenHandlers } from './api-token-handlers.ts';
import { auditHandlers } from './audit-handlers.ts';
import { channelHandlers } from './channel-handlers.ts';
import type { ConsoleFeed } from './console-feed.ts';
import { callerOf, refuseForeign, requireAccess, requireSignedIn } from './console-guard.ts';
import type { ConsoleHandlerCall, ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { contentHandlers } from './content-handlers.ts';
import { copyVerificationHandlers } from './copy-verification-handlers.ts';
import { deliveryHandlers } from './delivery-handlers.ts';
import { fleetHandlers } from './fleet-handlers.ts';
import { isLong, jsonInTurns, ListInTurns } from './json-in-turns.ts';
import { openApiDocument } from './openapi.ts';
import { operationHandlers } from './operation-handlers.ts';
import { packageHandlers } from './package-handlers.ts';
import { packageHolderHandlers } from './package-holder-handlers.ts';
import { packageServerHandlers } from './package-server-handlers.ts';
import type { PeopleService } from './people-service.ts';
import { plugInPolicyHandlers } from './plug-in-policy-handlers.ts';
import { policyFileHandlers } from './policy-file-handlers.ts';
import { policyHandlers } from './policy-handlers.ts';
import { refuseUnreadable } from './readable-text.ts';
import { csvOfReport, reportHandlers, sendCsv } from './report-handlers.ts';
import { securityHandlers } from './security-handlers.ts';
import { serverHandlers } from './server-handlers.ts';
import type { PeopleParts } from './session-handlers.ts';
import { sessionHandlers } from './session-handlers.ts';
import { simulationHandlers } from './simulation-handlers.ts';
import { siteHandlers } from './site-handlers.ts';
import { siteSettingsHandlers } from './site-settings-handlers.ts';
import { siteTableHandlers } from './site-table-handlers.ts';
import { targetHandlers } from './target-handlers.ts';

export interface ConsoleListenerOptions {
  readonly parts: HandlerParts;
  readonly who: PeopleParts & Pick<PeopleService, 'limits' | 'feeds'>;
  readonly feed: ConsoleFeed;
  /** Text for Prometheus. */
  readonly metrics: () => string;
  /** The built console; null = the interface alone. */
  readonly rendererFolder: string | null;
  /** `127.0.0.1:27802` and the like; known only after listening. */
  readonly allowedHosts: () => ReadonlySet<string>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; what the table does not name (the feed, what does not exist) is for readers. */
    access?: RouteAccess;
  }
}

const maximumBodyBytes = 2 * 1024 * 1024;
const maximumFeedMessageBytes = 64 * 1024;

/** Plain HTTP is for this computer alone. */
export function refuseWithoutTls({ address }: ListenAddress): void {
  if (address === '127.0.0.1') return;
  throw new StartError(
    'console-needs-tls',
    `The console listens on 127.0.0.1 only; on ${address} it would send sessions in the clear.`,
  );
}

/** `/api/v1` from the table of routes, its feed, its OpenAPI document, and the console's pages. */
export async function createConsoleListener(options: ConsoleListenerOptions): Promise<FastifyInstance> {
  const { parts, who, feed, rendererFolder } = options;
  const broken = new BrokenRequests();
  const app = Fastify({
    http: { requireHostHeader: false },
    clientErrorHandler: broken.onClientError,
    bodyLimit: maximumBodyBytes,
    forceCloseConnections: true,
    frameworkErrors: frameworkErrors(parts.logger),
  });
  const signedIn = new WeakMap<FastifyRequest, SignedIn>();
  broken.follow(app.server);
  answerErrorsInOneForm(app, parts.logger, (request, reply) => answerWithPage(request, reply, rendererFolder));
  await app.register(websocket, { options: { maxPayload: maximumFeedMessageBytes } });
  // Bodies of uploads are streams of any length: their route writes them to disk as they come.
  app.addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));

  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply, request.headers.host ?? '');
    refuseForeign(request.headers, options.allowedHosts());
    // Pages are for anybody; what is below `/api` and names no access is for who may read.
    const isApi = pathOf(request).startsWith('/api/');
    const access = request.routeOptions.config.access ?? (isApi ? 'read' : 'anybody');
    if (!isApi && access === 'anybody') return;
    const asking = access === 'anybody' ? null : callerOf(request.headers, who.cookieName(), who.callers);
    who.limits.take(asking?.key ?? `address ${request.ip}`, parts.now());
    if (access === 'anybody') return;
    const caller = requireSignedIn(asking);
    requireAccess(caller, access);
    signedIn.set(request, caller);
  });

  const handlers: ConsoleHandlers = {
    ...sessionHandlers(parts, who),
    ...accountHandlers(parts, who),
    ...apiTokenHandlers(parts, who),
    ...serverHandlers(parts),
    ...fleetHandlers(parts),
    ...policyHandlers(parts),
    ...targetHandlers(parts),
    ...policyFileHandlers(parts),
    ...auditHandlers(parts),
    ...plugInPolicyHandlers(parts),
    ...siteSettingsHandlers(parts),
    ...siteHandlers(parts),
    ...siteTableHandlers(parts),
    ...agentPackageHandlers(parts),
    ...packageHandlers(parts),
    ...packageHolderHandlers(parts),
    ...packageServerHandlers(parts),
    ...contentHandlers(parts),
    ...copyVerificationHandlers(parts),
    ...channelHandlers(parts),
    ...deliveryHandlers(parts),
    ...securityHandlers(parts),
    ...operationHandlers(parts),
    ...reportHandlers(parts),
    ...simulationHandlers(parts),
  };
  for (const name of Object.keys(consoleRoutes) as ConsoleRouteName[]) {
    registerRoute(app, name, handlers, (request) => signedIn.get(request) ?? null);
  }
  app.get('/metrics', { config: { access: 'read' } }, (_request, reply) =>
    reply.type(metricsContentType).send(options.metrics()),
  );
  // Made when somebody first asks: it takes a third of what a start of the server computes.
  let openApi: ReturnType<typeof openApiDocument> | null = null;
  app.get(`${consoleApiPrefix}/openapi.json`, () => {
    openApi ??= openApiDocument(parts.productVersion);
    return openApi;
  });
  app.get(`${consoleApiPrefix}/feed`, { websocket: true }, (socket, request) => {
    if (who.feeds.connect(socket, requireSignedIn(signedIn.get(request) ?? null))) feed.connect(socket);
  });
  if (rendererFolder !== null) await app.register(fastifyStatic, { root: rendererFolder, index: 'index.html' });
  return app;
}

function registerRoute<Name extends ConsoleRouteName>(
  app: FastifyInstance,
  name: Name,
  handlers: ConsoleHandlers,
  signedInOf: (request: FastifyRequest) => SignedIn | null,
): void {
  const route: ConsoleRoute = consoleRoutes[name];
  const handle = handlers[name];
  app.route({
    method: route.method,
    url: `${consoleApiPrefix}${route.path}`,
    config: { access: route.access },
    handler: async (request, reply) => {
      const { params, query } = request;
      refuseUnreadable({ ...(params as object), ...(query as object) });
      if (route.takesFile !== true) refuseUnreadable(request.body);
      const parsed = {
        params: route.params === undefined ? undefined : parseOrRefuse(route.params, request.params),
        query: route.query === undefined ? undefined : parseOrRefuse(route.query, request.query),
        body: route.body === undefined ? undefined : parseOrRefuse(route.body, request.body),
        signedIn: signedInOf(request),
        request,
        reply,
      };
      // The table's schemas have just produced exactly these types; the compiler cannot follow that through a loop.
      const { answer, changes } = await collectingChanges(() => handle(parsed as ConsoleHandlerCall<Name>));
      const named = changesToName(changes);
      if (named !== null) void reply.header(changesHeader, named);
      if (route.answer === undefined) return reply.code(204).send();
      const csv = answer instanceof ListInTurns ? null : csvOfReport(name, answer, request);
      if (csv !== null) return sendCsv(reply, name, csv);
      void reply.type('application/json; charset=utf-8');
      return reply.send(isLong(answer) ? Readable.from(jsonInTurns(answer)) : JSON.stringify(answer));
    },
  });
}

/** Paths of the console's own pages are all answered with its one page; what is missing below `/api` stays missing. */
function answerWithPage(request: FastifyRequest, reply: FastifyReply, rendererFolder: string | null): boolean {
  const isPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
  if (rendererFolder === null || !isPage || pathOf(request).startsWith('/api/')) return false;
  void reply.sendFile('index.html', { cacheControl: false });
  return true;
}

function setSecurityHeaders(reply: FastifyReply, host: string): void {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // Styles are made at run time by the component library; they cannot run code.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self'${/^[\w.:[\]-]+$/.test(host) ? ` ws://${host}` : ''}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  void reply.headers({
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
}
