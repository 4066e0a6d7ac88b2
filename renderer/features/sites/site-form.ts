import type { LocationType } from '../../../shared/contracts/conditions.ts';
import { locationTypes } from '../../../shared/contracts/conditions.ts';
import type { Site, SiteDraft } from '../../../shared/contracts/sites-api.ts';
import { siteDraftSchema } from '../../../shared/contracts/sites-api.ts';

/** What the form of a site holds; its hours have pages of their own. */
export interface SiteForm {
  readonly name: string;
  /** '' = at the top. */
  readonly parentId: string;
  /** One a line. */
  readonly subnets: string;
  /** NaN while what is typed is no number. */
  readonly wanKilobitsPerSecond: number;
  readonly wanOutKilobitsPerSecond: number;
  readonly timeZone: string;
  readonly locationType: LocationType;
  /** `default`: in an office whose subnets can; for new sites only. */
  readonly sharesLan: 'default' | 'yes' | 'no';
}

export const siteFormLabels: Record<keyof SiteForm, string> = {
  name: 'Name',
  parentId: 'Below',
  subnets: 'Subnets',
  wanKilobitsPerSecond: 'WAN link in',
  wanOutKilobitsPerSecond: 'WAN link out',
  timeZone: 'Time zone',
  locationType: 'Location type',
  sharesLan: 'Subnets are one LAN',
};

export const locationTypeWords: Record<LocationType, string> = {
  office: 'Office',
  wifi: 'Wi-Fi',
  vpn: 'VPN',
  internet: 'Internet',
};

export const locationTypeHints: Record<LocationType, string> = {
  office: 'Computers find each other by broadcasts and serve each other.',
  wifi: 'Computers serve each other, and find each other through the server instead of by broadcasts.',
  vpn: 'Computers neither ask peers nor serve them, whatever their policy says.',
  internet: 'Computers neither ask peers nor serve them, whatever their policy says.',
};

export function locationTypeOf(text: string): LocationType {
  return locationTypes.find((type) => type === text) ?? 'office';
}

export function newSiteForm(parentId: string | null, subnets: readonly string[]): SiteForm {
  return {
    name: '',
    parentId: parentId ?? '',
    subnets: subnets.join('\n'),
    wanKilobitsPerSecond: 0,
    wanOutKilobitsPerSecond: 0,
    timeZone: 'UTC',
    locationType: 'office',
    sharesLan: 'default',
  };
}

export function formOfSite(site: Site): SiteForm {
  return {
    name: site.name,
    parentId: site.parentId ?? '',
    subnets: site.subnets.join('\n'),
    wanKilobitsPerSecond: site.wanKilobitsPerSecond,
    wanOutKilobitsPerSecond: site.wanOutKilobitsPerSecond,
    timeZone: site.timeZone,
    locationType: site.locationType,
    sharesLan: site.sharesLan ? 'yes' : 'no',
  };
}

/** What is saved: without hours, which stay what they are. */
export function draftOfForm(form: SiteForm): SiteDraft {
  return {
    name: form.name.trim(),
    parentId: form.parentId === '' ? null : form.parentId,
    subnets: form.subnets.split(/[\s,;]+/).filter((subnet) => subnet !== ''),
    wanKilobitsPerSecond: form.wanKilobitsPerSecond,
    wanOutKilobitsPerSecond: form.wanOutKilobitsPerSecond,
    timeZone: form.timeZone.trim(),
    locationType: form.locationType,
    ...(form.sharesLan === 'default' ? {} : { sharesLan: form.sharesLan === 'yes' }),
  };
}

/** The first problem of each field, before anything is sent. */
export function formProblems(form: SiteForm): ReadonlyMap<string, string> {
  const draft = draftOfForm(form);
  const parsed = siteDraftSchema.safeParse(draft);
  const problems = new Map<string, string>();
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [field, index] = path;
    const subnet = field === 'subnets' && typeof index === 'number' ? draft.subnets[index] : undefined;
    const words = subnet === undefined ? message : `“${subnet}” is ${message}.`;
    if (!problems.has(String(field))) problems.set(String(field), words);
  }
  return problems;
}

/** What a save of the hours alone has to say of the rest: the server leaves what is not named. */
export function unchangedPart({ name, subnets, wanKilobitsPerSecond, version }: Site) {
  return { name, subnets, wanKilobitsPerSecond, version };
}
