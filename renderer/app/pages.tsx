import { type ComponentType, lazy, Suspense } from 'react';
import { type ConsolePagePattern, matchPath } from '../../shared/contracts/console-pages.ts';
import { usePath } from '../components/hooks.ts';
import { Waiting } from '../components/waiting.tsx';
import { NotFoundPage } from './not-found-page.tsx';

/** What a page gets from its address. */
export interface PageProps {
  readonly parameters: Record<string, string>;
}

interface Route {
  readonly pattern: ConsolePagePattern;
  readonly page: ComponentType<PageProps>;
}

/** Each page is fetched when it is opened first, so that the first paint carries no table and no chart. */
const routes: readonly Route[] = [
  {
    pattern: '/overview',
    page: lazy(async () => ({ default: (await import('../features/overview/overview-page.tsx')).OverviewPage })),
  },
  {
    pattern: '/settings/targeted-agent-settings/:policyId?/:tab?',
    page: lazy(async () => ({ default: (await import('../features/settings/settings-page.tsx')).SettingsPage })),
  },
  {
    pattern: '/settings/targeted-site-settings/:id?',
    page: lazy(async () => ({
      default: (await import('../features/site-settings/site-settings-page.tsx')).SiteSettingsPage,
    })),
  },
  {
    pattern: '/settings/compare-policies',
    page: lazy(async () => ({ default: (await import('../features/settings/compare-page.tsx')).ComparePage })),
  },
  {
    pattern: '/settings/software-update-plug-in',
    page: lazy(async () => ({
      default: (await import('../features/plug-in-policy/plug-in-policy-page.tsx')).PlugInPolicyPage,
    })),
  },
  {
    pattern: '/settings/agent-package',
    page: lazy(async () => ({
      default: (await import('../features/agent-package/agent-package-page.tsx')).AgentPackagePage,
    })),
  },
  {
    pattern: '/agents',
    page: lazy(async () => ({ default: (await import('../features/agents/agents-page.tsx')).AgentsPage })),
  },
  {
    pattern: '/agents/:agentId/:tab?',
    page: lazy(async () => ({ default: (await import('../features/agents/agent-page.tsx')).AgentPage })),
  },
  {
    pattern: '/packages',
    page: lazy(async () => ({ default: (await import('../features/packages/packages-page.tsx')).PackagesPage })),
  },
  {
    pattern: '/packages/:guid/:version',
    page: lazy(async () => ({ default: (await import('../features/packages/package-page.tsx')).PackagePage })),
  },
  {
    pattern: '/channels',
    page: lazy(async () => ({ default: (await import('../features/channels/channels-page.tsx')).ChannelsPage })),
  },
  {
    pattern: '/channels/:id',
    page: lazy(async () => ({ default: (await import('../features/channels/channel-page.tsx')).ChannelPage })),
  },
  {
    pattern: '/accounts/:tab?/:id?',
    page: lazy(async () => ({ default: (await import('../features/accounts/accounts-page.tsx')).AccountsPage })),
  },
  {
    pattern: '/deliveries',
    page: lazy(async () => ({ default: (await import('../features/deliveries/deliveries-page.tsx')).DeliveriesPage })),
  },
  {
    pattern: '/deliveries/:id',
    page: lazy(async () => ({ default: (await import('../features/deliveries/delivery-page.tsx')).DeliveryPage })),
  },
  {
    pattern: '/fleet',
    page: lazy(async () => ({ default: (await import('../features/fleet/fleet-page.tsx')).FleetPage })),
  },
  {
    pattern: '/sites/:siteId?/:tab?',
    page: lazy(async () => ({ default: (await import('../features/sites/sites-page.tsx')).SitesPage })),
  },
  {
    pattern: '/package-servers/:agentId?',
    page: lazy(async () => ({
      default: (await import('../features/package-servers/package-servers-page.tsx')).PackageServersPage,
    })),
  },
  {
    pattern: '/audit/:id?',
    page: lazy(async () => ({ default: (await import('../features/audit/audit-page.tsx')).AuditPage })),
  },
  {
    pattern: '/reports/:report?',
    page: lazy(async () => ({ default: (await import('../features/reports/reports-page.tsx')).ReportsPage })),
  },
  {
    pattern: '/simulation/:id?',
    page: lazy(async () => ({ default: (await import('../features/simulation/simulation-page.tsx')).SimulationPage })),
  },
  {
    pattern: '/about',
    page: lazy(async () => ({ default: (await import('../features/about/about-page.tsx')).AboutPage })),
  },
  {
    pattern: '/about/licences/:name?',
    page: lazy(async () => ({ default: (await import('../features/about/licences-page.tsx')).LicencesPage })),
  },
  {
    pattern: '/desktop',
    page: lazy(async () => ({ default: (await import('../features/desktop/desktop-page.tsx')).DesktopPage })),
  },
];

export function Pages() {
  const path = usePath();
  for (const { pattern, page: Page } of routes) {
    const parameters = matchPath(pattern, path);
    if (parameters !== null) {
      return (
        <Suspense fallback={<Waiting label="Opening the page" />}>
          <Page parameters={parameters} />
        </Suspense>
      );
    }
  }
  return <NotFoundPage path={path} />;
}
