import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import type { AgentListPart } from '../../shared/contracts/console-feed.ts';

/** Puts the list of all agents together from its parts. */
export class AgentList {
  #agents = new Map<string, AgentSummary>();

  /** The list as it is now where this part was the last one, else null. Who did not change, is the same object as before. */
  take({ isWhole, changed, removed, isLast }: AgentListPart): readonly AgentSummary[] | null {
    if (isWhole) this.#agents = new Map();
    for (const agentId of removed) this.#agents.delete(agentId);
    for (const agent of changed) this.#agents.set(agent.agentId, agent);
    return isLast ? [...this.#agents.values()] : null;
  }
}
