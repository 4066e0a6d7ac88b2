import type { DeliveryAgentState, InstallSchedule } from '../../../shared/contracts/deliveries.ts';
import type {
  Delivery,
  DeliverySpec,
  DeliveryStatus,
  StageProgress,
} from '../../../shared/contracts/deliveries-api.ts';
import { formatQuantity } from '../../components/format.ts';
import { weekSpanWords } from '../settings/period-words.ts';

/** How the closed lists of a delivery are said to people. */
export const statusWords: Record<DeliveryStatus, string> = {
  scheduled: 'Scheduled',
  running: 'Running',
  paused: 'Paused',
  finished: 'Finished',
  cancelled: 'Cancelled',
};

export const agentStateWords: Record<DeliveryAgentState, string> = {
  'not-offered': 'Not begun',
  offered: 'Waiting',
  downloading: 'Downloading',
  ready: 'Ready',
  installing: 'Installing',
  installed: 'Installed',
  'reboot-pending': 'Reboot pending',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** A moment that somebody has chosen, to the minute. */
export function momentWords(atMs: number): string {
  return moment.format(atMs);
}

function listOfWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

type WeekSpan = DeliverySpec['downloadWindows'][number];

export function windowsWords(windows: readonly WeekSpan[]): string {
  return listOfWords(windows.map(weekSpanWords));
}

/** A date and time of the agent's own clock. */
function localTimeWords(localTime: string): string {
  return localTime.replace('T', ' ');
}

/** When computers install: the end of a sentence. */
export function scheduleWords(schedule: InstallSchedule): string {
  switch (schedule.kind) {
    case 'by-policy':
      return 'when the default software update policy says';
    case 'as-soon-as-possible':
      return 'as soon as possible';
    case 'at':
      return `not before ${localTimeWords(schedule.localTime)}`;
    case 'daily':
      return `at the next ${schedule.timeOfDay}`;
    case 'in-windows':
      return `only ${windowsWords(schedule.windows)}`;
  }
}

export function commandWords(command: NonNullable<DeliverySpec['installation']>['command']): string {
  return command === null ? 'no command' : [command.file, ...command.arguments].join(' ');
}

/** Agents of a stage that need nothing more from this delivery. */
export function doneOfStage({ states }: Pick<StageProgress, 'states'>, hasInstallation: boolean): number {
  const installed = states.installed + states['reboot-pending'];
  return hasInstallation ? installed : installed + states.ready;
}

export function failedOf({ stages }: Pick<Delivery, 'stages'>): number {
  return stages.reduce((sum, { states }) => sum + states.failed, 0);
}

/** Of stages that have begun, agents that have neither done their part nor failed. */
export function underWayOf({ stages, installation }: Pick<Delivery, 'stages' | 'installation'>): number {
  return stages
    .filter(({ startedAtMs }) => startedAtMs !== null)
    .reduce((sum, stage) => {
      const { failed, cancelled } = stage.states;
      return sum + Math.max(0, stage.agents - doneOfStage(stage, installation !== null) - failed - cancelled);
    }, 0);
}

/** The place of the stage that begins next; null: all have begun. */
export function nextStageOf({ stages }: Pick<Delivery, 'stages'>): number | null {
  const index = stages.findIndex(({ startedAtMs }) => startedAtMs === null);
  return index < 0 ? null : index;
}

/** Only what no stage of has begun may be changed. */
export function isChangeable(delivery: Pick<Delivery, 'stages' | 'status'>): boolean {
  return delivery.status !== 'cancelled' && nextStageOf(delivery) === 0;
}

export function begunOf(delivery: Pick<Delivery, 'stages'>): number {
  return nextStageOf(delivery) ?? delivery.stages.length;
}

export function stagesWords(delivery: Pick<Delivery, 'stages'>): string {
  return `${begunOf(delivery)} of ${formatQuantity(delivery.stages.length, 'stage')} begun`;
}
