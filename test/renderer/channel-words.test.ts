import { expect, test } from 'vitest';
import { matrixOf, subscriberWords, windowWords } from '../../renderer/features/channels/channel-words.ts';
import type { ChannelCopy } from '../../shared/contracts/channels-api.ts';
import { channelCopySchema, channelSchema } from '../../shared/contracts/channels-api.ts';

const guid = '00000000-0000-4000-8000-000000000001';
const agentId = 'a'.repeat(32);
const channel = channelSchema.parse({
  id: 'c',
  name: 'Office',
  items: [],
  packageServers: 2,
  version: 1,
  updatedAtMs: 1,
  updatedBy: 'ada',
});
const sites = [{ id: 's', name: 'North' }];

test('subscribers are told by name, and nobody as a thing to do', () => {
  expect(subscriberWords(channel, sites)).toMatch(/^Nobody keeps it yet\. Nothing is copied until/);
  const everybody = channelSchema.parse({ ...channel, subscribers: { all: true } });
  expect(subscriberWords(everybody, sites)).toBe(
    'Every Package Server, those that come later included: 2 Package Servers now.',
  );
  const some = channelSchema.parse({ ...channel, subscribers: { siteIds: ['s', 'gone'], agentIds: [agentId] } });
  expect(subscriberWords(some, sites)).toBe(
    'The Package Servers of North, a site that is gone and 1 Package Server by name: 2 Package Servers now.',
  );
  expect(windowWords(channel)).toBe('At any time');
});

test('the matrix has a row for each version and a column for each Package Server, in the order of numbers', () => {
  const copy = (number: number, packageName: string, version: string | null): ChannelCopy =>
    channelCopySchema.parse({
      channelId: 'c',
      channelName: 'Office',
      agentId: number.toString(16).padStart(32, '0'),
      packageServer: `PS-${number}`,
      online: true,
      siteName: null,
      guid,
      version,
      packageName,
      state: 'waiting',
      percent: 0,
      copiedBytes: 0,
      totalSizeBytes: 1,
      priority: 'normal',
      notBeforeMs: null,
      expiresAtMs: null,
      sinceMs: null,
      reason: '',
    });
  const { servers, rows } = matrixOf([copy(10, 'b', '1'), copy(2, 'b', '1'), copy(2, 'a', null)]);
  expect(servers.map(({ name }) => name)).toEqual(['PS-2', 'PS-10']);
  expect(rows.map(({ name, copies }) => [name, copies.size])).toEqual([
    ['a', 1],
    ['b 1', 2],
  ]);
});
