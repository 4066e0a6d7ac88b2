import { hrwWeight } from '../base/hrw.ts';
import type { AgentId } from '../base/ids.ts';

/** Agents of one additional subnet that an asking agent is told of. */
export const maxSubnetHints = 32;

/**
 * Of the online agents of a subnet those that `askedBy` is told of: the first by HRW, so that the answer hardly changes
 * when agents come and go, and differs from asking agent to asking agent, so that nobody is probed by everybody.
 */
export function chooseSubnetHints<Agent extends { readonly agentId: AgentId }>(
  askedBy: AgentId,
  online: readonly Agent[],
): Agent[] {
  return online
    .filter(({ agentId }) => agentId !== askedBy)
    .map((agent) => ({ agent, weight: hrwWeight(agent.agentId, askedBy) }))
    .sort((a, b) => b.weight - a.weight || (a.agent.agentId < b.agent.agentId ? -1 : 1))
    .slice(0, maxSubnetHints)
    .map(({ agent }) => agent);
}
