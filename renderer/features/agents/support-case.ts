import type { AgentDetail } from '../../../shared/contracts/console-api.ts';
import type { AgentDiagnostics } from '../../../shared/contracts/diagnostics.ts';
import type { SupportCase } from '../../../shared/contracts/support-case.ts';
import { callConsole } from '../../api/console-client.ts';

/** What the page shows now, and what belongs to it, as one document. Rejects as the calls do. */
export async function supportCaseOf(
  agent: AgentDetail,
  diagnostics: AgentDiagnostics | null,
  madeAtMs: number,
): Promise<SupportCase> {
  const params = { agentId: agent.agentId };
  const [{ serverName, productVersion }, effectiveSettings, alerts] = await Promise.all([
    callConsole('session', {}),
    callConsole('effectiveSettings', { params }),
    callConsole('alerts', {}),
  ]);
  return {
    madeAtMs,
    server: { name: serverName, productVersion, consoleUrl: location.origin },
    isLive: diagnostics !== null,
    reason: reasonOf(agent, diagnostics),
    diagnostics,
    agent,
    effectiveSettings,
    alerts: alerts.filter(({ agentId }) => agentId === agent.agentId),
  };
}

function reasonOf(agent: AgentDetail, diagnostics: AgentDiagnostics | null): string | null {
  if (diagnostics !== null) return null;
  return agent.online
    ? `${agent.name} is connected and had not told its diagnostics yet. This is what the server has stored.`
    : `${agent.name} is offline. This is what the server has stored.`;
}
