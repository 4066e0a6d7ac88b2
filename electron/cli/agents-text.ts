import { matchesWildcard } from '../../shared/base/wildcard.ts';
import type { AgentDetail, AgentSummary } from '../../shared/contracts/console-api.ts';
import type { EffectiveSetting } from '../../shared/contracts/policy-pages-api.ts';
import { formatBytes, formatColumns, formatTable, formatTime } from './text-format.ts';

/** How agents are written on the command line. */

export interface AgentFilter {
  readonly siteName?: string;
  readonly isOnline?: boolean;
  /** With `*` and `?`; case does not count, as in targets. */
  readonly namePattern?: string;
}

export function matchingAgents(agents: readonly AgentSummary[], filter: AgentFilter): AgentSummary[] {
  const { siteName, isOnline, namePattern } = filter;
  return agents.filter(
    (agent) =>
      (siteName === undefined || agent.siteName === siteName) &&
      (isOnline === undefined || agent.online === isOnline) &&
      (namePattern === undefined || matchesWildcard(namePattern.toLowerCase(), agent.name.toLowerCase())),
  );
}

export function agentLines(agents: readonly AgentSummary[]): string[] {
  const rows = agents.map((agent) => [
    agent.name,
    stateOf(agent),
    agent.siteName ?? '–',
    agent.address,
    agent.policyName,
    `${agent.packagesReady}/${agent.packagesAssigned}`,
    agent.activity ?? '–',
    agent.tags.join(' ') || '–',
    agent.agentId,
  ]);
  return formatTable([['NAME', 'STATE', 'SITE', 'ADDRESS', 'POLICY', 'READY', 'NOW', 'TAGS', 'ID'], ...rows]);
}

export function stateOf({ online, revokedAtMs }: Pick<AgentSummary, 'online' | 'revokedAtMs'>): string {
  if (revokedAtMs !== null) return 'revoked';
  return online ? 'online' : 'offline';
}

export function detailLines(agent: AgentDetail): string[] {
  const facts = [
    ['id', agent.agentId],
    ['state', `${stateOf(agent)}, last seen ${formatTime(agent.lastSeenMs)}`],
    ['site', agent.siteName ?? 'unassigned'],
    ['address', `${agent.address}${agent.subnet === null ? '' : ` in ${agent.subnet}`}`],
    ['policy', `${agent.policy.name}, version ${agent.policy.version}`],
    ['tags', agent.tags.join(' ') || '–'],
    ['enrolled', formatTime(agent.enrolledAtMs)],
    ['system', `${agent.platform || 'unknown'}${agent.cpuCores === null ? '' : `, ${agent.cpuCores} cores`}`],
    ['version', agent.productVersion],
    ['received', `${formatBytes(agent.peerBytes)} from peers, ${formatBytes(agent.directBytes)} directly`],
  ];
  return [agent.name, ...formatColumns(facts).map((line) => `  ${line}`), ...storedPackageLines(agent)];
}

/** The packages of an agent as the server knows them. */
export function storedPackageLines({ packages }: Pick<AgentDetail, 'packages'>): string[] {
  if (packages.length === 0) return ['No package is assigned to it.'];
  const rows = packages.map(({ name, version, state, blocks, blockCount, bytesBySource, detail }) => [
    name,
    version,
    state,
    `${blocks}/${blockCount}`,
    bytesBySource.map(({ source, reason, bytes }) => `${formatBytes(bytes)} ${source} (${reason})`).join(', ') || '–',
    detail.replaceAll('\n', ' '),
  ]);
  return formatTable([['PACKAGE', 'VERSION', 'STATE', 'BLOCKS', 'RECEIVED', 'DETAIL'], ...rows]);
}

const pageTitles: Readonly<Record<EffectiveSetting['page'], string>> = {
  'targeted-agent-settings': 'Targeted Agent Settings',
  'agent-package': 'Agent package',
  'software-update-plug-in': 'Default software update plug-in policy',
  'targeted-site-settings': 'Targeted site settings',
};

/** Every value with its origin, page by page. */
export function effectiveSettingLines(settings: readonly EffectiveSetting[]): string[] {
  const rows = settings.map(({ key, value, from }) => [`  ${key}`, settingText(value), originText(from)]);
  // One table over all pages, so that their columns stand in line.
  const lines = formatColumns(rows);
  return settings.flatMap(({ page }, index) => {
    const line = lines[index] ?? '';
    return settings[index - 1]?.page === page ? [line] : [pageTitles[page], line];
  });
}

/** As `fanout policy set` takes it. */
export function settingText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function originText({ kind, id, name }: EffectiveSetting['from']): string {
  switch (kind) {
    case 'default':
      return id === null ? 'default' : `default, in "${name}"`;
    case 'policy':
      return `policy "${name}"`;
    case 'page':
      return `page "${name}"`;
    case 'site-settings':
      return `site settings "${name}"`;
  }
}
