import type { AgentId, PackageGuid } from '../../../shared/base/ids.ts';
import type {
  PackageAssignment,
  PackageServer,
  PackageServerSettings,
} from '../../../shared/contracts/package-servers-api.ts';
import { defaultPackageServerSettings } from '../../../shared/contracts/package-servers-api.ts';
import type { ServedSum, StoredPackageServer } from '../../database/stores/package-server-store.ts';
import {
  deletePackageServer,
  insertPackageServer,
  loadFetchedSums,
  loadServedSums,
  savePackageAssignment,
  servedBy,
  updatePackageServer,
} from '../../database/stores/package-server-store.ts';
import type { StoredPackage } from '../../database/stores/package-store.ts';
import type { AssignedPackage } from '../audit/assignment-reverts.ts';
import { Refusal } from '../refusal.ts';
import { refuseMentionedPackageServer } from '../sites/mentions.ts';
import { agentOrRefuse } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { isOnDisk } from './tally.ts';

type PackageServerRoutes =
  | 'packageServers'
  | 'packageServer'
  | 'addPackageServer'
  | 'updatePackageServer'
  | 'removePackageServer'
  | 'packageAssignment'
  | 'assignPackage';

interface Sums {
  readonly served: ReadonlyMap<AgentId, ServedSum>;
  readonly fetched: ReadonlyMap<AgentId, number>;
}

/** Rolls the save back, with its entry in the audit trail. */
class StaleVersionError extends Error {}

/** Agents that keep packages for their site, and which. */
export function packageServerHandlers(parts: HandlerParts): Pick<ConsoleHandlers, PackageServerRoutes> {
  const { organisation } = parts;
  const stored = (agentId: AgentId): StoredPackageServer => {
    const server = organisation.packageServers.get(agentId);
    if (server === undefined) throw new Refusal('not-found', 'This agent is no Package Server.');
    return server;
  };
  const shown = async (agentId: AgentId): Promise<PackageServer> => view(parts, stored(agentId), await sums(parts));
  const conflict = async (agentId: AgentId): Promise<Refusal> =>
    new Refusal('version-conflict', 'Somebody else saved this Package Server since you opened it.', {
      current: await shown(agentId),
    });
  const changed = () => organisation.reload('package-servers');

  return {
    packageServers: async () => {
      const all = await sums(parts);
      const servers = [...organisation.packageServers.values()].map((server) => view(parts, server, all));
      return servers.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    },

    packageServer: async ({ params: { agentId } }) => {
      const served = await servedBy(parts.database, stored(agentId).agentId);
      return {
        ...(await shown(agentId)),
        served: served.flatMap(({ key, siteId, ...counts }) => {
          const known = organisation.package(key);
          if (known === null) return [];
          const siteName = siteId === null ? null : (organisation.site(siteId)?.name ?? null);
          return [{ ...counts, key, siteName, packageName: known.name, packageVersion: known.version }];
        }),
      };
    },

    addPackageServer: async ({ body: { agentId, siteId = null, ...settings }, signedIn }) => {
      const record = agentOrRefuse(parts, agentId);
      if (record.revokedAtMs !== null) throw new Refusal('conflict', 'This agent is revoked.');
      if (organisation.packageServers.has(agentId)) throw new Refusal('conflict', 'This agent is a Package Server.');
      refuseUnknownSite(parts, siteId);
      const server: StoredPackageServer = {
        ...settingsOf(defaultPackageServerSettings, settings),
        agentId,
        siteId,
        version: 1,
        updatedAtMs: parts.now(),
        updatedBy: signedIn.name,
      };
      const change = { who: signedIn.name, subject: record.name, before: null, after: server };
      await writeAudited(parts, { ...change, action: 'add-package-server' }, (transaction) =>
        insertPackageServer(transaction, server),
      );
      await changed();
      return shown(agentId);
    },

    updatePackageServer: async ({ params: { agentId }, body: { version, siteId, ...settings }, signedIn }) => {
      const before = stored(agentId);
      if (before.version !== version) throw await conflict(agentId);
      if (siteId !== undefined) refuseUnknownSite(parts, siteId);
      const after: StoredPackageServer = {
        ...before,
        ...settingsOf(before, settings),
        siteId: siteId === undefined ? before.siteId : siteId,
        version: version + 1,
        updatedAtMs: parts.now(),
        updatedBy: signedIn.name,
      };
      const change = { who: signedIn.name, subject: nameOf(parts, agentId), before, after };
      await writeAudited(parts, { ...change, action: 'update-package-server' }, async (transaction) => {
        if (!(await updatePackageServer(transaction, after))) throw new StaleVersionError();
      }).catch(async (error: unknown) => {
        if (!(error instanceof StaleVersionError)) throw error;
        await changed();
        throw await conflict(agentId);
      });
      await changed();
      return shown(agentId);
    },

    removePackageServer: async ({ params: { agentId }, signedIn }) => {
      const before = stored(agentId);
      const name = nameOf(parts, agentId);
      const change = { who: signedIn.name, action: 'remove-package-server', subject: name, before, after: null };
      await writeAudited(parts, change, async (transaction) => {
        await refuseMentionedPackageServer(transaction, { agentId, name });
        await deletePackageServer(transaction, agentId);
      });
      await changed();
    },

    packageAssignment: ({ params: { guid, version } }) =>
      organisation.packageAssignment(packageOrRefuse(parts, guid, version).key),

    assignPackage: async ({ params: { guid, version }, body, signedIn }) => {
      const subject = packageOrRefuse(parts, guid, version);
      refuseUnknownPlaces(parts, body);
      const { key } = subject;
      const before: AssignedPackage = { key, assignment: organisation.packageAssignment(key) };
      const after: AssignedPackage = { key, assignment: body };
      const change = { who: signedIn.name, subject: `${subject.name} ${version}`, before, after };
      await writeAudited(parts, { ...change, action: 'assign-package' }, (transaction) =>
        savePackageAssignment(transaction, key, body),
      );
      await changed();
      return organisation.packageAssignment(subject.key);
    },
  };
}

/** What is left out stays what it is. */
function settingsOf(
  before: PackageServerSettings,
  given: { readonly [Key in keyof PackageServerSettings]?: PackageServerSettings[Key] | undefined },
): PackageServerSettings {
  return {
    enabled: given.enabled ?? before.enabled,
    constrained: given.constrained ?? before.constrained,
    maxUpload: given.maxUpload ?? before.maxUpload,
    maxCache: given.maxCache ?? before.maxCache,
    freshFor: given.freshFor ?? before.freshFor,
  };
}

async function sums({ database }: HandlerParts): Promise<Sums> {
  return { served: await loadServedSums(database), fetched: await loadFetchedSums(database) };
}

function view(parts: HandlerParts, server: StoredPackageServer, { served, fetched }: Sums): PackageServer {
  const { directory, feeds, organisation, packageServers } = parts;
  const record = directory.get(server.agentId);
  const servesSiteId = packageServers.siteOf(server);
  const { requests, hits, bytes: servedBytes } = served.get(server.agentId) ?? { requests: 0, hits: 0, bytes: 0 };
  const fetchedBytes = fetched.get(server.agentId) ?? 0;
  const assigned = organisation.packages.filter(({ key }) => packageServers.isAssigned(server.agentId, key));
  return {
    ...server,
    name: nameOf(parts, server.agentId),
    address: record?.address ?? '',
    online: feeds.isOnline(server.agentId),
    servesSiteId,
    servesSiteName: servesSiteId === null ? null : (organisation.site(servesSiteId)?.name ?? null),
    packagesAssigned: assigned.length,
    packagesReady: [...(record?.packages.values() ?? [])].filter(({ state }) => isOnDisk(state)).length,
    traffic: { requests, hits, servedBytes, fetchedBytes, savedBytes: Math.max(0, servedBytes - fetchedBytes) },
  };
}

function nameOf({ directory }: HandlerParts, agentId: AgentId): string {
  return directory.get(agentId)?.name ?? agentId;
}

function packageOrRefuse({ organisation }: HandlerParts, guid: PackageGuid, version: string): StoredPackage {
  const stored = organisation.packageVersion(guid, version);
  if (stored === null) throw new Refusal('not-found', 'This server has no such package version.');
  return stored;
}

function refuseUnknownSite({ organisation }: HandlerParts, siteId: string | null): void {
  if (siteId === null || organisation.site(siteId) !== null) return;
  refuseField('siteId', 'There is no such site.');
}

function refuseUnknownPlaces({ organisation }: HandlerParts, assignment: PackageAssignment): void {
  if (assignment.mode === 'listed') {
    const index = assignment.agentIds.findIndex((agentId) => !organisation.packageServers.has(agentId));
    if (index >= 0) refuseField(`agentIds.${index}`, 'This agent is no Package Server.');
  } else if (assignment.mode === 'sites') {
    const index = assignment.siteIds.findIndex((siteId) => organisation.site(siteId) === null);
    if (index >= 0) refuseField(`siteIds.${index}`, 'There is no such site.');
  }
}

function refuseField(path: string, message: string): never {
  throw new Refusal('invalid-request', message, { fields: [{ path, message }] });
}
