import { assertNever } from '../../../shared/base/assert.ts';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import { agentDetail, agentOrRefuse, agentSummaries } from './agent-views.ts';
import type { TopicReader } from './console-feed.ts';
import type { HandlerParts } from './console-handler.ts';
import { fleetStatus } from './fleet-handlers.ts';

/** The state of a topic, as the console's feed sends it. `diagnosticsOf` answers the newest report of an online agent. */
export function topicReader(
  parts: HandlerParts,
  diagnosticsOf: (agentId: AgentId) => AgentDiagnostics | null,
): TopicReader {
  const { views } = parts;
  return async (topic) => {
    switch (topic.topic) {
      case 'overview':
        return { topic: 'overview', data: await views.overview() };
      case 'agents':
        return { topic: 'agents', data: await agentSummaries(parts) };
      case 'agent': {
        const detail = await agentDetail(parts, agentOrRefuse(parts, topic.agentId));
        return { topic: 'agent', data: { detail, diagnostics: diagnosticsOf(topic.agentId) } };
      }
      case 'policies':
        return { topic: 'policies', data: await views.policies() };
      case 'sites':
        return { topic: 'sites', data: await views.sites() };
      case 'packages':
        return { topic: 'packages', data: await views.packages() };
      case 'imports':
        return { topic: 'imports', data: parts.imports.list() };
      case 'deliveries':
        return { topic: 'deliveries', data: await views.deliveries() };
      case 'fleet':
        return { topic: 'fleet', data: fleetStatus(parts) };
      default:
        return assertNever(topic);
    }
  };
}
