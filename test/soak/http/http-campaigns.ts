import path from 'node:path';
import type { AgentId } from '../../../shared/base/ids.ts';
import { agentCertificateName, serverCertificateName } from '../../../shared/base/ids.ts';
import { request, TestAgent } from '../../notification-server/support/test-agent.ts';
import { temporaryFolder } from '../../notification-server/support/test-server.ts';
import type { Campaign } from '../support/campaign.ts';
import { Failures } from '../support/campaign.ts';
import { startFleetUnderTest } from '../support/fleet-under-test.ts';
import { fetchBlockAsPeer } from '../support/peer-requests.ts';
import type { StartedServer } from '../support/target-messages.ts';
import { TargetProcess } from '../support/target-process.ts';
import { attackListener } from './http-campaign.ts';
import type { HttpSubject } from './http-subject.ts';
import { refusedIdentities } from './http-subject.ts';

/** The lowest times that a policy allows, and room for all attackers beside whoever asks something right. */
const agentSettings = { requestTimeout: 5, maxConnections: 100, requestsPerCore: 100 };

/** Malformed requests to the HTTP server that every agent is for its peers. */
export const agentHttpCampaign: Campaign = {
  name: 'http-agent',
  what: 'malformed HTTP, TLS and connections to the HTTP server of an agent, which serves blocks all the while',
  fullCount: 100_000,
  shareCount: 2_000,
  run: async (run) => {
    const failures = new Failures();
    const fleet = await startFleetUnderTest(1, failures, agentSettings);
    try {
      const { guid, version } = fleet.delivered;
      const { attacker } = fleet;
      const blocks = `/peer/v1/packages/${guid}/${version}/blocks`;
      const subject: HttpSubject = {
        target: fleet.agent,
        address: fleet.address,
        port: fleet.port,
        localAddress: fleet.addressInSubnet(99),
        servername: agentCertificateName(fleet.agentId as AgentId),
        ca: attacker.identity.caCertificatePem,
        getPaths: ['/peer/v1/packages', blocks],
        postPaths: ['/peer/v1/hello'],
        blockPath: `${blocks}/0`,
        webSocketPath: null,
        // Handshakes have 10 s and requests 5 s, with room for a busy computer.
        slowWithinMs: 30_000,
        enrolled: { key: attacker.key.privateKeyPem, cert: attacker.identity.certificatePem },
        refused: await refusedIdentities(fleet.server.dataFolder, attacker.agentId),
        probe: async () => {
          const block = await fetchBlockAsPeer(fleet, 2);
          if (!block.equals(fleet.content.subarray(2 * 2_097_152))) throw new Error('another block came');
        },
      };
      return await attackListener(subject, run, failures);
    } finally {
      await fleet.stop();
    }
  },
};

/** Malformed requests to the listener at which every agent knocks. */
export const serverHttpCampaign: Campaign = {
  name: 'http-server',
  what: 'malformed HTTP, TLS and connections to the agents’ listener of a Notification Server, which answers all the while',
  fullCount: 100_000,
  shareCount: 2_000,
  run: async (run) => {
    const failures = new Failures();
    const folder = await temporaryFolder();
    const target = await TargetProcess.start('server', failures);
    try {
      const dataFolder = path.join(folder.path, 'server');
      const started = await target.ask<StartedServer>({ kind: 'start-server', dataFolder, packageBytes: 5_000_000 });
      const { agentUrl, joinToken, packagePath } = started;
      const attacker = await TestAgent.enrol(agentUrl, joinToken, { name: 'attacker' });
      const asker = await TestAgent.enrol(agentUrl, joinToken, { name: 'asker' });
      const { hostname, port } = new URL(agentUrl);
      const subject: HttpSubject = {
        target,
        address: hostname,
        port: Number(port),
        localAddress: '127.0.0.1',
        servername: serverCertificateName(attacker.identity.serverId),
        ca: attacker.identity.caCertificatePem,
        getPaths: ['/configuration', '/additional-subnets', `${packagePath}/snapshot`, `${packagePath}/codebases`].map(
          (rest) => `/agent/v1${rest}`,
        ),
        postPaths: ['/agent/v1/events', '/agent/v1/enrol', '/agent/v1/renew'],
        blockPath: `/agent/v1${packagePath}/blocks/0`,
        webSocketPath: '/agent/v1/feed',
        // Heads have 30 s and bodies 120 s, with room for a busy computer.
        slowWithinMs: 160_000,
        enrolled: { key: attacker.key.privateKeyPem, cert: attacker.identity.certificatePem },
        refused: await refusedIdentities(dataFolder, attacker.agentId),
        probe: async () => {
          for (const wanted of ['/configuration', `${packagePath}/blocks/1`]) {
            // A connection of its own each time: one that is kept alive would be left over at the end.
            const { status } = await request(`${agentUrl}/agent/v1${wanted}`, asker.tlsOptions);
            if (status !== 200) throw new Error(`${wanted} was answered ${status}`);
          }
        },
      };
      const outcome = await attackListener(subject, run, failures);
      attacker.close();
      asker.close();
      return outcome;
    } finally {
      await target.stop();
      await folder.remove();
    }
  },
};
