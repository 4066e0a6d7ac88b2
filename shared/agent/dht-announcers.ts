import type { AgentId, PackageKey } from '../base/ids.ts';
import { maxHoldersPerAnswer, replication } from '../dht/messages.ts';
import { compareDistance, placeOf, placeOfAgent } from '../dht/node-id.ts';
import { placeIndexOf } from '../dht/place-index.ts';
import type { AnnouncedPackage } from './datagram-message.ts';
import type { PeerTable } from './peer-table.ts';

export interface Announcer {
  readonly peers: Pick<PeerTable, 'announcedBy' | 'isAlive'>;
  readonly ownId: AgentId;
  /** The peer has told that it holds every block: in a crowd that comes long before its next announcement. */
  isComplete(agentId: AgentId, key: PackageKey): boolean;
}

/** All peers, and perhaps agents that are none or the agent itself: they have announced nothing. */
type Members = readonly { readonly agentId: AgentId }[];

/**
 * Whether a change of a package is announced to the DHT before the next round: while few have the package. Of a crowd that gets it
 * together the nodes that are asked for holders are holders themselves, and name themselves.
 */
export function announcesChange(announcer: Announcer, members: Members, entry: AnnouncedPackage): boolean {
  let known = 0;
  for (const { agentId } of members) {
    if (counts(announcer, agentId, entry)) known++;
    if (known >= replication) return false;
  }
  return true;
}

/**
 * Whether this agent announces the package in a round, to the DHT of a subnet with these peers. What hundreds have got, few need to
 * say there: the 12 ready holders closest to the key do, and before there are any the eight closest that are getting it. All
 * know by the announcements of the others who they are; who has missed some announces as well.
 */
export function announcesInRound(announcer: Announcer, members: Members, entry: AnnouncedPackage): boolean {
  const enough = entry.state === 'ready' ? maxHoldersPerAnswer : replication;
  const target = placeOf(entry.key);
  const own = placeOfAgent(announcer.ownId);
  let closer = 0;
  placeIndexOf(members).closestFirst(target, ({ agentId }) => {
    if (compareDistance(target, own, placeOfAgent(agentId)) <= 0) return true;
    if (counts(announcer, agentId, entry)) closer++;
    return closer >= enough;
  });
  return closer < enough;
}

/** Whether the peer is known to have the package as well: ready, or in any state where this agent is not. */
function counts(announcer: Announcer, peer: AgentId, { key, state }: AnnouncedPackage): boolean {
  const announced = announcer.peers.announcedBy(peer, key);
  const isInState = announced !== null && (state === 'downloading' || announced.state === 'ready');
  return (isInState || announcer.isComplete(peer, key)) && announcer.peers.isAlive(peer);
}
