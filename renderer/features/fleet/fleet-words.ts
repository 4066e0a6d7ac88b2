import type { ComputerConditions } from '../../../shared/contracts/conditions.ts';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { formatCount } from '../../components/format.ts';
import type { MarkTone } from '../../components/state-mark.tsx';

type FleetState = FleetAgentStatus['state'];

export const fleetStateWords: Record<FleetState, string> = {
  starting: 'Starting',
  running: 'Running',
  'waiting-to-restart': 'Restarting',
  stopping: 'Stopping',
  stopped: 'Stopped',
  failed: 'Failed',
};

export const fleetStateTones: Record<FleetState, MarkTone> = {
  starting: 'busy',
  running: 'good',
  'waiting-to-restart': 'warning',
  stopping: 'busy',
  stopped: 'calm',
  failed: 'bad',
};

export const conditionLabels: Record<Exclude<keyof ComputerConditions, 'cpuLoadPercent'>, string> = {
  onBattery: 'On battery',
  vpn: 'On VPN',
  metered: 'Metered connection',
  internet: 'Outside the network',
  installing: 'Installing software',
};

/** What is done to an agent, and what its computer is in; the longest-lasting first. Empty where all is as usual. */
export function troubleWords({ impairments, conditions }: FleetAgentStatus): readonly string[] {
  const { kilobytesPerSecond, corrupts, isUnplugged } = impairments;
  const flags = Object.entries(conditionLabels) as [keyof typeof conditionLabels, string][];
  return [
    ...(isUnplugged ? ['Unplugged'] : []),
    ...(corrupts ? ['Damages blocks'] : []),
    ...(kilobytesPerSecond === null ? [] : [`${formatCount(kilobytesPerSecond)} KB/s at most`]),
    ...flags.flatMap(([key, label]) => (conditions[key] ? [label] : [])),
    ...(conditions.cpuLoadPercent > 0 ? [`CPU ${conditions.cpuLoadPercent} %`] : []),
  ];
}
