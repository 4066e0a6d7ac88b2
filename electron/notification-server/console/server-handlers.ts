import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentRecord } from '../agents/agent-directory.ts';
import { Refusal } from '../refusal.ts';
import { agentDetail, agentOrRefuse, agentSummaries } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

type ServerRoutes = 'overview' | 'agents' | 'agent' | 'reportNow' | 'retryNow' | 'joinToken';

/** Agents, traffic, and what belongs to the server itself. */
export function serverHandlers(parts: HandlerParts): Pick<ConsoleHandlers, ServerRoutes> {
  return {
    overview: () => parts.views.overview(),
    agents: () => agentSummaries(parts),
    agent: ({ params }) => agentDetail(parts, agentOrRefuse(parts, params.agentId)),
    reportNow: ({ params }) => {
      tellOnline(parts, params.agentId, 'report-now');
    },
    retryNow: async ({ params, signedIn }) => {
      const { agentId, name } = tellOnline(parts, params.agentId, 'retry-now');
      const change = { who: signedIn.name, action: 'retry-agent', subject: name, before: null, after: { agentId } };
      await writeAudited(parts, change, async () => undefined);
    },

    joinToken: async ({ signedIn }) => {
      const { joinToken, expiresAtMs } = await parts.tokens.make(parts.now(), signedIn.name);
      return { joinToken, serverUrl: parts.agentUrl, expiresAtMs };
    },
  };
}

function tellOnline(parts: HandlerParts, agentId: AgentId, kind: 'report-now' | 'retry-now'): AgentRecord {
  const record = agentOrRefuse(parts, agentId);
  if (!parts.feeds.send(record.agentId, { kind })) throw new Refusal('not-available', `${record.name} is not online.`);
  return record;
}
