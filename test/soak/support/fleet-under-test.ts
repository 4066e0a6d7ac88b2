import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { PackageKey } from '../../../shared/base/ids.ts';
import type { AgentConfiguration } from '../../../shared/contracts/agent-api.ts';
import { agentConfigurationSchema } from '../../../shared/contracts/agent-api.ts';
import type { AgentSettings } from '../../../shared/contracts/settings.ts';
import type { DeliveredPackage } from '../../loopback/support/fleet-of-one-subnet.ts';
import { deliver, setUpFleetPolicy } from '../../loopback/support/fleet-of-one-subnet.ts';
import { TestAgent } from '../../notification-server/support/test-agent.ts';
import type { TestServer } from '../../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../../notification-server/support/test-server.ts';
import type { Failures } from './campaign.ts';
import { TargetProcess } from './target-process.ts';

/** A Notification Server in this process, an agent of it in another one, and an enrolled identity for whoever attacks. */
export interface FleetUnderTest {
  readonly server: TestServer;
  readonly agent: TargetProcess;
  readonly agentId: string;
  readonly address: string;
  readonly port: number;
  /** Held by the agent. */
  readonly delivered: DeliveredPackage;
  readonly content: Buffer;
  /** Enrolled, in the agent's subnet. */
  readonly attacker: TestAgent;
  readonly configuration: AgentConfiguration;
  /** Another address in the agent's subnet. */
  addressInSubnet(host: number): string;
  /** Delivers another package and waits until the agent has it; a failure where it does not get it. Gives its key. */
  deliverAnother(failures: Failures): Promise<PackageKey>;
  stop(): Promise<void>;
}

const packageBytes = 5_000_000;

/** @param campaign 0 … 9: keeps the ports and subnets of campaigns apart that run at the same time. */
export async function startFleetUnderTest(
  campaign: number,
  failures: Failures,
  settings: Partial<AgentSettings> = {},
): Promise<FleetUnderTest> {
  const folder = await temporaryFolder();
  const port = 25_000 + campaign * 100 + (process.pid % 100);
  const network = `127.${200 + campaign}.${process.pid % 250}`;
  const address = `${network}.1`;
  const server = await startTestServer(path.join(folder.path, 'server'));
  const agent = await TargetProcess.start('agent', failures);
  const stop = async (): Promise<void> => {
    await agent.stop();
    await server.stop();
    await folder.remove();
  };
  try {
    await setUpFleetPolicy(server, address, port, 0, settings);
    const { agentId } = await agent.ask<{ agentId: string }>({
      kind: 'start-agent',
      agent: {
        name: 'agent',
        dataFolder: path.join(folder.path, 'agent'),
        interface: { name: 'lo', address, prefixLength: 24 },
        port,
        hearingPort: port,
        serverUrl: server.agentUrl,
        joinToken: await server.makeJoinToken(),
      },
    });
    const content = randomBytes(packageBytes);
    const delivered = await deliver(server, folder.path, content);
    await eventually('the agent has the package', () => delivered.readyOn('agent'), 30_000);
    const attacker = await TestAgent.enrol(server.agentUrl, await server.makeJoinToken(), {
      localAddress: `${network}.99`,
      name: 'attacker',
    });
    const answer = await attacker.request('/configuration');
    const configuration = agentConfigurationSchema.parse(answer.json());
    return {
      server,
      agent,
      agentId,
      address,
      port,
      delivered,
      content,
      attacker,
      configuration,
      addressInSubnet: (host) => `${network}.${host}`,
      deliverAnother: async (failed) => {
        const another = await deliver(server, folder.path, randomBytes(packageBytes));
        await eventually('another package', () => another.readyOn('agent'), 60_000).catch((error: Error) =>
          failed.add(`afterwards: ${error.message}`),
        );
        return another.key as PackageKey;
      },
      stop: async () => {
        attacker.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
