/** What one computer without peers would cause: a package fetched whole by curl over the same link and the same mutual TLS. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { serverCertificateName } from '../../shared/base/ids.ts';
import { agentIdSchema, serverIdSchema } from '../../shared/contracts/primitives.ts';
import type { FanoutLab, LabAgent, LabPackage } from './fanout-lab.ts';
import type { LabNetwork, WanCounters } from './lab-network.ts';

/** As the agent worker writes it down. */
const identitySchema = z.object({
  agentId: agentIdSchema,
  serverId: serverIdSchema,
  privateKeyPem: z.string(),
  certificatePem: z.string(),
  caCertificatePem: z.string(),
});

export interface PlainDownload extends WanCounters {
  readonly seconds: number;
}

/**
 * Fetches the first `blocks` blocks over one connection with the certificate of an agent, from that agent's computer.
 * Whatever else crosses the link meanwhile is counted too. Bytes that the server counts go to the agent's account.
 */
export async function plainDownload(
  lab: FanoutLab,
  network: LabNetwork,
  agent: LabAgent,
  { guid, version }: LabPackage,
  blocks: number,
  withinMs: number,
): Promise<PlainDownload> {
  const identity = identitySchema.parse(
    JSON.parse(await readFile(path.join(agent.dataFolder, 'identity.json'), 'utf8')),
  );
  const file = (name: string): string => path.join(agent.dataFolder, `plain-download-${name}.pem`);
  await writeFile(file('key'), identity.privateKeyPem, { mode: 0o600 });
  await writeFile(file('certificate'), identity.certificatePem);
  await writeFile(file('ca'), identity.caCertificatePem);
  const host = serverCertificateName(identity.serverId);
  const before = network.wanCounters(agent.subnet);
  const startedAtMs = performance.now();
  await lab.processes.run(
    agent.computer.namespace,
    'curl',
    [
      ...['--silent', '--show-error', '--fail', '--output', '/dev/null'],
      ...['--resolve', `${host}:27800:${network.server.addresses[0]}`],
      ...['--key', file('key'), '--cert', file('certificate'), '--cacert', file('ca')],
      `https://${host}:27800/agent/v1/packages/${guid}/${version}/blocks/[0-${blocks - 1}]`,
    ],
    withinMs,
  );
  const seconds = (performance.now() - startedAtMs) / 1000;
  const after = network.wanCounters(agent.subnet);
  return {
    seconds,
    intoSubnetBytes: after.intoSubnetBytes - before.intoSubnetBytes,
    outOfSubnetBytes: after.outOfSubnetBytes - before.outOfSubnetBytes,
  };
}
