import { z } from 'zod';
import { wallTimeMsSchema } from './primitives.ts';

/** *Targeted site settings*: what holds for the Package Servers and downloads of sites. */

export const siteSettingsSchema = z.object({
  /** KB/s that all Package Servers of the site together send to other sites and agents outside; 0 = unlimited. */
  sharedOutboundKilobytesPerSecond: z
    .number({ error: 'Enter a whole number from 0 to 10,000,000; 0 = unlimited.' })
    .int('Enter a whole number.')
    .min(0, 'Enter 0 or more; 0 = unlimited.')
    .max(10_000_000, 'Enter 10,000,000 or less.'),
  /** Agents of the site never download from the Notification Server. */
  preventNotificationServer: z.boolean(),
  /** Agents of the site never download from Package Servers of other sites. */
  preventForeignPackageServers: z.boolean(),
});
export type SiteSettings = z.infer<typeof siteSettingsSchema>;

/** What holds for a site that no rule targets. */
export const defaultSiteSettings: SiteSettings = {
  sharedOutboundKilobytesPerSecond: 0,
  preventNotificationServer: false,
  preventForeignPackageServers: false,
};

export const siteTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({
    kind: z.literal('sites'),
    siteIds: z.array(z.string().min(1).max(64)).min(1, 'Choose at least one site.').max(1000),
    /** Also the sites below the listed ones, those that come later included. */
    withChildren: z.boolean().optional(),
  }),
]);
export type SiteTarget = z.infer<typeof siteTargetSchema>;

export const siteSettingsRuleSchema = z.object({
  id: z.string(),
  name: z.string().trim().min(1, 'Enter a name.').max(100, 'Use at most 100 characters.'),
  /** 1 = first. The first rule that targets a site gives it all its settings. */
  priority: z.number().int().min(1),
  target: siteTargetSchema,
  settings: siteSettingsSchema,
  /** Rises with every save; a save names the version it was made from. */
  version: z.number().int().min(1),
  updatedAtMs: wallTimeMsSchema,
  updatedBy: z.string(),
  /** How many sites have these settings now. */
  appliesToSites: z.number().int().min(0),
  /** Allowed, but to be known. */
  warnings: z.array(z.string()),
});
export type SiteSettingsRule = z.infer<typeof siteSettingsRuleSchema>;
export const siteSettingsDraftSchema = siteSettingsRuleSchema.pick({ name: true, target: true, settings: true });
export const siteSettingsUpdateSchema = siteSettingsDraftSchema.extend({ version: z.number().int().min(1) });

export function siteSettingsWarnings(settings: SiteSettings): string[] {
  if (!settings.preventNotificationServer) return [];
  return settings.preventForeignPackageServers
    ? [
        'Computers of these sites download from Package Servers of their own site and from peers alone: while no Package Server is there, nothing new arrives.',
      ]
    : [
        'Computers of these sites never download from the Notification Server: while no Package Server can be reached, nothing new arrives.',
      ];
}
