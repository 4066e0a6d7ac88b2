/**
 * The pages of the console by their addresses: the console shows them, the desktop application's menu names them, and links from
 * outside may lead to nothing else.
 */

/** Addresses after `#`; parameters as `:name`, optional ones as `:name?`. */
export const consolePagePatterns = [
  '/overview',
  '/settings/targeted-agent-settings/:policyId?/:tab?',
  '/settings/targeted-site-settings/:id?',
  '/settings/compare-policies',
  '/settings/agent-package',
  '/settings/software-update-plug-in',
  '/agents',
  '/agents/:agentId/:tab?',
  '/packages',
  '/packages/:guid/:version',
  '/channels',
  '/channels/:id',
  '/accounts/:tab?/:id?',
  '/deliveries',
  '/deliveries/:id',
  '/fleet',
  '/sites/:siteId?/:tab?',
  '/package-servers/:agentId?',
  '/audit/:id?',
  '/reports/:report?',
  '/simulation/:id?',
  '/desktop',
  '/about',
  '/about/licences/:name?',
] as const;
export type ConsolePagePattern = (typeof consolePagePatterns)[number];

/** Where the menu leads, in the order and by the names of the console's navigation. */
export const consoleMenuPages = [
  { label: 'Overview', path: '/overview' },
  { label: 'Targeted Agent Settings', path: '/settings/targeted-agent-settings' },
  { label: 'Agents', path: '/agents' },
  { label: 'Packages', path: '/packages' },
  { label: 'Deliveries', path: '/deliveries' },
  { label: 'Sites', path: '/sites' },
  { label: 'Package Servers', path: '/package-servers' },
  { label: 'Channels', path: '/channels' },
  { label: 'Reports', path: '/reports' },
  { label: 'Simulation', path: '/simulation' },
  { label: 'Fleet', path: '/fleet' },
  { label: 'Agent package', path: '/settings/agent-package' },
  { label: 'Software update plug-in', path: '/settings/software-update-plug-in' },
  { label: 'Targeted site settings', path: '/settings/targeted-site-settings' },
  { label: 'Accounts', path: '/accounts' },
  { label: 'Audit trail', path: '/audit' },
] as const;

/**
 * Parameters of `path` by a pattern such as `/agents/:agentId/:tab?`, or null where it does not match.
 * Values are decoded; an optional one that is missing is the empty string.
 */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/').slice(1);
  const given = (path.split('?')[0] ?? '').replace(/\/$/, '').split('/').slice(1);
  if (given.length > wanted.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index];
    if (part.startsWith(':')) {
      if (value === undefined && !part.endsWith('?')) return null;
      const decoded = decodeOrNull(value ?? '');
      if (decoded === null) return null;
      parameters[part.slice(1).replace('?', '')] = decoded;
    } else if (part !== value) return null;
  }
  return parameters;
}

function decodeOrNull(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null; // a broken escape in a typed address
  }
}

export const deepLinkProtocol = 'fanout';

/** Ids, versions and names of tabs; nothing that an address, a script or a command line gives a meaning to. */
const linkPattern = /^fanout:\/\/([a-z-]{1,40}(?:\/[A-Za-z0-9._-]{1,100}){0,3})\/?$/;
const longestLink = 400;

/**
 * The page that `fanout://agents/ID` names, as `/agents/ID`; null for everything that is not exactly a page of the console. Any web
 * site or mail can have such a link, so that it may say which page to show and nothing else.
 */
export function pageOfLink(link: string): string | null {
  const path = link.length > longestLink ? undefined : linkPattern.exec(link)?.[1];
  if (path === undefined || path.split('/').some((part) => /^\.+$/.test(part))) return null;
  return isConsolePage(`/${path}`) ? `/${path}` : null;
}

export function isConsolePage(path: string): boolean {
  return consolePagePatterns.some((pattern) => matchPath(pattern, path) !== null);
}
