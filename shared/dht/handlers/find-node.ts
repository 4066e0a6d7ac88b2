import type { Contact } from '../contact.ts';
import type { DhtAnswer, DhtRequest } from '../messages.ts';
import { contactOf, replication } from '../messages.ts';
import type { Place } from '../node-id.ts';
import { placeOf } from '../node-id.ts';
import type { NodeParts } from './node-parts.ts';

export function answerFindNode(
  parts: NodeParts,
  from: Contact,
  { requestId, target }: Extract<DhtRequest, { kind: 'find-node' }>,
): DhtAnswer {
  return { kind: 'nodes', requestId, contacts: closestFor(parts, from, placeOf(target)) };
}

/** The k closest that this node knows, without the asker: it knows itself. */
export function closestFor(parts: NodeParts, asker: Contact, target: Place): Contact[] {
  return parts.table
    .closest(target, replication + 1)
    .filter(({ agentId }) => agentId !== asker.agentId)
    .slice(0, replication)
    .map(contactOf);
}
