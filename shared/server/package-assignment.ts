import type { AgentId } from '../base/ids.ts';
import type { PackageAssignment } from '../contracts/package-servers-api.ts';

/** Whether a Package Server keeps a package without being asked for it. */
export function isAssignedTo(
  assignment: PackageAssignment,
  server: { readonly agentId: AgentId; readonly siteId: string | null },
): boolean {
  switch (assignment.mode) {
    case 'on-demand':
      return false;
    case 'all':
      return true;
    case 'listed':
      return assignment.agentIds.includes(server.agentId);
    case 'sites':
      return server.siteId !== null && assignment.siteIds.includes(server.siteId);
  }
}
