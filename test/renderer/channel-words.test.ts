import { expect, test } from 'vitest';
import { matrixOf, subscriberWords, windowWords } from '../../renderer/features/channels/channel-words.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import type { Channel, ChannelCopy } from '../../shared/contracts/channels-api.ts';
import type { Site } from '../../shared/contracts/sites-api.ts';

const guid = '00000000-0000-4000-8000-000000000001' as PackageGuid;
const channel = { packageServers: 2, subscribers: { all: false, siteIds: [], agentIds: [] } } as unknown as Channel;
const sites = [{ id: 's', name: 'North' }] as unknown as Site[];

test('subscribers are told by name, and nobody as a thing to do', () => {
  expect(subscriberWords(channel, sites)).toMatch(/^Nobody keeps it yet\. Nothing is copied until/);
  expect(subscriberWords({ ...channel, subscribers: { all: true, siteIds: [], agentIds: [] } }, sites)).toBe(
    'Every Package Server, those that come later included: 2 Package Servers now.',
  );
  const subscribers = { all: false, siteIds: ['s', 'gone'], agentIds: ['a' as AgentId] };
  expect(subscriberWords({ ...channel, subscribers }, sites)).toBe(
    'The Package Servers of North, a site that is gone and 1 Package Server by name: 2 Package Servers now.',
  );
  expect(windowWords({ windows: [] })).toBe('At any time');
});

test('the matrix has a row for each version and a column for each Package Server, in the order of numbers', () => {
  const copy = (packageServer: string, packageName: string, version: string | null): ChannelCopy =>
    ({ agentId: packageServer, packageServer, online: true, guid, packageName, version }) as unknown as ChannelCopy;
  const { servers, rows } = matrixOf([copy('PS-10', 'b', '1'), copy('PS-2', 'b', '1'), copy('PS-2', 'a', null)]);
  expect(servers.map(({ name }) => name)).toEqual(['PS-2', 'PS-10']);
  expect(rows.map(({ name, copies }) => [name, copies.size])).toEqual([
    ['a', 1],
    ['b 1', 2],
  ]);
});
