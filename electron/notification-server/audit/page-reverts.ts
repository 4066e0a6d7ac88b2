import { z } from 'zod';
import type { AgentPackageSettings } from '../../../shared/contracts/agent-package.ts';
import { agentPackageSettingsSchema, defaultAgentPackageSettings } from '../../../shared/contracts/agent-package.ts';
import type { PlugInPolicy } from '../../../shared/contracts/plug-in-policy.ts';
import { defaultPlugInPolicy, plugInPolicySchema } from '../../../shared/contracts/plug-in-policy.ts';
import { siteSettingsRuleSchema } from '../../../shared/contracts/site-settings.ts';
import type { ServerSettingName } from '../../database/stores/server-setting-store.ts';
import { readServerSetting, writeServerSetting } from '../../database/stores/server-setting-store.ts';
import type { StoredSiteSettings } from '../../database/stores/site-settings-store.ts';
import {
  deleteSiteSettings,
  insertSiteSettings,
  loadSiteSettings,
  saveSiteSettingsOrder,
  updateSiteSettings,
} from '../../database/stores/site-settings-store.ts';
import type { OrganisationPart } from '../organisation.ts';
import { refuseGoneSites } from '../sites/mentions.ts';
import type { Revertible } from './revertible.ts';

/** A page of the console that the database holds as one value. */
function pageRevert<Page>(
  name: ServerSettingName & OrganisationPart,
  schema: z.ZodType<Page>,
  defaults: Page,
): Revertible<Page> {
  return {
    noun: name,
    part: name,
    read: (state) => schema.safeParse(state).data ?? null,
    present: async ({ transaction }) => {
      const text = await readServerSetting(transaction, name);
      return text === null ? defaults : schema.parse(JSON.parse(text));
    },
    essence: (page) => page,
    restore: async ({ transaction }, wanted) => {
      const page = wanted ?? defaults;
      await writeServerSetting(transaction, name, JSON.stringify(page));
      return page;
    },
  };
}

export const agentPackageRevert: Revertible<AgentPackageSettings> = pageRevert(
  'agent-package',
  agentPackageSettingsSchema,
  defaultAgentPackageSettings,
);

export const plugInPolicyRevert: Revertible<PlugInPolicy> = pageRevert(
  'plug-in-policy',
  plugInPolicySchema,
  defaultPlugInPolicy,
);

const storedSiteSettingsSchema = siteSettingsRuleSchema.omit({ appliesToSites: true, warnings: true });
const orderSchema = z.array(z.string());

export const siteSettingsRevert: Revertible<StoredSiteSettings> = {
  noun: 'site-settings',
  part: 'site-settings',
  read: (state) => storedSiteSettingsSchema.safeParse(state).data ?? null,
  present: async ({ transaction }, { id }) =>
    (await loadSiteSettings(transaction)).find((rule) => rule.id === id) ?? null,
  essence: ({ name, target, settings }) => ({ name, target, settings }),
  restore: async ({ transaction, who, atMs }, wanted, present) => {
    if (wanted === null) {
      if (present !== null) await deleteSiteSettings(transaction, present.id);
      return null;
    }
    await refuseGoneSites(transaction, wanted, present);
    const saved = { updatedAtMs: atMs, updatedBy: who };
    if (present === null) {
      const others = await loadSiteSettings(transaction);
      const back = { ...wanted, ...saved, version: wanted.version + 1 };
      await insertSiteSettings(transaction, back);
      const before = others.filter(({ priority }) => priority < wanted.priority);
      const ids = [...before, back, ...others.slice(before.length)].map(({ id }) => id);
      await saveSiteSettingsOrder(transaction, ids);
      return back;
    }
    const { name, target, settings } = wanted;
    const changed = { ...present, name, target, settings, ...saved, version: present.version + 1 };
    await updateSiteSettings(transaction, changed);
    return changed;
  },
};

export const siteSettingsOrderRevert: Revertible<string[]> = {
  noun: 'site-settings-order',
  part: 'site-settings',
  read: (state) => orderSchema.safeParse(state).data ?? null,
  present: async ({ transaction }) => (await loadSiteSettings(transaction)).map(({ id }) => id),
  essence: (ids) => ({ order: ids }),
  restore: async ({ transaction }, wanted) => {
    if (wanted !== null) await saveSiteSettingsOrder(transaction, wanted);
    return wanted;
  },
};
