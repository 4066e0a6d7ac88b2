import type { AgentPackageSettings } from '../contracts/agent-package.ts';
import type { PlugInPolicy } from '../contracts/plug-in-policy.ts';
import type { EffectiveSetting } from '../contracts/policy-pages-api.ts';
import type { AgentSettings } from '../contracts/settings.ts';
import type { SiteSettings } from '../contracts/site-settings.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What every page holds before anybody changes it. */
export interface SettingDefaults {
  readonly policy: AgentSettings;
  readonly agentPackage: AgentPackageSettings;
  readonly plugInPolicy: PlugInPolicy;
  readonly site: SiteSettings;
}

/** Everything that decides what holds for one agent. */
export interface SettingSources {
  readonly policy: Named & { readonly settings: AgentSettings };
  readonly agentPackage: AgentPackageSettings;
  readonly plugInPolicy: PlugInPolicy;
  /** `rule` null = no rule targets the agent's site. */
  readonly site: { readonly settings: SiteSettings; readonly rule: Named | null };
}

/** Every value that holds for the agent, page by page, and where it comes from. */
export function effectiveSettings(sources: SettingSources, defaults: SettingDefaults): EffectiveSetting[] {
  const { policy, agentPackage, plugInPolicy, site } = sources;
  const { id, name } = policy;
  const ofPolicy = { kind: 'policy', id, name } as const;
  const ofSite =
    site.rule === null
      ? ({ kind: 'site-settings', id: null, name: 'Targeted site settings' } as const)
      : ({ kind: 'site-settings', id: site.rule.id, name: site.rule.name } as const);
  return [
    ...valuesOf('targeted-agent-settings', policy.settings, defaults.policy, ofPolicy),
    ...valuesOf('agent-package', agentPackage, defaults.agentPackage, page('Agent package')),
    ...valuesOf(
      'software-update-plug-in',
      plugInPolicy,
      defaults.plugInPolicy,
      page('Default software update plug-in policy'),
    ),
    ...valuesOf('targeted-site-settings', site.settings, defaults.site, ofSite),
  ];
}

function page(name: string): EffectiveSetting['from'] {
  return { kind: 'page', id: null, name };
}

function valuesOf(
  pageName: EffectiveSetting['page'],
  values: object,
  defaults: object,
  from: EffectiveSetting['from'],
): EffectiveSetting[] {
  const byKey = new Map<string, unknown>(Object.entries(defaults));
  return Object.entries(values).map(([key, value]: [string, unknown]) => {
    const isDefault = JSON.stringify(value) === JSON.stringify(byKey.get(key));
    return { page: pageName, key, value, from: isDefault ? { ...from, kind: 'default' } : from };
  });
}
