import type { AgentId } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { TestAnswer } from '../../notification-server/support/test-agent.ts';
import { request } from '../../notification-server/support/test-agent.ts';
import { eventually } from '../../notification-server/support/test-server.ts';
import type { FleetUnderTest } from './fleet-under-test.ts';

/** One request to the agent's HTTP server over a connection of its own, as an enrolled peer makes it. */
export function askAsPeer(
  { attacker, agentId, address, port }: Pick<FleetUnderTest, 'attacker' | 'agentId' | 'address' | 'port'>,
  path: string,
): Promise<TestAnswer> {
  const servername = agentCertificateName(agentId as AgentId);
  return request(`https://${address}:${port}${path}`, { ...attacker.tlsOptions, servername });
}

/** A block of the package that the agent holds; asks again where it is busy. Rejects where it does not come. */
export async function fetchBlockAsPeer(fleet: FleetUnderTest, block: number): Promise<Buffer> {
  const { guid, version } = fleet.delivered;
  const answer = await eventually(
    `block ${block}`,
    async () => {
      const given = await askAsPeer(fleet, `/peer/v1/packages/${guid}/${version}/blocks/${block}`);
      return given.status === 503 ? null : given;
    },
    15_000,
  );
  if (answer.status !== 200) throw new Error(`block ${block} was answered ${answer.status}`);
  return answer.body;
}
