import { describe, expect, test } from 'vitest';
import { defaultAgentPackageSettings } from '../../shared/contracts/agent-package.ts';
import { defaultPlugInPolicy, plugInPolicyWarning } from '../../shared/contracts/plug-in-policy.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { SiteTarget } from '../../shared/contracts/site-settings.ts';
import { defaultSiteSettings, siteSettingsWarnings } from '../../shared/contracts/site-settings.ts';
import type { SettingSources } from '../../shared/server/effective-settings.ts';
import { effectiveSettings } from '../../shared/server/effective-settings.ts';
import { SiteSettingsRules } from '../../shared/server/site-settings-rules.ts';

const sites = [{ id: 'europe' }, { id: 'north', parentId: 'europe' }, { id: 'asia' }];
const rule = (name: string, priority: number, target: SiteTarget, sharedOutboundKilobytesPerSecond: number) => ({
  name,
  priority,
  target,
  settings: { ...defaultSiteSettings, sharedOutboundKilobytesPerSecond },
});

describe('the settings of a site', () => {
  const rules = new SiteSettingsRules(
    [
      rule('everywhere', 3, { kind: 'all' }, 300),
      rule('europe and below', 2, { kind: 'sites', siteIds: ['europe'], withChildren: true }, 200),
      rule('europe', 1, { kind: 'sites', siteIds: ['europe'] }, 100),
    ],
    sites,
    defaultSiteSettings,
  );

  test.each([
    ['europe', 'europe', 100],
    ['north', 'europe and below', 200],
    ['asia', 'everywhere', 300],
  ])('of %s are those of the first rule that targets it', (siteId, name, limit) => {
    const { rule: found, settings } = rules.settingsOf(siteId);
    expect([found?.name, settings.sharedOutboundKilobytesPerSecond]).toEqual([name, limit]);
  });

  test('are the defaults where no rule targets it, and for agents without a site', () => {
    const none = { settings: defaultSiteSettings, rule: null };
    expect(rules.settingsOf(null)).toEqual(none);
    expect(new SiteSettingsRules([], sites, defaultSiteSettings).settingsOf('asia')).toEqual(none);
  });
});

describe('what holds for an agent', () => {
  const policy = { id: 'p', name: 'Branches', settings: { ...defaultAgentSettings, maxUpload: 500 } };
  const sources = {
    policy,
    agentPackage: defaultAgentPackageSettings,
    plugInPolicy: defaultPlugInPolicy,
    site: { settings: defaultSiteSettings, rule: null },
  };
  const defaults = {
    policy: defaultAgentSettings,
    agentPackage: defaultAgentPackageSettings,
    plugInPolicy: defaultPlugInPolicy,
    site: defaultSiteSettings,
  };
  const fromOf = (given: SettingSources, key: string) =>
    effectiveSettings(given, defaults).find((setting) => setting.key === key)?.from;

  test('names every setting of every page once', () => {
    const keys = effectiveSettings(sources, defaults).map(({ page, key }) => `${page} ${key}`);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toEqual(
      expect.arrayContaining([
        ...Object.keys(defaultAgentSettings).map((key) => `targeted-agent-settings ${key}`),
        'agent-package deleteUnusedAfterHours',
        'software-update-plug-in install',
        'targeted-site-settings preventNotificationServer',
      ]),
    );
  });

  test('comes from its policy, or is a default that the policy never changed', () => {
    expect(fromOf(sources, 'maxUpload')).toEqual({ kind: 'policy', id: 'p', name: 'Branches' });
    expect(fromOf(sources, 'port')).toEqual({ kind: 'default', id: 'p', name: 'Branches' });
  });

  test('comes from the pages and from the rule of its site', () => {
    const changed = {
      ...sources,
      agentPackage: { deleteUnusedAfterHours: 48 },
      plugInPolicy: { install: 'as-soon-as-possible' } as const,
      site: { settings: { ...defaultSiteSettings, preventNotificationServer: true }, rule: { id: 'r', name: 'Ships' } },
    };
    expect(fromOf(changed, 'deleteUnusedAfterHours')).toEqual({ kind: 'page', id: null, name: 'Agent package' });
    expect(fromOf(changed, 'install')?.kind).toBe('page');
    expect(fromOf(changed, 'preventNotificationServer')).toEqual({ kind: 'site-settings', id: 'r', name: 'Ships' });
    expect(fromOf(changed, 'preventForeignPackageServers')).toEqual({ kind: 'default', id: 'r', name: 'Ships' });
  });
});

test('installing as soon as possible warns, a time of day does not', () => {
  expect(plugInPolicyWarning({ install: 'as-soon-as-possible' })).toMatch(/serves no peers/);
  expect(plugInPolicyWarning(defaultPlugInPolicy)).toBeNull();
});

test('shutting the Notification Server out warns, the more so together with foreign Package Servers', () => {
  const warned = { ...defaultSiteSettings, preventNotificationServer: true };
  expect(siteSettingsWarnings({ ...warned, preventForeignPackageServers: true })[0]).toMatch(/own site/);
  expect(siteSettingsWarnings(warned)[0]).toMatch(/Package Server can be reached/);
  expect(siteSettingsWarnings({ ...defaultSiteSettings, preventForeignPackageServers: true })).toEqual([]);
});
