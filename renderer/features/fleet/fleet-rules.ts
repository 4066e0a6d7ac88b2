import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import type { FleetAction } from '../../../shared/contracts/fleet-api.ts';
import { formatQuantity } from '../../components/format.ts';

export type ActionKind = FleetAction['kind'];

/** Those of the chosen agents that an action changes something about. */
export function concernedBy(kind: ActionKind, chosen: readonly FleetAgentStatus[]): readonly FleetAgentStatus[] {
  return chosen.filter((agent) => isConcerned(kind, agent));
}

function isConcerned(kind: ActionKind, { state, workerPid, impairments }: FleetAgentStatus): boolean {
  switch (kind) {
    case 'start':
      return state === 'stopped' || state === 'failed';
    case 'stop':
      return state === 'running' || state === 'starting' || state === 'waiting-to-restart';
    case 'kill':
      return workerPid !== null && state !== 'stopped' && state !== 'failed';
    case 'full-speed':
      return impairments.kilobytesPerSecond !== null;
    case 'corrupt':
      return !impairments.corrupts;
    case 'stop-corrupting':
      return impairments.corrupts;
    case 'unplug':
      return !impairments.isUnplugged;
    case 'plug-in':
      return impairments.isUnplugged;
    default:
      return true;
  }
}

/** One agent of each process: a process is killed once, whoever of it was chosen. */
export function onePerProcess(agents: readonly FleetAgentStatus[]): readonly FleetAgentStatus[] {
  const seen = new Set<number | null>();
  return agents.filter(({ workerPid }) => !seen.has(workerPid) && seen.add(workerPid));
}

/** Everybody who goes down with the processes of these agents. */
export function sharingProcesses(
  agents: readonly FleetAgentStatus[],
  all: readonly FleetAgentStatus[],
): readonly FleetAgentStatus[] {
  const pids = new Set(agents.map(({ workerPid }) => workerPid));
  return all.filter(({ workerPid, state }) => workerPid !== null && pids.has(workerPid) && state !== 'stopped');
}

export interface Question {
  readonly title: string;
  readonly confirmLabel: string;
  /** What will happen. */
  readonly text: string;
}

/** What is asked before an action that disturbs agents; null where it disturbs none. */
export function questionOf(
  kind: ActionKind,
  agents: readonly FleetAgentStatus[],
  all: readonly FleetAgentStatus[],
): Question | null {
  const whom = namesOf(agents);
  const one = agents.length === 1;
  switch (kind) {
    case 'stop':
      return {
        title: `Stop ${whom}?`,
        confirmLabel: one ? 'Stop agent' : 'Stop agents',
        text: one
          ? 'It takes leave of its peers and stays stopped until somebody starts it. Its packages and identity stay.'
          : 'They take leave of their peers and stay stopped until somebody starts them. Their packages and identities stay.',
      };
    case 'kill': {
      const down = sharingProcesses(agents, all);
      const processes = onePerProcess(agents).length;
      return {
        title: processes === 1 ? `Kill the process of ${whom}?` : `Kill the processes of ${whom}?`,
        confirmLabel: processes === 1 ? 'Kill process' : 'Kill processes',
        text: [
          down.length === 1
            ? `${namesOf(down)} ends as in a crash, without a word to its peers.`
            : `${namesOf(down)} share ${processes === 1 ? 'this process' : 'these processes'} and end as in a crash, without a word to their peers.`,
          'After a moment they are restarted by themselves and go on with the blocks that are safe on the disk.',
        ].join(' '),
      };
    }
    case 'corrupt':
      return {
        title: `Let ${whom} hand out damaged blocks?`,
        confirmLabel: 'Damage blocks',
        text: `Every block that ${one ? 'it gives' : 'they give'} to a peer is changed on the way; the own ${one ? 'copy stays' : 'copies stay'} intact. Peers see it by the hash, throw the block away and take it from elsewhere; an alert tells of it.`,
      };
    case 'unplug':
      return {
        title: `Unplug ${whom}?`,
        confirmLabel: 'Unplug',
        text: `As if the network cable were pulled: nothing reaches ${one ? 'it' : 'them'} and nothing leaves ${one ? 'it' : 'them'} until ${one ? 'it is' : 'they are'} plugged in again. Peers give ${one ? 'it' : 'them'} up when nothing was heard for the time of the policy.`,
      };
    default:
      return null;
  }
}

/** `a-01`, `a-01 and a-02`, `a-01, a-02 and 3 more agents`. */
export function namesOf(agents: readonly { readonly name: string }[]): string {
  const names = agents.map(({ name }) => name);
  if (names.length <= 1) return names[0] ?? 'no agent';
  if (names.length <= 4) return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, 3).join(', ')} and ${formatQuantity(names.length - 3, 'more agent')}`;
}

/** Rows of the page: the subnets of the plan, and others that agents are in. */
export interface FleetSubnet {
  readonly name: string;
  readonly subnet: string;
  readonly wanKilobitsPerSecond: number | null;
  readonly agents: readonly FleetAgentStatus[];
}

const byName = new Intl.Collator('en', { numeric: true });

export function fleetSubnets(
  subnets: readonly { readonly name: string; readonly subnet: string; readonly wanKilobitsPerSecond: number }[],
  agents: readonly FleetAgentStatus[],
): readonly FleetSubnet[] {
  const planned = new Set(subnets.map(({ subnet }) => subnet));
  const others = [...new Set(agents.map(({ subnet }) => subnet))].filter((subnet) => !planned.has(subnet));
  return [...subnets, ...others.map((subnet) => ({ name: subnet, subnet, wanKilobitsPerSecond: null }))].map((row) => ({
    ...row,
    agents: agents.filter(({ subnet }) => subnet === row.subnet).sort((a, b) => byName.compare(a.name, b.name)),
  }));
}
