import type { SiteSettings, SiteSettingsRule, SiteTarget } from '../../../shared/contracts/site-settings.ts';
import { defaultSiteSettings, siteSettingsDraftSchema } from '../../../shared/contracts/site-settings.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { formatCount, formatQuantity } from '../../components/format.ts';

export const siteReaches = ['all', 'sites', 'sites-with-below'] as const;
type SiteReach = (typeof siteReaches)[number];

/** What the form of a rule holds. */
export interface SiteSettingsForm extends SiteSettings {
  readonly name: string;
  readonly reach: SiteReach;
  /** Kept while the rule is for all sites, so that a person may change back. */
  readonly siteIds: readonly string[];
}

export const siteSettingsLabels: Record<keyof SiteSettingsForm, string> = {
  name: 'Name',
  reach: 'Holds for',
  siteIds: 'Sites',
  sharedOutboundKilobytesPerSecond: 'Package Servers send out together',
  preventNotificationServer: 'No downloads from the Notification Server',
  preventForeignPackageServers: 'No downloads from Package Servers of other sites',
};

export const reachWords: Record<SiteReach, string> = {
  all: 'All sites, those that come later included',
  sites: 'These sites',
  'sites-with-below': 'These sites and all below them, those that come later included',
};

/** All sites would hold everywhere by a careless Enter. */
export const newSiteSettingsForm: SiteSettingsForm = { name: '', reach: 'sites', siteIds: [], ...defaultSiteSettings };

export function formOfRule({ name, target, settings }: SiteSettingsRule): SiteSettingsForm {
  if (target.kind === 'all') return { name, reach: 'all', siteIds: [], ...settings };
  const reach = target.withChildren === true ? 'sites-with-below' : 'sites';
  return { name, reach, siteIds: target.siteIds, ...settings };
}

export function draftOfForm({ name, reach, siteIds, ...settings }: SiteSettingsForm) {
  return { name: name.trim(), target: targetOf(reach, siteIds), settings };
}

function targetOf(reach: SiteReach, siteIds: readonly string[]): SiteTarget {
  if (reach === 'all') return { kind: 'all' };
  return { kind: 'sites', siteIds: [...siteIds], ...(reach === 'sites' ? {} : { withChildren: true }) };
}

/** The first problem of each field, before anything is sent. */
export function siteSettingsProblems(form: SiteSettingsForm): ReadonlyMap<string, string> {
  const parsed = siteSettingsDraftSchema.safeParse(draftOfForm(form));
  const problems = new Map<string, string>();
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = fieldAt(path.map(String));
    if (!problems.has(field)) problems.set(field, message);
  }
  return problems;
}

/** The field of the form for `target.siteIds` or `settings.preventNotificationServer` of the contract. */
function fieldAt([part = '', field]: readonly string[]): string {
  if (part === 'target') return 'siteIds';
  return field ?? part;
}

export function siteTargetWords(target: SiteTarget, sites: readonly Pick<Site, 'id' | 'name'>[]): string {
  if (target.kind === 'all') return 'All sites';
  const names = target.siteIds.map((id) => sites.find((site) => site.id === id)?.name ?? id);
  const words = names.length <= 3 ? names.join(', ') : formatQuantity(names.length, 'site');
  return target.withChildren === true ? `${words} and below` : words;
}

export function outboundWords({ sharedOutboundKilobytesPerSecond: limit }: SiteSettings): string {
  return limit === 0 ? 'Unlimited' : `${formatCount(limit)} KB/s`;
}

/** From where computers of the sites may not download. */
export function preventedWords(settings: SiteSettings): string {
  const { preventNotificationServer, preventForeignPackageServers } = settings;
  if (preventNotificationServer && preventForeignPackageServers) return 'Notification Server, other sites';
  if (preventNotificationServer) return 'Notification Server';
  return preventForeignPackageServers ? 'Other sites' : 'Nothing';
}

/** What deleting the rule does to the sites that have its settings now. */
export function deletionWords({ appliesToSites }: Pick<SiteSettingsRule, 'appliesToSites'>): string {
  if (appliesToSites === 0) return 'It holds for no site now: nothing changes for any of them.';
  const [sites, targets] =
    appliesToSites === 1 ? ['The site', 'it'] : [`The ${formatCount(appliesToSites)} sites`, 'them'];
  return `${sites} that it holds for will at once take the settings of the next rule that targets ${targets}. Where there is none, nothing is limited or prevented.`;
}
