import { newestAlerts } from '../../database/stores/alert-store.ts';
import { shownKeys } from '../agents/group-key-rotation.ts';
import { agentOrRefuse, agentSummary } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

type SecurityRoutes = 'revokeAgent' | 'groupKeys' | 'rotateGroupKeys' | 'alerts';

const shownAlerts = 500;

/** Who may take part, and what an administrator has to know about it. */
export function securityHandlers(parts: HandlerParts): Pick<ConsoleHandlers, SecurityRoutes> {
  const { organisation, directory, rotation, revocation } = parts;
  return {
    revokeAgent: async ({ params, signedIn }) => {
      await revocation.revoke(params.agentId, signedIn.name);
      return agentSummary(parts, agentOrRefuse(parts, params.agentId));
    },
    groupKeys: () => shownKeys(organisation.groupKeys),
    rotateGroupKeys: async ({ signedIn }) => {
      await rotation.rotate(signedIn.name);
      return shownKeys(organisation.groupKeys);
    },
    alerts: async () =>
      (await newestAlerts(parts.database, shownAlerts)).map((alert) => ({
        ...alert,
        agentName: directory.get(alert.agentId)?.name ?? '',
      })),
  };
}
