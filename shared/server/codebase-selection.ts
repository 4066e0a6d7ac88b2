import type { Codebase } from '../contracts/agent-api.ts';

export interface KnownServer {
  /** `https://host:port` of the agents' listener. */
  readonly agentUrl: string;
  readonly certificateName: string;
}

/** Where an agent may download from, best first. Until there are Package Servers that is the Notification Server alone. */
export function selectCodebases(notificationServer: KnownServer): Codebase[] {
  return [
    {
      source: 'notification-server',
      url: `${notificationServer.agentUrl}/agent/v1`,
      certificateName: notificationServer.certificateName,
    },
  ];
}
