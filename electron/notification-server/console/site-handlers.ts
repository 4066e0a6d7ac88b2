import { randomUUID } from 'node:crypto';
import type { Site, SiteDraft } from '../../../shared/contracts/console-api.ts';
import { subnetProblems } from '../../../shared/server/site-assignment.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { saveSite } from '../../database/stores/site-store.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

export function siteHandlers(parts: HandlerParts): Pick<ConsoleHandlers, 'sites' | 'createSite' | 'updateSite'> {
  const { organisation, views } = parts;
  const shown = (id: string): Site => {
    const site = views.sites().find((candidate) => candidate.id === id);
    if (site === undefined) throw new Refusal('not-found', 'There is no such site.');
    return site;
  };
  const refuseProblems = (draft: SiteDraft, id: string | null): void => {
    const others = organisation.sites.filter((site) => site.id !== id);
    const fields = subnetProblems(draft.subnets, others).map(({ index, message }) => ({
      path: `subnets.${index}`,
      message,
    }));
    if (others.some((site) => site.name === draft.name)) {
      fields.unshift({ path: 'name', message: `There is another site called "${draft.name}".` });
    }
    const [first] = fields;
    if (first !== undefined) throw new Refusal('invalid-request', first.message, { fields });
  };
  const save = async (site: StoredSite, before: StoredSite | null, who: string): Promise<Site> => {
    const action = before === null ? 'create-site' : 'update-site';
    await writeAudited(parts, { who, action, subject: site.name, before, after: site }, (transaction) =>
      saveSite(transaction, site),
    );
    await organisation.reload('sites');
    return shown(site.id);
  };

  return {
    sites: () => views.sites(),
    createSite: async ({ body, signedIn }) => {
      refuseProblems(body, null);
      const locationType = body.locationType ?? 'office';
      return save({ ...body, id: randomUUID(), locationType }, null, signedIn.name);
    },
    updateSite: async ({ params: { id }, body, signedIn }) => {
      const before = organisation.site(id);
      if (before === null) throw new Refusal('not-found', 'There is no such site.');
      refuseProblems(body, id);
      return save({ ...body, id, locationType: body.locationType ?? before.locationType }, before, signedIn.name);
    },
  };
}
