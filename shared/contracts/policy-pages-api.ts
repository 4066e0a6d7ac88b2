import { z } from 'zod';
import type { ConsoleRoute } from './console-routes.ts';
import { plugInPolicySchema } from './plug-in-policy.ts';
import { agentIdSchema } from './primitives.ts';
import { siteSettingsDraftSchema, siteSettingsRuleSchema, siteSettingsUpdateSchema } from './site-settings.ts';
import { wholeOrderSchema } from './whole-order.ts';

/** The pages beside Targeted Agent Settings, and what all of them together mean for an agent. */

const byId = z.object({ id: z.string().min(1).max(64) });
const byAgent = z.object({ agentId: agentIdSchema });

const shownPlugInPolicySchema = z.object({ policy: plugInPolicySchema, warning: z.string().nullable() });

export const effectiveSettingPages = [
  'targeted-agent-settings',
  'agent-package',
  'software-update-plug-in',
  'targeted-site-settings',
] as const;

/** One value that holds for an agent, and where it comes from. */
export const effectiveSettingSchema = z.object({
  page: z.enum(effectiveSettingPages),
  key: z.string(),
  value: z.unknown(),
  from: z.object({
    /** `default`: what the page holds was never changed from the default. */
    kind: z.enum(['default', 'policy', 'page', 'site-settings']),
    /** The policy or the rule, also where it holds the default; null for pages, and for sites that no rule targets. */
    id: z.string().nullable(),
    name: z.string(),
  }),
});
export type EffectiveSetting = z.infer<typeof effectiveSettingSchema>;

export const policyPageRoutes = {
  effectiveSettings: {
    method: 'GET',
    access: 'read',
    path: '/agents/:agentId/effective-settings',
    summary: 'Every setting that holds for an agent, and where its value comes from',
    params: byAgent,
    answer: z.array(effectiveSettingSchema),
  },
  plugInPolicy: {
    method: 'GET',
    access: 'read',
    path: '/software-update-plug-in',
    summary: 'When computers install what they have, unless the delivery says otherwise',
    answer: shownPlugInPolicySchema,
  },
  updatePlugInPolicy: {
    method: 'PUT',
    access: 'administrator',
    path: '/software-update-plug-in',
    summary: 'Change when computers install what they have',
    body: plugInPolicySchema,
    answer: shownPlugInPolicySchema,
  },
  siteSettings: {
    method: 'GET',
    access: 'read',
    path: '/site-settings',
    summary: 'Targeted site settings, first priority first',
    answer: z.array(siteSettingsRuleSchema),
  },
  createSiteSettings: {
    method: 'POST',
    access: 'administrator',
    path: '/site-settings',
    summary: 'Add site settings, last in the order',
    body: siteSettingsDraftSchema,
    answer: siteSettingsRuleSchema,
  },
  updateSiteSettings: {
    method: 'PUT',
    access: 'administrator',
    path: '/site-settings/:id',
    summary: 'Save site settings; 409 with the stored ones where the version is stale',
    params: byId,
    body: siteSettingsUpdateSchema,
    answer: siteSettingsRuleSchema,
  },
  deleteSiteSettings: {
    method: 'DELETE',
    access: 'administrator',
    path: '/site-settings/:id',
    summary: 'Delete site settings',
    params: byId,
  },
  orderSiteSettings: {
    method: 'PUT',
    access: 'administrator',
    path: '/site-settings-order',
    summary: 'Set the order of all site settings; 409 where it is not the order that was seen',
    body: wholeOrderSchema,
    answer: z.array(siteSettingsRuleSchema),
  },
} as const satisfies Record<string, ConsoleRoute>;
