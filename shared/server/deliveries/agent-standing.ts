import { assertNever } from '../../base/assert.ts';
import type { DeliveryReport } from '../../contracts/deliveries.ts';
import type { PackageState } from '../../contracts/package-state.ts';
import type { AgentStanding } from './delivery-progress.ts';

export interface AgentReport extends Pick<DeliveryReport, 'round' | 'failure' | 'isRebootPending'> {
  readonly state: PackageState;
}

/**
 * Where an agent stands after what it told; null: where it stood. What is installed stays so, and an old word does not
 * undo a newer "try again".
 */
export function nextStanding(before: AgentStanding | null, report: AgentReport, round: number): AgentStanding | null {
  const told = standingOf(report);
  if (told === null || (before?.state === told.state && before.failure === told.failure)) return null;
  if (told.state === 'failed' && report.round < round) return null;
  switch (before?.state) {
    case 'installed':
      return null;
    case 'reboot-pending':
      return told.state === 'installed' ? told : null;
    case 'cancelled':
      // An installation that had begun could not be called off.
      return told.state === 'installed' || told.state === 'reboot-pending' || told.state === 'failed' ? told : null;
    default:
      return told;
  }
}

function standingOf({ state, failure, isRebootPending }: AgentReport): AgentStanding | null {
  switch (state) {
    case 'downloading':
    case 'ready':
    case 'installing':
      return { state, failure: null };
    case 'installed':
      return { state: isRebootPending ? 'reboot-pending' : 'installed', failure: null };
    case 'failed':
      return { state, failure };
    case 'queued':
    case 'withdrawn':
      return null;
    default:
      return assertNever(state);
  }
}
