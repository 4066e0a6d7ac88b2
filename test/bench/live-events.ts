import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import { TestAgent } from '../notification-server/support/test-agent.ts';

const key = packageKeyOf('00000000-0000-4000-8000-000000000001' as PackageGuid, '1.0');
const blockBytes = 2_097_152;

/** Agents that are connected and tell once a second what came from a peer, until they are stopped. */
export async function sendEventsEachSecond(
  agentUrl: string,
  joinToken: string,
  count: number,
): Promise<{ stop(): Promise<void> }> {
  const agents: TestAgent[] = [];
  for (let index = 0; index < count; index++) {
    const agent = await TestAgent.enrol(agentUrl, joinToken, { name: `live-${index}` });
    await agent.openFeed();
    agents.push(agent);
  }
  let sequence = 0;
  let sending = Promise.resolve();
  const timer = setInterval(() => {
    sequence++;
    const portions = [
      { source: 'peer', reason: 'peer-has-block', agentId: null, bytes: blockBytes, blocks: 1 } as const,
    ];
    const events = [{ kind: 'transferred', sequence, atMs: Date.now(), key, portions }];
    sending = Promise.all(
      agents.map((agent) => agent.request('/events', { method: 'POST', body: { installationEpoch: 1, events } })),
    ).then(() => undefined);
  }, 1000);
  return {
    async stop() {
      clearInterval(timer);
      await sending;
      for (const agent of agents) agent.close();
    },
  };
}
