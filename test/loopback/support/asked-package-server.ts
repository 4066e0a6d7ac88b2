import type { AgentId, PackageGuid } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { TestAgent } from '../../notification-server/support/test-agent.ts';
import { request } from '../../notification-server/support/test-agent.ts';

export interface PackageServerPlace {
  readonly agentId: AgentId;
  readonly address: string;
  readonly port: number;
}

export interface ContentAnswer {
  readonly status: number;
  readonly retryAfterSeconds: number | null;
  readonly body: Buffer;
}

/** One request for a block, as agents make it of a Package Server. */
export async function askPackageServer(
  asking: TestAgent,
  { agentId, address, port }: PackageServerPlace,
  { guid, version }: { readonly guid: PackageGuid; readonly version: string },
  block: number,
): Promise<ContentAnswer> {
  const path = `/package-server/v1/packages/${guid}/${version}/blocks/${block}`;
  const { status, headers, body } = await request(`https://${address}:${port}${path}`, {
    ...asking.tlsOptions,
    servername: agentCertificateName(agentId),
  });
  const retryAfter = headers['retry-after'];
  return { status, retryAfterSeconds: retryAfter === undefined ? null : Number(retryAfter), body };
}
