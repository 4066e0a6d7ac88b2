import type { Contact } from '../contact.ts';
import type { DhtAnswer, DhtRequest } from '../messages.ts';
import type { NodeParts } from './node-parts.ts';

/** Keeps what the sender holds, or null where it is not of the subnet: then it is not answered. */
export function answerStore(
  parts: NodeParts,
  from: Contact,
  { requestId, token, lifetimeMs, entries }: Extract<DhtRequest, { kind: 'store' }>,
  nowMs: number,
): DhtAnswer | null {
  if (!parts.isOfSubnet(from.address)) return null;
  const { isValid: isAccepted, tokenNow } = parts.tokens.check(token, from, nowMs);
  const enough: number[] = [];
  if (isAccepted) {
    entries.forEach((entry, place) => {
      if (parts.store.put(from, entry, lifetimeMs, nowMs) === 'enough') enough.push(place);
    });
  }
  return { kind: 'stored', requestId, token: tokenNow, isAccepted, enough };
}
