/** An agent in a process of its own, so that what it needs and what breaks in it is its own. */
import type { AgentLogger } from '../../../electron/agent-worker/agent-logger.ts';
import { startAgent } from '../../../electron/agent-worker/agent-runtime.ts';
import { Agent } from '../../../shared/agent/agent.ts';
import type { AgentInput } from '../../../shared/agent/agent-input.ts';
import { silentLogger } from '../../support/agent-fixtures.ts';
import type { InputCounts } from '../support/target-messages.ts';
import { answerRequests, trouble } from './target-runtime.ts';

let received = 0;
const dropped: Record<string, number> = {};

// At the door of the core stands what the adapters made of every datagram: that is what a sender has to wait for.
const { handle } = Agent.prototype;
Agent.prototype.handle = function countAndHandle(input: AgentInput): void {
  if (input.kind === 'datagramReceived') received++;
  if (input.kind === 'datagramDropped') dropped[input.reason] = (dropped[input.reason] ?? 0) + 1;
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
    default:
      throw new Error(`an agent is not asked for ${request.kind}`);
  }
});
