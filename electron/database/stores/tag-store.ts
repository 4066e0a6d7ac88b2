import type { AgentId } from '../../../shared/base/ids.ts';
import type { Executor } from './executor.ts';

/** Rows of one statement: two values each, far below what a database takes in one. */
const rowsPerStatement = 400;

export interface AgentTags {
  readonly agentId: AgentId;
  readonly tags: readonly string[];
}

/** Agents that have any, their tags in the order of letters. */
export async function loadTags(executor: Executor): Promise<Map<AgentId, string[]>> {
  const rows = await executor.selectFrom('agent_tags').selectAll().orderBy('agent_id').orderBy('tag').execute();
  const byAgent = new Map<AgentId, string[]>();
  for (const { agent_id, tag } of rows) {
    const known = byAgent.get(agent_id as AgentId);
    if (known === undefined) byAgent.set(agent_id as AgentId, [tag]);
    else known.push(tag);
  }
  return byAgent;
}

/** Each of the agents has exactly these tags afterwards. To be run in a transaction; throws where one is not enrolled. */
export async function saveTags(executor: Executor, agents: readonly AgentTags[]): Promise<void> {
  for (let at = 0; at < agents.length; at += rowsPerStatement) {
    const ids = agents.slice(at, at + rowsPerStatement).map(({ agentId }) => agentId);
    await executor.deleteFrom('agent_tags').where('agent_id', 'in', ids).executeTakeFirst();
  }
  const rows = agents.flatMap(({ agentId, tags }) => tags.map((tag) => ({ agent_id: agentId as string, tag })));
  for (let at = 0; at < rows.length; at += rowsPerStatement) {
    await executor
      .insertInto('agent_tags')
      .values(rows.slice(at, at + rowsPerStatement))
      .execute();
  }
}
