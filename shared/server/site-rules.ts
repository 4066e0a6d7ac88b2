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

/**
 * Why the changed ones of these sites cannot be saved, by their ids; whose id is missing can be. Looks at all of them once,
 * however many have changed.
 */
export function siteProblems(
  sites: readonly RuledSite[],
  changed: ReadonlySet<string>,
): ReadonlyMap<string, readonly SiteProblem[]> {
  const problems = new Map<string, SiteProblem[]>();
  const add = (id: string, path: string, message: string): void => {
    const known = problems.get(id);
    if (known === undefined) problems.set(id, [{ path, message }]);
    else known.push({ path, message });
  };
  const named = new Map(sites.filter(({ id }) => !changed.has(id)).map(({ name, id }) => [name, id]));
  for (const { id, name } of sites.filter((site) => changed.has(site.id))) {
    if (named.has(name)) add(id, 'name', `There is another site called "${name}".`);
    named.set(name, id);
  }
  for (const [id, message] of parentProblems(sites, changed)) add(id, 'parentId', message);
  for (const { siteId, index, message } of subnetProblems(sites, changed)) add(siteId, `subnets.${index}`, message);
  for (const site of sites.filter(({ id }) => changed.has(id))) {
    for (const { path, message } of problemsOfItself(site)) add(site.id, path, message);
  }
  return problems;
}

function problemsOfItself(site: RuledSite): SiteProblem[] {
  const problems: SiteProblem[] = [];
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

/** At most one for each changed site, by its id. A site that has become too deep is the fault of a changed one above it. */
function parentProblems(sites: readonly RuledSite[], changed: ReadonlySet<string>): Map<string, string> {
  const byId = new Map(sites.map((site) => [site.id, site]));
  const problems = new Map<string, string>();
  for (const site of sites) {
    const path = [site];
    for (let below = site; below.parentId !== null; ) {
      const parent = byId.get(below.parentId);
      if (parent === undefined) {
        if (below === site && changed.has(site.id)) problems.set(site.id, 'There is no such site.');
        break;
      }
      path.push(parent);
      if (parent === site) {
        const names = path.map(({ name }) => name).join(' is below ');
        if (changed.has(site.id)) problems.set(site.id, `A site cannot be below itself: ${names}.`);
        break;
      }
      if (path.length > maximumDepth) {
        const wrong = path.find(({ id }) => changed.has(id));
        if (wrong !== undefined && !problems.has(wrong.id)) {
          problems.set(wrong.id, `Sites can be nested ${maximumDepth} deep.`);
        }
        break;
      }
      below = parent;
    }
  }
  return problems;
}

function hasPercentages(schedule: string): boolean {
  const parsed = parseSchedule(schedule);
  return parsed.ok && parsed.value.some((cell) => cell.kind === 'percent' && cell.percent < 100);
}
