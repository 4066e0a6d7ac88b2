import type { AgentId } from '../../../shared/base/ids.ts';
import { maximumInboundSites } from '../../../shared/contracts/agent-api.ts';
import { ScheduledLink } from '../../../shared/server/site-schedule.ts';
import { withSitesBelow } from '../../../shared/server/site-tree.ts';
import type { StoredPackageServer } from '../../database/stores/package-server-store.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import type { Organisation } from '../organisation.ts';
import type { SharedSiteLimit } from './site-limit-shares.ts';

/** Who sends into a site from outside. */
export type Sender = AgentId | 'notification-server';

interface Tree {
  readonly generation: number;
  readonly linkOf: ReadonlyMap<string, ScheduledLink>;
  /** By the site of the Package Servers; made when it is asked for. */
  readonly limitedBelow: Map<string, ReadonlyMap<string, StoredSite>>;
}

/** Which Package Servers send into which sites whose link is limited: those of the sites above. */
export class SiteSenders {
  readonly #organisation: Organisation;
  readonly #siteOf: (server: StoredPackageServer) => string | null;
  #tree: Tree | null = null;

  constructor(organisation: Organisation, siteOf: (server: StoredPackageServer) => string | null) {
    this.#organisation = organisation;
    this.#siteOf = siteOf;
  }

  /** Sites with a limit that the Package Servers of this one send into, the first of them where there are too many. */
  limitedBelow(siteId: string): ReadonlyMap<string, StoredSite> {
    const { linkOf, limitedBelow } = this.#current();
    const known = limitedBelow.get(siteId);
    if (known !== undefined) return known;
    const below = withSitesBelow([siteId], this.#organisation.sites);
    const limited = this.#organisation.sites.filter(({ id }) => id !== siteId && below.has(id) && linkOf.has(id));
    const sites = new Map(limited.slice(0, maximumInboundSites).map((site) => [site.id, site]));
    limitedBelow.set(siteId, sites);
    return sites;
  }

  /** Whether a Package Server of one site knows the limit of the other, or there is none. */
  mayServe(serverSiteId: string, siteId: string | null): boolean {
    if (siteId === null || siteId === serverSiteId || !this.#current().linkOf.has(siteId)) return true;
    return this.limitedBelow(serverSiteId).has(siteId);
  }

  /** Those that the Notification Server has to divide: into other sites it alone sends. */
  sharedLimits(): SharedSiteLimit<Sender>[] {
    const { linkOf } = this.#current();
    const servers = new Map<string, { readonly site: StoredSite; readonly ids: AgentId[] }>();
    for (const server of this.#organisation.packageServers.values()) {
      const ownSiteId = server.enabled ? this.#siteOf(server) : null;
      if (ownSiteId === null) continue;
      for (const site of this.limitedBelow(ownSiteId).values()) {
        const known = servers.get(site.id);
        if (known === undefined) servers.set(site.id, { site, ids: [server.agentId] });
        else known.ids.push(server.agentId);
      }
    }
    return [...servers].flatMap(([siteId, { site, ids }]) => {
      const limit = linkOf.get(siteId);
      if (limit === undefined) return [];
      return [{ siteId, timeZone: site.timeZone, limit, sources: ['notification-server' as const, ...ids] }];
    });
  }

  #current(): Tree {
    const { generation, sites } = this.#organisation;
    if (this.#tree?.generation === generation) return this.#tree;
    const links = sites.map((site) => [site.id, new ScheduledLink(site, 'acquisition')] as const);
    this.#tree = {
      generation,
      linkOf: new Map(links.filter(([, link]) => link.binds)),
      limitedBelow: new Map(),
    };
    return this.#tree;
  }
}
