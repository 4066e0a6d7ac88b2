import type { DhtAnswer, DhtRequest } from '../messages.ts';

/** That it comes is the answer. */
export function answerPing({ requestId }: Extract<DhtRequest, { kind: 'ping' }>): DhtAnswer {
  return { kind: 'pong', requestId };
}
