import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import type { FleetAction, FleetStatus } from '../../../shared/contracts/fleet-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { feedStore } from '../../stores/feed-store.ts';
import { notify } from '../../stores/notice-store.ts';
import { namesOf, onePerProcess } from './fleet-rules.ts';

/** Shown at once, until the feed repeats it. */
export function takeFleet(fleet: FleetStatus): void {
  feedStore.setState({ fleet });
}

/** Does the same to each agent, one after the other; says once what was done, and what was refused. */
export async function act(action: FleetAction, agents: readonly FleetAgentStatus[]): Promise<void> {
  const wanted = action.kind === 'kill' ? onePerProcess(agents) : agents;
  const done: { readonly message: string; readonly agents: readonly string[] }[] = [];
  const refusals: string[] = [];
  for (const { name } of wanted) {
    try {
      const { fleet, ...outcome } = await callConsole('actOnFleetAgent', { params: { name }, body: action });
      takeFleet(fleet);
      done.push(outcome);
    } catch (error) {
      refusals.push(messageOf(error));
    }
  }
  const [first] = done;
  if (first !== undefined) {
    const concerned = [...new Set(done.flatMap((outcome) => outcome.agents))].map((name) => ({ name }));
    notify('success', done.length === 1 ? first.message : `${doneWords[action.kind]}: ${namesOf(concerned)}.`);
  }
  for (const refusal of new Set(refusals)) notify('error', refusal);
}

const doneWords: Record<FleetAction['kind'], string> = {
  start: 'Started',
  stop: 'Stopped',
  kill: 'Killed, and restarted by themselves',
  'slow-down': 'Slowed down',
  'full-speed': 'As fast as their policy lets them',
  corrupt: 'Hand out damaged blocks from now on',
  'stop-corrupting': 'Hand out sound blocks again',
  unplug: 'Unplugged',
  'plug-in': 'Plugged in',
  move: 'Moved',
};

/** False where it was refused; the person is told. */
export async function startDemoFleet(): Promise<boolean> {
  return changed(callConsole('startDemoFleet', {}), 'The demo fleet starts.');
}

export async function stopDemoFleet(): Promise<boolean> {
  return changed(callConsole('stopDemoFleet', {}), 'The demo fleet is stopped.');
}

async function changed(call: Promise<FleetStatus>, message: string): Promise<boolean> {
  try {
    takeFleet(await call);
    notify('success', message);
    return true;
  } catch (error) {
    notify('error', messageOf(error));
    return false;
  }
}
