import { expect, test } from 'vitest';
import type { AgentConfigurations } from '../../electron/notification-server/agents/agent-configurations.ts';
import type { AgentRecord } from '../../electron/notification-server/agents/agent-directory.ts';
import type { AgentFeeds } from '../../electron/notification-server/agents/agent-feeds.ts';
import { ConfigurationPush } from '../../electron/notification-server/agents/configuration-push.ts';
import { eventually } from './support/test-server.ts';

/** Agents that are online with the configuration "old", of whom the first `affected` have another one now. */
async function pushTo(online: number, affected: number): Promise<number[]> {
  const records = Array.from({ length: online }, (_value, index) => ({ agentId: `${index}`, toldEtag: 'old' }));
  const spreads: number[] = [];
  const configurations = { etagOf: ({ agentId }: { agentId: string }) => (Number(agentId) < affected ? 'new' : 'old') };
  const feeds = {
    online: () => records,
    send: (_agentId: string, { spreadMs }: { spreadMs: number }) => {
      spreads.push(spreadMs);
      return true;
    },
  };
  const push = new ConfigurationPush(configurations as unknown as AgentConfigurations, feeds as unknown as AgentFeeds);
  push.organisationChanged();
  push.organisationChanged();
  await eventually('the push', () => (spreads.length === affected ? true : null));
  expect(records.map(({ toldEtag }) => toldEtag)).toEqual(
    records.map((_record, index) => (index < affected ? 'new' : 'old')),
  );
  // Nobody is told what it knows.
  push.agentChanged(records[0] as unknown as AgentRecord);
  expect(spreads).toHaveLength(affected);
  return [...new Set(spreads)];
}

test('up to 500 agents fetch a changed configuration at once', async () => {
  expect(await pushTo(900, 500)).toEqual([0]);
});

test('more fetch it over a second for each thousand, those who are not affected aside', async () => {
  expect(await pushTo(900, 501)).toEqual([501]);
  expect(await pushTo(4000, 3000)).toEqual([3000]);
});
