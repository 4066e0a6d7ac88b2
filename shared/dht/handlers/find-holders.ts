import type { Contact } from '../contact.ts';
import type { DhtAnswer, DhtRequest } from '../messages.ts';
import { maxHoldersPerAnswer } from '../messages.ts';
import { placeOf } from '../node-id.ts';
import { closestFor } from './find-node.ts';
import type { NodeParts } from './node-parts.ts';

/** Holders that this node knows, itself first, and where else to ask. */
export function answerFindHolders(
  parts: NodeParts,
  from: Contact,
  { requestId, key, wantsToken }: Extract<DhtRequest, { kind: 'find-holders' }>,
  nowMs: number,
): DhtAnswer {
  const held = parts.ownHolding(key);
  // In a crowd that begins at once everybody would name itself, and be asked for an empty map.
  const own = held !== null && held.blocks > 0 ? held : null;
  const holders = parts.store.find(key, from.agentId, nowMs);
  if (own !== null) holders.unshift({ ...parts.self, state: own.state, blocks: own.blocks, isFresh: true });
  return {
    kind: 'holders',
    requestId,
    // Only who is of the subnet may announce in it.
    token: wantsToken && parts.isOfSubnet(from.address) ? parts.tokens.tokenFor(from, nowMs) : 0,
    contacts: closestFor(parts, from, placeOf(key)),
    holders: holders.slice(0, maxHoldersPerAnswer),
  };
}
