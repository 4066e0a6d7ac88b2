/** An agent in a process of its own, so that what it needs and what breaks in it is its own. */
import type { AgentLogger } from '../../../electron/agent-worker/agent-logger.ts';
import { startAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import { Agent } from '../../../shared/agent/agent.ts';
import type { AgentInput } from '../../../shared/agent/agent-input.ts';
import { formatIpv4 } from '../../../shared/base/ipv4.ts';
import { silentLogger } from '../../support/agent-fixtures.ts';
import type { InputCounts, ServedBlock } from '../support/target-messages.ts';
import { answerRequests, trouble } from './target-runtime.ts';

/** Block answers that leave the agent, by request. */
const serving = new Map<number, { readonly to: string; readonly key: string; readonly block: number }>();
const served: ServedBlock[] = [];
let received = 0;
const dropped: Record<string, number> = {};

// At the door of the core stands what the adapters made of every datagram: that is what a sender has to wait for.
const { handle } = Agent.prototype;
Agent.prototype.handle = function countAndHandle(input: AgentInput): void {
  if (input.kind === 'datagramReceived') received++;
  if (input.kind === 'datagramsDropped') dropped[input.reason] = (dropped[input.reason] ?? 0) + input.count;
  if (input.kind === 'servingRequested' && input.request.kind === 'block') {
    const { key, block } = input.request;
    serving.set(input.requestId, { to: formatIpv4(input.address), key, block });
  }
  if (input.kind === 'servingEnded') {
    const what = serving.get(input.requestId);
    serving.delete(input.requestId);
    if (what !== undefined) served.push({ ...what, bytes: input.sentBytes });
  }
  handle.call(this, input);
};

/** What an agent calls an error is one: nothing that comes over a network may be. */
const logger: AgentLogger = {
  ...silentLogger,
  error: (details, message) => trouble(`${message} ${JSON.stringify(details)}`),
  child: () => logger,
};

answerRequests(async (request) => {
  switch (request.kind) {
    case 'start-agent': {
      const agent = await startAgent({
        ...request.agent,
        productVersion: '0.0.0-soak',
        logger,
        onFailure: ({ code, message }) => trouble(`the agent failed: ${code}: ${message}`),
      });
      return { agentId: agent.agentId };
    }
    case 'inputs':
      return { received, dropped } satisfies InputCounts;
    case 'served':
      return served.splice(0);
    default:
      throw new Error(`an agent is not asked for ${request.kind}`);
  }
});
