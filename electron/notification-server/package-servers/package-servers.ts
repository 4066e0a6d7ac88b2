import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { Codebase, PackageServerRole } from '../../../shared/contracts/agent-api.ts';
import type {
  CodebaseWorld,
  KnownServer,
  OnlinePackageServer,
  SourceDenials,
} from '../../../shared/server/codebase-selection.ts';
import { selectCodebases } from '../../../shared/server/codebase-selection.ts';
import { OutboundLimit } from '../../../shared/server/outbound-limit.ts';
import type { StoredPackageServer } from '../../database/stores/package-server-store.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import type { AgentDirectory, AgentRecord } from '../agents/agent-directory.ts';
import type { Resolver } from '../agents/resolution.ts';
import type { ChannelRoles } from '../channels/channel-roles.ts';
import type { ServerIdentity } from '../identity/server-identity.ts';
import type { Organisation } from '../organisation.ts';
import type { SharedSiteLimit } from './site-limit-shares.ts';
import { SiteSenders } from './site-senders.ts';

export interface PackageServersParts {
  readonly organisation: Organisation;
  readonly directory: AgentDirectory;
  readonly resolver: Resolver;
  readonly channelRoles: ChannelRoles;
  readonly identity: ServerIdentity;
}

/** Who can be reached at this moment. */
export interface OnlineNow {
  readonly isOnline: (agentId: AgentId) => boolean;
  readonly notificationServer: KnownServer;
}

/** As the contract of a configuration says. */
const maximumAssigned = 10_000;
const maximumBeyondLimits = 1000;

/** The Package Servers of the organisation: where each is and serves, and what each agent is sent to. */
export class PackageServers {
  readonly #parts: PackageServersParts;
  /** Sites with an enabled one, of this generation of the organisation. */
  #equippedSites: { readonly generation: number; readonly siteIds: ReadonlySet<string> } | null = null;
  /** Where each was when configurations were last made: a move is a change of the organisation. */
  readonly #knownSites = new Map<AgentId, string | null>();
  /** Who sends into which site from outside. */
  readonly senders: SiteSenders;

  constructor(parts: PackageServersParts) {
    this.#parts = parts;
    this.senders = new SiteSenders(parts.organisation, (server) => this.siteOf(server));
    parts.directory.onChange((moved) => {
      if (moved !== null) this.#moved(moved);
    });
  }

  /** The site that it serves: the one that it was given, else that of its address. */
  siteOf(server: StoredPackageServer): string | null {
    if (server.siteId !== null) return server.siteId;
    const record = this.#parts.directory.get(server.agentId);
    return record === null ? null : (this.#parts.resolver.resolve(record).site?.id ?? null);
  }

  hasPackageServer(siteId: string): boolean {
    const { generation } = this.#parts.organisation;
    if (this.#equippedSites?.generation !== generation) {
      const siteIds = new Set<string>();
      for (const server of this.#parts.organisation.packageServers.values()) {
        const site = this.siteOf(server);
        this.#knownSites.set(server.agentId, site);
        if (server.enabled && site !== null) siteIds.add(site);
      }
      this.#equippedSites = { generation, siteIds };
    }
    return this.#equippedSites.siteIds.has(siteId);
  }

  isAssigned(agentId: AgentId, key: PackageKey): boolean {
    const server = this.#parts.organisation.packageServers.get(agentId);
    if (server === undefined) return false;
    return this.#parts.channelRoles.isKept({ agentId, siteId: this.siteOf(server) }, key);
  }

  /** Null where it has no such role, or it is switched off. */
  roleOf(agentId: AgentId): PackageServerRole | null {
    const { organisation } = this.#parts;
    const server = organisation.packageServers.get(agentId);
    if (server?.enabled !== true) return null;
    const { constrained, maxUpload, maxCache, freshFor } = server;
    const place = { agentId, siteId: this.siteOf(server) };
    const packages = this.#parts.channelRoles.packagesFor(place).slice(0, maximumAssigned);
    const outbound = place.siteId === null ? null : this.#outboundOf(place.siteId);
    const inbound = place.siteId === null ? null : this.#inboundOf(place.siteId);
    const isForLinks = organisation.contentAccess.access !== 'off';
    const contentKey = isForLinks ? Buffer.from(this.#parts.identity.contentKeyOf(agentId)).toString('base64') : null;
    return { constrained, maxUpload, maxCache, freshFor, packages, outbound, inbound, contentKey };
  }

  /** Null where there is no such site. */
  #outboundLimitOf(siteId: string): OutboundLimit | null {
    const { organisation } = this.#parts;
    const site = organisation.site(siteId);
    return site === null ? null : new OutboundLimit(site, organisation.siteSettings.settingsOf(siteId).settings);
  }

  #outboundOf(siteId: string): PackageServerRole['outbound'] {
    const { organisation } = this.#parts;
    const site = organisation.site(siteId);
    if (site === null || this.#outboundLimitOf(siteId)?.binds !== true) return null;
    return { subnets: [...site.subnets], beyondLimits: this.#beyondLimits() };
  }

  #inboundOf(siteId: string): PackageServerRole['inbound'] {
    const limited = [...this.senders.limitedBelow(siteId).values()];
    if (limited.length === 0) return null;
    const sites = limited.map(({ id, subnets }) => ({ siteId: id, subnets: [...subnets] }));
    return { sites, beyondLimits: this.#beyondLimits() };
  }

  /** Packages of deliveries that ignore the limits of sites. */
  #beyondLimits(): PackageKey[] {
    const keys = new Set<PackageKey>();
    for (const { stored, state } of this.#parts.organisation.deliveries) {
      if (stored.spec.ignoresSiteLimits && !state.isCancelled) keys.add(stored.key);
    }
    return [...keys].slice(0, maximumBeyondLimits);
  }

  /** What leaves the sites, and the Package Servers of each. */
  outboundLimits(): SharedSiteLimit<AgentId>[] {
    const { organisation } = this.#parts;
    const serversBySite = new Map<string, AgentId[]>();
    for (const server of organisation.packageServers.values()) {
      const siteId = this.siteOf(server);
      if (!server.enabled || siteId === null) continue;
      serversBySite.set(siteId, [...(serversBySite.get(siteId) ?? []), server.agentId]);
    }
    return [...serversBySite].flatMap(([siteId, sources]) => {
      const site = organisation.site(siteId);
      const limit = this.#outboundLimitOf(siteId);
      return site === null || limit?.binds !== true ? [] : [{ siteId, timeZone: site.timeZone, limit, sources }];
    });
  }

  codebasesFor(record: AgentRecord, key: PackageKey, online: OnlineNow): Codebase[] {
    const { organisation } = this.#parts;
    const { agentId } = record;
    const isPackageServer = organisation.packageServers.get(agentId)?.enabled === true;
    const siteId = this.#placeOf(record);
    const denials = this.#denialsOf(siteId);
    return selectCodebases({ agentId, siteId, isPackageServer, key, denials }, this.#world(online, siteId));
  }

  /** The same for a client that is no agent, at its address. */
  codebasesAt(
    { name, siteId }: { readonly name: string; readonly siteId: string | null },
    key: PackageKey,
    online: OnlineNow,
  ): Codebase[] {
    const question = { agentId: name as AgentId, siteId, isPackageServer: false, key };
    return selectCodebases({ ...question, denials: this.#denialsOf(siteId) }, this.#world(online, siteId));
  }

  #denialsOf(siteId: string | null): SourceDenials {
    const { settings } = this.#parts.organisation.siteSettings.settingsOf(siteId);
    return {
      denyNotificationServer: settings.preventNotificationServer,
      denyForeignPackageServers: settings.preventForeignPackageServers,
    };
  }

  /** Whether Targeted site settings let the agent download from the Notification Server now. */
  mayAskServer(record: AgentRecord, key: PackageKey, online: OnlineNow): boolean {
    const { settings } = this.#parts.organisation.siteSettings.settingsOf(this.#placeOf(record));
    if (!settings.preventNotificationServer) return true;
    return this.codebasesFor(record, key, online).some(({ source }) => source === 'notification-server');
  }

  /** A Package Server downloads for the site that it serves. */
  #placeOf(record: AgentRecord): string | null {
    const own = this.#parts.organisation.packageServers.get(record.agentId);
    return own?.enabled === true ? this.siteOf(own) : (this.#parts.resolver.resolve(record).site?.id ?? null);
  }

  /** As somebody in that site sees it. */
  #world(online: OnlineNow, askingSiteId: string | null): CodebaseWorld {
    const { organisation } = this.#parts;
    return {
      notificationServer: online.notificationServer,
      parentOf: (siteId) => parentOf(organisation.site(siteId)),
      packageServersOf: (siteId) =>
        this.senders.mayServe(siteId, askingSiteId) ? this.#onlineOf(siteId, online.isOnline) : [],
      isAssigned: (agentId, key) => this.isAssigned(agentId, key),
    };
  }

  #onlineOf(siteId: string, isOnline: (agentId: AgentId) => boolean): OnlinePackageServer[] {
    const found: OnlinePackageServer[] = [];
    for (const server of this.#parts.organisation.packageServers.values()) {
      if (!server.enabled || !isOnline(server.agentId) || this.siteOf(server) !== siteId) continue;
      const record = this.#parts.directory.get(server.agentId);
      const url = record === null || record.revokedAtMs !== null ? null : urlOf(record);
      if (url === null) continue;
      const { agentId, constrained: isConstrained } = server;
      found.push({ agentId, url, certificateName: agentCertificateName(agentId), isConstrained });
    }
    return found;
  }

  /** Whose Package Server came or went has to hear of it. */
  #moved(record: AgentRecord): void {
    const server = this.#parts.organisation.packageServers.get(record.agentId);
    if (server === undefined || this.#knownSites.get(record.agentId) === this.siteOf(server)) return;
    this.#parts.organisation.changed('package-servers');
  }
}

/** Sites have places in a tree; one without is at the top. */
function parentOf(site: (StoredSite & { readonly parentId?: string | null }) | null): string | null {
  return site?.parentId ?? null;
}

/** Null while it has not told where it listens. */
function urlOf({ address, interfaces }: AgentRecord): string | null {
  const place = interfaces.find((candidate) => candidate.address === address) ?? interfaces[0];
  return place === undefined ? null : `https://${place.address}:${place.port}/package-server/v1`;
}
