import { parseSchedule } from '../base/bandwidth-schedule.ts';
import { parseCidr } from '../base/ipv4.ts';
import type { Site } from '../contracts/sites-api.ts';
import { subnetProblems } from './site-assignment.ts';

/** What the rules read of a site. */
export type RuledSite = Pick<
  Site,
  | 'id'
  | 'name'
  | 'parentId'
  | 'subnets'
  | 'wanKilobitsPerSecond'
  | 'wanOutKilobitsPerSecond'
  | 'acquisitionSchedule'
  | 'distributionSchedule'
  | 'sharesLan'
>;

export interface SiteProblem {
  /** The field, such as `subnets.2`. */
  readonly path: string;
  /** A sentence. */
  readonly message: string;
}

/** As many and as large as what a policy may name as additional subnets: each agent asks the server for peers of each. */
export const maximumSharedSubnets = 64;
const shortestSharedPrefix = 16;
/** More tiers than any organisation has; a walk up the tree ends. */
const maximumDepth = 16;

/** Why a site cannot be saved beside the others (without its own earlier state); none = it can. */
export function siteProblems(site: RuledSite, others: readonly RuledSite[]): SiteProblem[] {
  const problems: SiteProblem[] = [];
  if (others.some(({ name }) => name === site.name)) {
    problems.push({ path: 'name', message: `There is another site called "${site.name}".` });
  }
  const parent = parentProblem(site, others);
  if (parent !== null) problems.push({ path: 'parentId', message: parent });
  for (const { index, message } of subnetProblems(site.subnets, others)) {
    problems.push({ path: `subnets.${index}`, message });
  }
  if (site.sharesLan && !canShareLan(site.subnets)) {
    const message = `Subnets that share a LAN are at most ${maximumSharedSubnets}, each /${shortestSharedPrefix} or smaller.`;
    problems.push({ path: 'sharesLan', message });
  }
  for (const [path, schedule, kilobitsPerSecond] of [
    ['acquisitionSchedule', site.acquisitionSchedule, site.wanKilobitsPerSecond],
    ['distributionSchedule', site.distributionSchedule, site.wanOutKilobitsPerSecond],
  ] as const) {
    if (kilobitsPerSecond === 0 && hasPercentages(schedule)) {
      const message = 'A percentage needs a link with a speed; this one is unlimited. Name kbit/s instead.';
      problems.push({ path, message });
    }
  }
  return problems;
}

export function canShareLan(subnets: readonly string[]): boolean {
  if (subnets.length > maximumSharedSubnets) return false;
  return subnets.every((text) => (parseCidr(text)?.prefixLength ?? 0) >= shortestSharedPrefix);
}

export interface SiteInTree<Entry> {
  readonly site: Entry;
  /** 0 = at the top. */
  readonly depth: number;
}

/** Each site after its parent, siblings in their given order. Whose parent is missing stands at the top. */
export function sitesInTreeOrder<Entry extends { readonly id: string; readonly parentId: string | null }>(
  sites: readonly Entry[],
): SiteInTree<Entry>[] {
  const known = new Set(sites.map(({ id }) => id));
  const below = new Map<string | null, Entry[]>();
  for (const site of sites) {
    const parentId = site.parentId !== null && known.has(site.parentId) ? site.parentId : null;
    const siblings = below.get(parentId);
    if (siblings === undefined) below.set(parentId, [site]);
    else siblings.push(site);
  }
  const ordered: SiteInTree<Entry>[] = [];
  const place = (parentId: string | null, depth: number): void => {
    for (const site of below.get(parentId) ?? []) {
      ordered.push({ site, depth });
      if (depth < maximumDepth) place(site.id, depth + 1);
    }
  };
  place(null, 0);
  return ordered;
}

function parentProblem(site: RuledSite, others: readonly RuledSite[]): string | null {
  if (site.parentId === null) return null;
  const byId = new Map(others.map((other) => [other.id, other]));
  const names = [site.name];
  for (let parentId: string | null = site.parentId; parentId !== null; ) {
    if (parentId === site.id) return `A site cannot be below itself: ${[...names, site.name].join(' is below ')}.`;
    const parent = byId.get(parentId);
    if (parent === undefined) return 'There is no such site.';
    names.push(parent.name);
    if (names.length > maximumDepth) return `Sites can be nested ${maximumDepth} deep.`;
    parentId = parent.parentId;
  }
  if (names.length + depthBelow(site.id, others) > maximumDepth) return `Sites can be nested ${maximumDepth} deep.`;
  return null;
}

/** How many levels of sites are below it. */
function depthBelow(siteId: string, sites: readonly RuledSite[]): number {
  let depth = 0;
  for (let level = new Set([siteId]); depth <= maximumDepth; depth++) {
    const next = new Set(sites.filter(({ parentId }) => parentId !== null && level.has(parentId)).map(({ id }) => id));
    if (next.size === 0) break;
    level = next;
  }
  return depth;
}

function hasPercentages(schedule: string): boolean {
  const parsed = parseSchedule(schedule);
  return parsed.ok && parsed.value.some((cell) => cell.kind === 'percent' && cell.percent < 100);
}
