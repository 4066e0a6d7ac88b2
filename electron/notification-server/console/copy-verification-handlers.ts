import { Refusal } from '../refusal.ts';
import { agentOrRefuse } from './agent-views.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

/** Whether a copy of a package is what the snapshot says. */
export function copyVerificationHandlers(
  parts: HandlerParts,
): Pick<ConsoleHandlers, 'verifyCopy' | 'copyVerification'> {
  return {
    verifyCopy: ({ params: { guid, version }, body: { from } }) => {
      const stored = parts.organisation.packageVersion(guid, version);
      if (stored === null) throw new Refusal('not-found', 'This server has no such package version.');
      const name = from === 'notification-server' ? 'The Notification Server' : agentOrRefuse(parts, from).name;
      return parts.verifications.start(stored, from, name);
    },
    copyVerification: ({ params: { id } }) => {
      const verification = parts.verifications.find(id);
      if (verification === null) throw new Refusal('not-found', 'There is no such verification any longer.');
      return verification;
    },
  };
}
