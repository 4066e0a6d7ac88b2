import { defaultAgentPackageSettings } from '../../../shared/contracts/agent-package.ts';
import type { PlugInPolicy } from '../../../shared/contracts/plug-in-policy.ts';
import { defaultPlugInPolicy, plugInPolicyWarning } from '../../../shared/contracts/plug-in-policy.ts';
import { defaultAgentSettings } from '../../../shared/contracts/settings.ts';
import { defaultSiteSettings } from '../../../shared/contracts/site-settings.ts';
import { effectiveSettings } from '../../../shared/server/effective-settings.ts';
import { writeServerSetting } from '../../database/stores/server-setting-store.ts';
import { agentOrRefuse } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

const settingDefaults = {
  policy: defaultAgentSettings,
  agentPackage: defaultAgentPackageSettings,
  plugInPolicy: defaultPlugInPolicy,
  site: defaultSiteSettings,
};

/** When computers install, and everything that holds for one of them. */
export function plugInPolicyHandlers(
  parts: HandlerParts,
): Pick<ConsoleHandlers, 'plugInPolicy' | 'updatePlugInPolicy' | 'effectiveSettings'> {
  const { organisation, resolver } = parts;
  const shown = (policy: PlugInPolicy) => ({ policy, warning: plugInPolicyWarning(policy) });
  return {
    plugInPolicy: () => shown(organisation.plugInPolicy),
    updatePlugInPolicy: async ({ body, signedIn }) => {
      const change = {
        who: signedIn.name,
        action: 'update-plug-in-policy',
        subject: 'Default software update plug-in policy',
        before: organisation.plugInPolicy,
        after: body,
      };
      await writeAudited(parts, change, (transaction) =>
        writeServerSetting(transaction, 'plug-in-policy', JSON.stringify(body)),
      );
      await organisation.reload('plug-in-policy');
      return shown(organisation.plugInPolicy);
    },
    effectiveSettings: ({ params }) => {
      const { policy, site } = resolver.resolve(agentOrRefuse(parts, params.agentId));
      const { agentPackage, plugInPolicy, siteSettings } = organisation;
      const ofSite = siteSettings.settingsOf(site?.id ?? null);
      return effectiveSettings({ policy, agentPackage, plugInPolicy, site: ofSite }, settingDefaults);
    },
  };
}
