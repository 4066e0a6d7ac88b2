import { expect, it } from 'vitest';
import { agentLines, effectiveSettingLines, matchingAgents } from '../../electron/cli/agents-text.ts';
import { type AgentSummary, agentSummarySchema } from '../../shared/contracts/console-api.ts';

function agent(name: string, more: Partial<AgentSummary> = {}): AgentSummary {
  return agentSummarySchema.parse({
    agentId: '0'.repeat(32),
    name,
    address: '10.1.2.3',
    subnet: null,
    siteName: 'Berlin',
    online: true,
    revokedAtMs: null,
    lastSeenMs: 0,
    policyName: 'Global',
    productVersion: '1.0.0',
    packagesReady: 1,
    packagesAssigned: 2,
    peerBytes: 0,
    directBytes: 0,
    tags: [],
    activity: 'downloading',
    downloading: { key: 'a'.repeat(40), blocks: 3, blockCount: 12 },
    ...more,
  });
}

const agents = [
  agent('PC-41'),
  agent('PC-42', { online: false }),
  agent('pc-5', { siteName: null }),
  agent('LAB-1', { revokedAtMs: 5, online: false }),
];
const namesOf = (filter: Parameters<typeof matchingAgents>[1]) =>
  matchingAgents(agents, filter).map(({ name }) => name);

it('filters by name pattern without regard to case, by site, and by who is connected', () => {
  expect(namesOf({})).toHaveLength(4);
  expect(namesOf({ namePattern: 'Pc-?' })).toEqual(['pc-5']);
  expect(namesOf({ namePattern: 'pc-4*' })).toEqual(['PC-41', 'PC-42']);
  expect(namesOf({ namePattern: 'pc' })).toEqual([]);
  expect(namesOf({ siteName: 'Berlin', isOnline: false })).toEqual(['PC-42', 'LAB-1']);
  expect(namesOf({ isOnline: true })).toEqual(['PC-41', 'pc-5']);
});

it('lists agents with where they are and how far', () => {
  const [head, first, , third, last] = agentLines(agents);
  expect(head).toMatch(/^NAME +STATE +SITE +ADDRESS +POLICY +READY +NOW +TAGS +ID$/);
  expect(first).toMatch(/^PC-41 +online +Berlin +10\.1\.2\.3 +Global +1\/2 +downloading +– /);
  expect(third).toMatch(/^pc-5 +online +– /);
  expect(last).toMatch(/^LAB-1 +revoked /);
});

it('names the page of settings once, and the origin of every value', () => {
  const lines = effectiveSettingLines([
    {
      page: 'targeted-agent-settings',
      key: 'port',
      value: 27801,
      from: { kind: 'default', id: 'p', name: 'Labs' },
    },
    {
      page: 'targeted-agent-settings',
      key: 'peerDownloading',
      value: true,
      from: { kind: 'policy', id: 'p', name: 'Labs' },
    },
    {
      page: 'agent-package',
      key: 'deleteUnusedAfterHours',
      value: 24,
      from: { kind: 'page', id: null, name: 'Agent package' },
    },
    {
      page: 'targeted-site-settings',
      key: 'preventNotificationServer',
      value: false,
      from: { kind: 'default', id: null, name: 'Targeted site settings' },
    },
  ]);
  expect(lines.map((line) => line.replaceAll(/ {2,}/g, '  '))).toEqual([
    'Targeted Agent Settings',
    '  port  27801  default, in "Labs"',
    '  peerDownloading  on  policy "Labs"',
    'Agent package',
    '  deleteUnusedAfterHours  24  page "Agent package"',
    'Targeted site settings',
    '  preventNotificationServer  off  default',
  ]);
});
