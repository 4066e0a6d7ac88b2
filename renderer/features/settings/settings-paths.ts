const root = '/settings/targeted-agent-settings';

/** The address of a policy, or of one of its tabs. */
export function policyPath(policyId: string, tab?: string): string {
  const policy = `${root}/${encodeURIComponent(policyId)}`;
  return tab === undefined ? policy : `${policy}/${tab}`;
}
