import type { Site, SiteLink, UnassignedSubnet } from '../../../shared/contracts/sites-api.ts';
import { OutboundLimit } from '../../../shared/server/outbound-limit.ts';
import { sitesInTreeOrder } from '../../../shared/server/site-rules.ts';
import { ScheduledLink } from '../../../shared/server/site-schedule.ts';
import { unassignedSubnets } from '../../../shared/server/unassigned-subnets.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { forEachAgent } from '../agents/agent-turns.ts';
import { Refusal } from '../refusal.ts';
import { changeSites, problemsOfSites, refuseProblems, refuseTooMany, siteOfDraft } from '../sites/site-changes.ts';
import { minuteOfWeekIn } from '../sites/zone-clock.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

type SiteRoutes =
  | 'sites'
  | 'site'
  | 'createSite'
  | 'updateSite'
  | 'deleteSite'
  | 'siteTree'
  | 'siteLinks'
  | 'unassignedSubnets';

const noSuchSite = 'There is no such site. Somebody may have deleted it.';

export function siteHandlers(parts: HandlerParts): Pick<ConsoleHandlers, SiteRoutes> {
  const { views } = parts;
  const shown = async (id: string): Promise<Site> => {
    const site = (await views.sites()).find((candidate) => candidate.id === id);
    if (site === undefined) throw new Refusal('not-found', noSuchSite);
    return site;
  };

  return {
    sites: () => views.sites(),
    site: ({ params: { id } }) => shown(id),

    createSite: async ({ body, signedIn: { name: who } }) => {
      const site = siteOfDraft(body, null, { who, atMs: parts.now() });
      await changeSites(parts, who, (sites) => {
        refuseTooMany(sites.length + 1);
        refuseProblems(problemsOfSites([site], sites));
        return { action: 'create-site', subject: site.name, before: null, after: site, saved: [site] };
      });
      return shown(site.id);
    },

    updateSite: async ({ params: { id }, body, signedIn: { name: who } }) => {
      await changeSites(parts, who, async (sites) => {
        const before = stored(sites, id);
        if (before.version !== body.version) {
          const message = 'Somebody else saved this site since you opened it.';
          throw new Refusal('version-conflict', message, { current: await shown(id) });
        }
        const site = siteOfDraft(body, before, { who, atMs: parts.now() });
        const others = sites.filter((other) => other.id !== id);
        refuseProblems(problemsOfSites([site], others));
        return { action: 'update-site', subject: before.name, before, after: site, saved: [site] };
      });
      return shown(id);
    },

    deleteSite: async ({ params: { id }, query: { moveChildrenTo }, signedIn: { name: who } }) => {
      await changeSites(parts, who, (sites) => {
        const before = stored(sites, id);
        const parentId = moveChildrenTo === undefined || moveChildrenTo === 'top' ? null : moveChildrenTo;
        const moved = sites
          .filter((site) => site.parentId === id)
          .map((site) => ({ ...site, parentId, version: site.version + 1, updatedAtMs: parts.now(), updatedBy: who }));
        if (moved.length > 0 && moveChildrenTo === undefined) {
          const names = moved.slice(0, 5).map(({ name }) => `"${name}"`);
          const more = moved.length > names.length ? ` and ${moved.length - names.length} more` : '';
          throw new Refusal('conflict', `Below this site are ${names.join(', ')}${more}. Say where they go.`);
        }
        const others = sites.filter((site) => site.id !== id && site.parentId !== id);
        const [problem] = problemsOfSites(moved, others).filter(({ path }) => path === 'parentId');
        if (problem !== undefined) refuseProblems([{ path: 'moveChildrenTo', message: problem.message }]);
        return { action: 'delete-site', subject: before.name, before, after: null, saved: moved, deleted: before };
      });
    },

    siteTree: async () => {
      const ordered = sitesInTreeOrder(await views.sites());
      const agentsWithBelow = new Map<string, number>();
      // From the last to the first: whatever is below a site is counted before it.
      for (const { site } of [...ordered].reverse()) {
        const agents = (agentsWithBelow.get(site.id) ?? 0) + site.agents;
        agentsWithBelow.set(site.id, agents);
        if (site.parentId !== null) {
          agentsWithBelow.set(site.parentId, (agentsWithBelow.get(site.parentId) ?? 0) + agents);
        }
      }
      return ordered.map(({ site: { id, name, parentId, agents }, depth }) => {
        return { id, name, parentId, depth, agents, agentsWithBelow: agentsWithBelow.get(id) ?? agents };
      });
    },

    siteLinks: () => linksNow(parts),

    unassignedSubnets: () => unassigned(parts),
  };

  function stored(sites: readonly StoredSite[], id: string): StoredSite {
    const site = sites.find((candidate) => candidate.id === id);
    if (site === undefined) throw new Refusal('not-found', noSuchSite);
    return site;
  }
}

function linksNow({ organisation, linkLoads, now }: HandlerParts): SiteLink[] {
  const nowMs = now();
  const loads = linkLoads.loads(nowMs);
  return organisation.sites.map((site) => {
    const load = loads.get(site.id) ?? { inBytesPerSecond: 0, outBytesPerSecond: 0 };
    const { settings } = organisation.siteSettings.settingsOf(site.id);
    const limitOf = (link: ScheduledLink | OutboundLimit): number | null => {
      const limit = link.bytesPerSecondAt(link.hasSchedule ? minuteOfWeekIn(site.timeZone, nowMs) : 0);
      return limit === Number.POSITIVE_INFINITY ? null : limit;
    };
    return {
      siteId: site.id,
      in: {
        bytesPerSecond: load.inBytesPerSecond,
        limitBytesPerSecond: limitOf(new ScheduledLink(site, 'acquisition')),
      },
      out: {
        bytesPerSecond: load.outBytesPerSecond,
        limitBytesPerSecond: limitOf(new OutboundLimit(site, settings)),
      },
    };
  });
}

async function unassigned({ directory, resolver, organisation }: HandlerParts): Promise<UnassignedSubnet[]> {
  const agentsBySubnet = new Map<string, number>();
  await forEachAgent(directory, (record) => {
    const { site, subnet } = resolver.resolve(record);
    if (site !== null || subnet === null || record.revokedAtMs !== null) return;
    agentsBySubnet.set(subnet, (agentsBySubnet.get(subnet) ?? 0) + 1);
  });
  return unassignedSubnets(agentsBySubnet, organisation.sites);
}
