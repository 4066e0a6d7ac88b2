import { hrwWeight } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import type { PeerEndpoint } from './ports.ts';
import type { Swarm } from './swarm.ts';

/** Holders that answer a want: the first by HRW, so that 200 of them do not answer one newcomer. */
const answeringHolders = 8;
/** Other holders named in a 503. */
const namedHolders = 5;

/** Whether this agent, which holds blocks of the package, is one of those who tell it to an agent that wants it. */
export function answersWant(context: AgentContext, key: PackageKey, swarm: Swarm | null, sender: AgentId): boolean {
  if (!context.settings.peerDownloading || context.conditions.servingProblem !== null) return false;
  const announced = context.holderFinder.known(key).filter((holder) => holder.state === 'ready');
  const holders = new Set([...announced.map((holder) => holder.peer), ...(swarm?.holders() ?? [])]);
  const ownWeight = hrwWeight(context.ownId, key + sender);
  let before = 0;
  for (const peer of holders) if (hrwWeight(peer, key + sender) > ownWeight) before++;
  return before < answeringHolders;
}

/** Others that hold the block and may have a free slot, by chance. */
export function otherHolders(
  { peers, ports }: AgentContext,
  swarm: Swarm | null,
  block: number,
  except: AgentId,
): PeerEndpoint[] {
  const holders = (swarm?.holders() ?? []).filter(
    (peer) => peer !== except && peers.isAlive(peer) && swarm?.holds(peer, block) === true,
  );
  const named: PeerEndpoint[] = [];
  while (named.length < namedHolders && holders.length > 0) {
    const [peer] = holders.splice(ports.random.below(holders.length), 1);
    const endpoint = peer === undefined ? null : peers.find(peer);
    if (endpoint !== null) named.push({ agentId: endpoint.agentId, address: endpoint.address, port: endpoint.port });
  }
  return named;
}
