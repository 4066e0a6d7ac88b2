import { request } from 'node:https';
import type { AgentId, PackageGuid } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';
import type { TestAgent } from '../../notification-server/support/test-agent.ts';

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
export function askPackageServer(
  asking: TestAgent,
  { agentId, address, port }: PackageServerPlace,
  { guid, version }: { readonly guid: PackageGuid; readonly version: string },
  block: number,
): Promise<ContentAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...asking.tlsOptions,
      agent: false,
      host: address,
      port,
      path: `/package-server/v1/packages/${guid}/${version}/blocks/${block}`,
      servername: agentCertificateName(agentId),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const retryAfter = response.headers['retry-after'];
        resolve({
          status: response.statusCode ?? 0,
          retryAfterSeconds: retryAfter === undefined ? null : Number(retryAfter),
          body: Buffer.concat(parts),
        });
      });
    });
    outgoing.end();
  });
}
