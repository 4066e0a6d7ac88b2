import type { AgentPackageSettings } from '../../../shared/contracts/agent-package.ts';
import { agentPackageWarning } from '../../../shared/contracts/agent-package.ts';
import { writeServerSetting } from '../../database/stores/server-setting-store.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

/** What holds for every agent, whatever its policy. */
export function agentPackageHandlers(
  parts: HandlerParts,
): Pick<ConsoleHandlers, 'agentPackage' | 'updateAgentPackage'> {
  const { organisation } = parts;
  const shown = (settings: AgentPackageSettings) => {
    const isPeerDownloadingOn = organisation.policies.some(({ stored }) => stored.settings.peerDownloading);
    return { ...settings, warning: agentPackageWarning(settings, isPeerDownloadingOn) };
  };
  return {
    agentPackage: () => shown(organisation.agentPackage),
    updateAgentPackage: async ({ body, signedIn }) => {
      const before = organisation.agentPackage;
      const change = {
        who: signedIn.name,
        action: 'update-agent-package',
        subject: 'Agent package',
        before,
        after: body,
      };
      await writeAudited(parts, change, (transaction) =>
        writeServerSetting(transaction, 'agent-package', JSON.stringify(body)),
      );
      await organisation.reload('agent-package');
      return shown(organisation.agentPackage);
    },
  };
}
