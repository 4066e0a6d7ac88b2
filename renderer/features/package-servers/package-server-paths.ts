/** The address of a Package Server beside its list. */
export function packageServerPath(agentId: string): string {
  return `/package-servers/${agentId}`;
}
