import { BlockSet } from '../base/block-set.ts';
import { hrwWeight } from '../base/hrw.ts';
import type { AgentId, PackageKey } from '../base/ids.ts';
import type { AgentContext } from './agent-context.ts';
import type { DatagramMessage } from './datagram-message.ts';
import { unspreadBlocks } from './lane-window.ts';
import type { PeerEndpoint } from './ports.ts';
import type { Swarm } from './swarm.ts';

/** Holders that answer a want: the first by HRW, so that 200 of them do not answer one newcomer. */
const answeringHolders = 8;
/** From so many on each draws whether it is one of them. */
const manyHolders = 32;
/** Other holders named in a 503. */
const namedHolders = 5;

/** What decides whether an agent answers. */
export interface Answerer {
  readonly ownId: AgentId;
  readonly settings: Pick<AgentContext['settings'], 'peerDownloading'>;
  readonly conditions: Pick<AgentContext['conditions'], 'hasSomethingToGive'>;
  readonly holderFinder: Pick<AgentContext['holderFinder'], 'known'>;
  readonly ports: Pick<AgentContext['ports'], 'random'>;
}

/** Whether this agent, which holds blocks of the package, is one of those who tell it to an agent that wants it. */
export function answersWant(context: Answerer, key: PackageKey, swarm: Swarm | null, sender: AgentId): boolean {
  if (!context.settings.peerDownloading || !context.conditions.hasSomethingToGive) return false;
  const known = swarm?.holders() ?? [];
  // Where very many hold it, ranking them for each that comes would take seconds.
  if (known.length >= manyHolders) return context.ports.random.below(known.length) < answeringHolders;
  const announced = context.holderFinder.known(key).filter((holder) => holder.state === 'ready');
  const holders = new Set([...announced.map((holder) => holder.peer), ...known]);
  const ownWeight = hrwWeight(context.ownId, key + sender);
  let before = 0;
  for (const peer of holders) if (hrwWeight(peer, key + sender) > ownWeight) before++;
  return before < answeringHolders;
}

/** What peers say is still worth knowing when nothing is downloaded here: it is whom a 503 names, and who needs this computer. */
export function hearAsHolder(swarm: Swarm, sender: AgentId, message: DatagramMessage, nowMs: number): void {
  if (message.kind === 'want' || message.kind === 'claim') swarm.noteWanted(sender, nowMs);
  else if (message.kind === 'byebye') swarm.remove(sender);
  else if (message.kind === 'blocks') {
    const blocks = BlockSet.fromRanges(message.blockCount, message.ranges);
    swarm.setMap(sender, blocks, message.mapVersion);
    if (blocks.isFull) return;
    swarm.setResting(sender, !message.isFetching);
    if (message.isFetching) swarm.noteWanted(sender, nowMs);
  }
}

/** A live peer takes part that lacks a block which no other live peer is known to hold. */
export function hasWhatOthersLack(context: AgentContext, blocks: BlockSet | null, swarm: Swarm | null): boolean {
  if (blocks === null || swarm === null) return false;
  swarm.prune((peer) => context.peers.isThere(peer), context.nowMs());
  return swarm.followerCount > 0 && unspreadBlocks(blocks, swarm) > 0;
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
