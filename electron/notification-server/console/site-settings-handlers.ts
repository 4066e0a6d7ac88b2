import { randomUUID } from 'node:crypto';
import type { SiteSettingsRule } from '../../../shared/contracts/site-settings.ts';
import { siteSettingsWarnings } from '../../../shared/contracts/site-settings.ts';
import type { StoredSiteSettings } from '../../database/stores/site-settings-store.ts';
import {
  deleteSiteSettings,
  insertSiteSettings,
  loadSiteSettings,
  saveSiteSettingsOrder,
  updateSiteSettings,
} from '../../database/stores/site-settings-store.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { refuseUnknownSites } from './known-sites.ts';
import { refuseOtherOrder } from './whole-order.ts';

type SiteSettingsRoutes =
  | 'siteSettings'
  | 'createSiteSettings'
  | 'updateSiteSettings'
  | 'deleteSiteSettings'
  | 'orderSiteSettings';

/** Rolls the save back, with its entry in the audit trail. */
class StaleVersionError extends Error {}

/** Targeted site settings. */
export function siteSettingsHandlers(parts: HandlerParts): Pick<ConsoleHandlers, SiteSettingsRoutes> {
  const { organisation } = parts;
  const stored = (id: string): StoredSiteSettings => {
    const found = organisation.siteSettings.rules.find((rule) => rule.id === id);
    if (found === undefined) throw new Refusal('not-found', 'There are no such site settings.');
    return found;
  };
  const shown = (id: string): SiteSettingsRule => shownRule(parts, stored(id));
  const conflict = (id: string): Refusal =>
    new Refusal('version-conflict', 'Somebody else saved these site settings since you opened them.', {
      current: shown(id),
    });
  const shownAll = (): SiteSettingsRule[] => organisation.siteSettings.rules.map((rule) => shownRule(parts, rule));

  return {
    siteSettings: () => shownAll(),

    createSiteSettings: async ({ body, signedIn: { name: who } }) => {
      refuseUnknownSites(parts.organisation, [{ path: 'target', target: body.target }]);
      const priority = organisation.siteSettings.rules.length + 1;
      const rule = { ...body, id: randomUUID(), priority, version: 1, updatedAtMs: parts.now(), updatedBy: who };
      const change = { who, action: 'create-site-settings', subject: rule.name, before: null, after: rule };
      await writeAudited(parts, change, (transaction) => insertSiteSettings(transaction, rule));
      await organisation.reload('site-settings');
      return shown(rule.id);
    },

    updateSiteSettings: async ({ params: { id }, body, signedIn: { name: who } }) => {
      const before = stored(id);
      if (before.version !== body.version) throw conflict(id);
      refuseUnknownSites(parts.organisation, [{ path: 'target', target: body.target }]);
      const after = { ...before, ...body, version: body.version + 1, updatedAtMs: parts.now(), updatedBy: who };
      const change = { who, action: 'update-site-settings', subject: before.name, before, after };
      await writeAudited(parts, change, async (transaction) => {
        // Two saves of one moment: the database decides.
        if (!(await updateSiteSettings(transaction, after))) throw new StaleVersionError();
      }).catch(async (error: unknown) => {
        if (!(error instanceof StaleVersionError)) throw error;
        await organisation.reload('site-settings');
        throw conflict(id);
      });
      await organisation.reload('site-settings');
      return shown(id);
    },

    deleteSiteSettings: async ({ params: { id }, signedIn: { name: who } }) => {
      const before = stored(id);
      const change = { who, action: 'delete-site-settings', subject: before.name, before, after: null };
      await writeAudited(parts, change, (transaction) => deleteSiteSettings(transaction, id));
      await organisation.reload('site-settings');
    },

    orderSiteSettings: async ({ body, signedIn: { name: who } }) => {
      const before = organisation.siteSettings.rules.map(({ id }) => id);
      const change = { who, action: 'order-site-settings', subject: 'site settings', before, after: body.ids };
      await writeAudited(parts, change, async (transaction) => {
        const stored = (await loadSiteSettings(transaction)).map(({ id }) => id);
        refuseOtherOrder(stored, body, { name: 'the site settings', all: 'all site settings' });
        await saveSiteSettingsOrder(transaction, body.ids);
      });
      await organisation.reload('site-settings');
      return shownAll();
    },
  };
}

function shownRule({ organisation }: HandlerParts, rule: StoredSiteSettings): SiteSettingsRule {
  const { siteSettings, sites } = organisation;
  const appliesToSites = sites.filter(({ id }) => siteSettings.settingsOf(id).rule?.id === rule.id).length;
  return { ...rule, appliesToSites, warnings: siteSettingsWarnings(rule.settings) };
}
