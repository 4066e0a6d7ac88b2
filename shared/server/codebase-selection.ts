import { rankByHrw } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { Codebase } from '../contracts/agent-api.ts';

/** A place to download from, as it is reached. */
export interface KnownServer {
  /** Of the codebase: `https://host:port/agent/v1`, `https://host:port/package-server/v1`. */
  readonly url: string;
  readonly certificateName: string;
}

/** A Package Server that is online. */
export interface OnlinePackageServer extends KnownServer {
  readonly agentId: AgentId;
  /** Has only packages that are assigned to it. */
  readonly isConstrained: boolean;
}

/** What Targeted site settings forbid the agents of a site. */
export interface SourceDenials {
  readonly denyNotificationServer: boolean;
  readonly denyForeignPackageServers: boolean;
}

export const noDenials: SourceDenials = { denyNotificationServer: false, denyForeignPackageServers: false };

export interface CodebaseQuestion {
  readonly agentId: AgentId;
  /** Null = Unassigned: such an agent has the Notification Server alone. */
  readonly siteId: string | null;
  readonly isPackageServer: boolean;
  readonly key: PackageKey;
  readonly denials: SourceDenials;
}

/** What the organisation looks like at this moment. */
export interface CodebaseWorld {
  readonly notificationServer: KnownServer;
  /** Null at the top of the tree, and for a site that is not known. */
  parentOf(siteId: string): string | null;
  /** Online ones that serve the site. */
  packageServersOf(siteId: string): readonly OnlinePackageServer[];
  isAssigned(packageServer: AgentId, key: PackageKey): boolean;
}

/** An answer has room for 16 (contracts/agent-api.ts), and the Notification Server is always worth a place. */
const maximumCodebases = 16;
/** As deep as sites can be nested; a circle ends here. */
const maximumTiers = 16;

/**
 * Where an agent may download a package from, best first: the Package Servers of its own site, whether they hold the package or
 * not, then those of the sites above, then the Notification Server. Among the Package Servers of a site each agent has an
 * order of its own (HRW), so that they share the agents. A Package Server asks from its parent site upwards: those of its
 * own site are its peers. Whoever could fetch it from nowhere else ignores a denial of the Notification Server where it is a
 * Package Server: the rest of its site depends on it.
 */
export function selectCodebases(question: CodebaseQuestion, world: CodebaseWorld): Codebase[] {
  const codebases = packageServerCodebases(question, world).slice(0, maximumCodebases - 1);
  const isLastResort = question.isPackageServer && codebases.length === 0;
  if (!question.denials.denyNotificationServer || isLastResort) {
    const { url, certificateName } = world.notificationServer;
    codebases.push({ source: 'notification-server', url, certificateName });
  }
  return codebases;
}

function packageServerCodebases(question: CodebaseQuestion, world: CodebaseWorld): Codebase[] {
  const { siteId, isPackageServer, denials } = question;
  const codebases: Codebase[] = [];
  const seen = new Set<AgentId>([question.agentId]);
  for (const [tier, site] of sitesUpward(siteId, world).entries()) {
    const isOwnSite = tier === 0;
    if (isOwnSite && isPackageServer) {
      // Asked as peers, and by nobody higher up for this agent either.
      for (const { agentId } of world.packageServersOf(site)) seen.add(agentId);
      continue;
    }
    // To a Package Server everything above is foreign: what is denied to the computers of its site is what it is there for.
    if (!isOwnSite && denials.denyForeignPackageServers && !isPackageServer) break;
    for (const server of inOrderFor(question, world.packageServersOf(site), world)) {
      if (seen.has(server.agentId)) continue;
      seen.add(server.agentId);
      const source = isOwnSite ? 'package-server-own-site' : 'package-server-foreign';
      codebases.push({ source, url: server.url, certificateName: server.certificateName });
    }
  }
  return codebases;
}

/** The site and those above it, nearest first. */
export function sitesUpward(siteId: string | null, world: Pick<CodebaseWorld, 'parentOf'>): string[] {
  const sites: string[] = [];
  for (let next = siteId; next !== null && sites.length < maximumTiers && !sites.includes(next); ) {
    sites.push(next);
    next = world.parentOf(next);
  }
  return sites;
}

function inOrderFor(
  { agentId, key }: CodebaseQuestion,
  servers: readonly OnlinePackageServer[],
  world: CodebaseWorld,
): OnlinePackageServer[] {
  const eligible = new Map(
    servers
      .filter((server) => !server.isConstrained || world.isAssigned(server.agentId, key))
      .map((server) => [server.agentId, server]),
  );
  return rankByHrw(eligible.keys(), agentId).flatMap((id) => eligible.get(id) ?? []);
}
