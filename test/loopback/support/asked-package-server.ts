import type { AgentId, PackageGuid } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { TestAgent } from '../../notification-server/support/test-agent.ts';
import { request } from '../../notification-server/support/test-agent.ts';
import { eventually } from '../../notification-server/support/test-server.ts';

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

/**
 * Waits until its listener has opened anew, as it does with the role: from then on for clients without a certificate, too. It
 * may grant an agent's request before that, and the next one then finds nobody or is broken off.
 */
export async function whenOpenToAnybody({
  address,
  port,
}: Pick<PackageServerPlace, 'address' | 'port'>): Promise<void> {
  const anyFile = `https://${address}:${port}/content/`;
  await eventually('the Package Server answers clients without a certificate', () =>
    request(anyFile, { rejectUnauthorized: false }).then(
      () => true,
      () => null,
    ),
  );
}
