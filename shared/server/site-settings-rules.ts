import type { SiteSettings, SiteTarget } from '../contracts/site-settings.ts';
import type { PlacedSite } from './site-tree.ts';
import { withSitesBelow } from './site-tree.ts';

interface RankedRule {
  readonly priority: number;
  readonly target: SiteTarget;
  readonly settings: SiteSettings;
}

export interface EffectiveSiteSettings<Rule extends RankedRule> {
  readonly settings: SiteSettings;
  /** Null = no rule targets the site: the defaults hold. */
  readonly rule: Rule | null;
}

/** Which settings hold for a site: all those of the first rule by priority that targets it. To be made again when sites change. */
export class SiteSettingsRules<Rule extends RankedRule> {
  readonly #defaults: SiteSettings;
  readonly #rules: readonly { readonly rule: Rule; readonly siteIds: ReadonlySet<string> | null }[];

  /** `defaults`: what holds for a site that no rule targets. */
  constructor(rules: readonly Rule[], sites: readonly PlacedSite[], defaults: SiteSettings) {
    this.#defaults = defaults;
    this.#rules = [...rules]
      .sort((a, b) => a.priority - b.priority)
      .map((rule) => ({ rule, siteIds: siteIdsOf(rule.target, sites) }));
  }

  /** In the order in which they are asked. */
  get rules(): readonly Rule[] {
    return this.#rules.map(({ rule }) => rule);
  }

  /** Null = Unassigned, which rules for all sites do not mean, because it is none. */
  settingsOf(siteId: string | null): EffectiveSiteSettings<Rule> {
    const found =
      siteId === null ? undefined : this.#rules.find(({ siteIds }) => siteIds === null || siteIds.has(siteId));
    return found === undefined
      ? { settings: this.#defaults, rule: null }
      : { settings: found.rule.settings, rule: found.rule };
  }
}

/** Null = all. */
function siteIdsOf(target: SiteTarget, sites: readonly PlacedSite[]): ReadonlySet<string> | null {
  if (target.kind === 'all') return null;
  return target.withChildren === true ? withSitesBelow(target.siteIds, sites) : new Set(target.siteIds);
}
