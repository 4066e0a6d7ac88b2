import type { SiteTarget } from '../../../shared/contracts/site-settings.ts';
import type { Target, TargetFilter } from '../../../shared/contracts/targets.ts';
import type { Organisation } from '../organisation.ts';
import { Refusal } from '../refusal.ts';

type Filter = TargetFilter | SiteTarget;

/** A target as a request names it. */
export interface NamedTarget {
  /** Its field in the request, such as `target` or `laterStages.0.target`. */
  readonly path: string;
  readonly target: Target | SiteTarget;
  /** What was saved before: a site that is gone since may stay in it. */
  readonly before?: Target | SiteTarget;
}

/** What names a site that is not there would hold for nobody, and nobody would notice. */
export function refuseUnknownSites(organisation: Pick<Organisation, 'site'>, targets: readonly NamedTarget[]): void {
  const fields = targets.flatMap(({ path, target, before }) => {
    const kept = new Set(before === undefined ? [] : filtersOf('', before).flatMap(([, filter]) => sitesOf(filter)));
    return filtersOf(path, target).flatMap(([at, filter]) =>
      sitesOf(filter).flatMap((id, index) =>
        organisation.site(id) === null && !kept.has(id)
          ? [{ path: `${at}.siteIds.${index}`, message: 'There is no such site.' }]
          : [],
      ),
    );
  });
  if (fields.length > 0) throw new Refusal('invalid-request', 'There is no such site.', { fields });
}

function sitesOf(filter: Filter): readonly string[] {
  return filter.kind === 'sites' ? filter.siteIds : [];
}

function filtersOf(path: string, target: Target | SiteTarget): (readonly [path: string, filter: Filter])[] {
  if (target.kind !== 'rows') return [[path, target]];
  return [
    [`${path}.first`, target.first],
    ...target.next.map(({ filter }, index) => [`${path}.next.${index}.filter`, filter] as const),
  ];
}
