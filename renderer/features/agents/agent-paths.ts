export const agentTabs = ['peer-downloading', 'settings'] as const;
export type AgentTab = (typeof agentTabs)[number];

/** The address of an agent, or of one of its tabs. */
export function agentPath(agentId: string, tab?: AgentTab): string {
  return tab === undefined ? `/agents/${agentId}` : `/agents/${agentId}/${tab}`;
}
