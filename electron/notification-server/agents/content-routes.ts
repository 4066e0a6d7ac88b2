import type { FastifyRequest } from 'fastify';
import { isSignatureOf, signatureOf } from '../../../shared/base/content-signature.ts';
import { agentIdOfCertificateName } from '../../../shared/base/ids.ts';
import type { Codebase } from '../../../shared/contracts/agent-api.ts';
import type { ContentGrant, ContentRequestLine } from '../../../shared/contracts/content-link.ts';
import { contentLine, parseContentLine, signedText } from '../../../shared/contracts/content-link.ts';
import { nobody } from '../../../shared/server/statistics/traffic-entry.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { Organisation } from '../organisation.ts';
import type { OnlineNow, PackageServers } from '../package-servers/package-servers.ts';
import type { ContentAnswers } from '../packages/content-answers.ts';
import type { ContentIndex, FileSection } from '../packages/content-index.ts';
import { Refusal } from '../refusal.ts';
import type { AddressPlace } from '../sites/address-place.ts';
import { placeOfAddress } from '../sites/address-place.ts';
import type { SentBytesLedger } from '../traffic/sent-bytes-ledger.ts';
import type { SiteLimits } from '../traffic/site-limits.ts';
import { authenticateAgent, remoteAddressOf } from './agent-authentication.ts';
import type { AgentDirectory } from './agent-directory.ts';
import type { AgentListenerApp } from './agent-listener.ts';

export interface ContentParts {
  readonly identity: ServerIdentity;
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly packageServers: PackageServers;
  readonly limits: SiteLimits;
  readonly sent: SentBytesLedger;
  readonly files: ContentIndex;
  readonly contents: ContentAnswers;
  readonly now: () => number;
}

/** Everything below it is answered here, without a certificate too. */
export const contentRoute = '/content/*';
/** A link to a Package Server is used at once; what began in time goes on. */
const redirectValidSeconds = 15 * 60;

/** `/content/<guid>/<version>/<path>`: sends whoever may have it to the nearest Package Server, or sends the file itself. */
export function registerContentRoutes(app: AgentListenerApp, parts: ContentParts, online: () => OnlineNow): void {
  app.route({
    method: ['GET', 'HEAD'],
    url: contentRoute,
    handler: async (request, reply) => {
      const wanted = parseContentLine(request.raw.url ?? '');
      if (wanted === null) throw new Refusal('invalid-request', 'This is no address of a file of a package.');
      refuseStrangers(request, wanted, parts);
      const stored = packageOf(wanted, parts.organisation);
      const section = (await parts.files.filesOf(stored.key)).get(wanted.path);
      if (section === undefined) throw new Refusal('not-found', 'The package has no such file.');
      const asker = askerOf(request, parts);
      const codebases = parts.packageServers.codebasesAt(asker, stored.key, online());
      reply.header('cache-control', 'no-store');
      const [nearest] = codebases;
      if (nearest === undefined) {
        const message = 'Computers there may not download from this server, and no Package Server is online.';
        throw new Refusal('busy', message, { retryAfterSeconds: 60 });
      }
      if (nearest.source !== 'notification-server') {
        return reply.redirect(addressAt(nearest, wanted, section, parts), 302);
      }
      const retryAfterSeconds = parts.limits.askedFor(asker.siteId);
      if (retryAfterSeconds > 0) {
        throw new Refusal('busy', 'Nothing may be sent into the site now.', { retryAfterSeconds });
      }
      await parts.contents.answer(
        {
          key: stored.key,
          section,
          isHead: request.method === 'HEAD',
          headers: request.headers,
          pacer: parts.limits.pacerOf(asker.siteId),
          count: parts.sent.counter(stored.key, nobody, asker.subnet, asker.siteId),
          onHead: () => reply.hijack(),
        },
        reply.raw,
      );
      return reply;
    },
  });
}

/** Nobody learns which packages there are without a right to one. */
function refuseStrangers(request: FastifyRequest, wanted: ContentRequestLine, parts: ContentParts): void {
  const { access } = parts.organisation.contentAccess;
  if (access === 'off') throw new Refusal('not-found', 'Files of packages are not to be had over links here.');
  if (wanted.signed !== null) {
    const { grant, signature } = wanted.signed;
    const key = parts.identity.contentKeyOf('notification-server');
    const isRight = grant.section === null && isSignatureOf(key, signedText(wanted, grant), signature);
    if (!isRight) throw new Refusal('forbidden', 'The signature of this link is wrong.');
    if (grant.expiresAtSeconds * 1000 < parts.now()) throw new Refusal('forbidden', 'This link is over.');
    return;
  }
  if (access === 'links') authenticateAgent(request.raw, parts.directory);
}

function packageOf(wanted: ContentRequestLine, organisation: Organisation): StoredPackage {
  const stored = organisation.packageVersion(wanted.guid, wanted.version);
  if (stored === null) throw new Refusal('not-found', 'This server has no such package version.');
  if (stored.withdrawnAtMs !== null) throw new Refusal('not-available', 'This package version was withdrawn.');
  return stored;
}

interface Asker extends AddressPlace {
  /** Spreads the askers of a site over its Package Servers. */
  readonly name: string;
}

function askerOf(request: FastifyRequest, { organisation }: ContentParts): Asker {
  const name = remoteAddressOf(request.raw);
  return { name, ...placeOfAddress(organisation, name) };
}

function addressAt(
  { url, certificateName }: Codebase,
  file: ContentRequestLine,
  section: FileSection,
  { identity, now }: ContentParts,
): string {
  const agentId = agentIdOfCertificateName(certificateName);
  if (agentId === null) throw new Error('a Package Server has the certificate of an agent');
  const grant: ContentGrant = { expiresAtSeconds: Math.ceil(now() / 1000) + redirectValidSeconds, section };
  const signature = signatureOf(identity.contentKeyOf(agentId), signedText(file, grant));
  return `${new URL(url).origin}${contentLine(file, grant, signature)}`;
}
