import type { RequestOptions } from 'node:https';
import { request } from 'node:https';
import type { AgentId } from '../../../shared/base/ids.ts';
import { agentCertificateName } from '../../../shared/base/ids.ts';

/** What an agent answers when somebody at `localAddress` asks for its packages: "answered 200", or "nothing". */
export function answerOfPeer(
  peer: { readonly agentId: AgentId; readonly address: string; readonly port: number },
  localAddress: string,
  credentials: Pick<RequestOptions, 'key' | 'cert' | 'ca' | 'rejectUnauthorized'>,
): Promise<string> {
  return new Promise((resolve) => {
    const outgoing = request({
      host: peer.address,
      port: peer.port,
      path: '/peer/v1/packages',
      agent: false,
      localAddress,
      servername: agentCertificateName(peer.agentId),
      ...credentials,
    });
    outgoing.on('response', (response) => resolve(`answered ${response.statusCode}`));
    outgoing.on('error', () => resolve('nothing'));
    outgoing.end();
  });
}
