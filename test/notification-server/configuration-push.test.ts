import { expect, test } from 'vitest';
import { ConfigurationPush } from '../../electron/notification-server/agents/configuration-push.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { eventually } from './support/test-server.ts';

/** Agents that are online with the configuration "old", of whom the first `affected` have another one now. */
async function pushTo(online: number, affected: number): Promise<number[]> {
  const records = Array.from({ length: online }, (_value, index) => ({
    agentId: `${index}` as AgentId,
    toldEtag: 'old',
  }));
  const spreads: number[] = [];
  const push = new ConfigurationPush({
    etagOf: ({ agentId }) => (Number(agentId) < affected ? 'new' : 'old'),
    online: () => records,
    send: (_agentId, message) => {
      if (message.kind === 'configuration-changed') spreads.push(message.spreadMs);
      return true;
    },
  });
  push.organisationChanged();
  push.organisationChanged();
  await eventually('the push', () => (spreads.length === affected ? true : null));
  expect(records.map(({ toldEtag }) => toldEtag)).toEqual(
    records.map((_record, index) => (index < affected ? 'new' : 'old')),
  );
  // Nobody is told what it knows.
  for (const record of records.slice(0, 1)) push.agentChanged(record);
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
