import type { Delivery } from '../../../shared/contracts/deliveries-api.ts';
import { formatQuantity } from '../../components/format.ts';
import { failedOf, nextStageOf, underWayOf } from './delivery-words.ts';

export type DeliveryDeed = 'pauseDelivery' | 'resumeDelivery' | 'startNextStage' | 'retryDelivery' | 'cancelDelivery';

/** Only what the server would not refuse now. */
export function isPossible(delivery: Delivery, deed: DeliveryDeed): boolean {
  const { status } = delivery;
  if (status === 'cancelled') return false;
  switch (deed) {
    case 'pauseDelivery':
      return status === 'running' || status === 'scheduled';
    case 'resumeDelivery':
      return status === 'paused';
    case 'startNextStage':
      return nextStageOf(delivery) !== null;
    case 'retryDelivery':
      return failedOf(delivery) > 0;
    case 'cancelDelivery':
      // Of a finished one, too: agents that join its target later would get it.
      return true;
  }
}

interface DeedWords {
  readonly label: string;
  readonly title: string;
  readonly confirmLabel: string;
  /** What will happen. */
  readonly body: string;
  readonly done: string;
}

export function deedWords(delivery: Delivery, deed: DeliveryDeed): DeedWords {
  const name = `“${delivery.packageName}” ${delivery.version}`;
  switch (deed) {
    case 'pauseDelivery':
      return {
        label: 'Pause',
        title: `Pause the delivery of ${name}?`,
        confirmLabel: 'Pause delivery',
        body: `${formatQuantity(underWayOf(delivery), 'agent')} under way hold downloads and installations, and no further stage begins. What runs already is finished, and what is there is kept.`,
        done: `The delivery of ${name} is paused.`,
      };
    case 'resumeDelivery':
      return {
        label: 'Resume',
        title: `Go on with the delivery of ${name}?`,
        confirmLabel: 'Resume delivery',
        body: `${formatQuantity(underWayOf(delivery), 'agent')} under way go on from what is there, and further stages begin when they are due.`,
        done: `The delivery of ${name} goes on.`,
      };
    case 'startNextStage': {
      const next = nextStageOf(delivery) ?? 0;
      const agents = formatQuantity(delivery.stages[next]?.agents ?? 0, 'agent');
      return {
        label: 'Begin next stage',
        title: `Begin stage ${next + 1} of ${delivery.stages.length} now?`,
        confirmLabel: `Begin stage ${next + 1}`,
        body: `${agents} of stage ${next + 1} get ${name} ${next === 0 ? 'without waiting for the time from which it is available' : 'whatever the stage before has come to'}. What has begun cannot be taken back, but the delivery can be paused or cancelled.`,
        done: `Stage ${next + 1} of ${name} has begun.`,
      };
    }
    case 'retryDelivery':
      return {
        label: 'Retry failed',
        title: 'Let the failed agents try again?',
        confirmLabel: 'Retry failed agents',
        body: `${formatQuantity(failedOf(delivery), 'agent')} that failed with ${name} try again, downloads and installations alike.`,
        done: `The agents that failed with ${name} try again.`,
      };
    case 'cancelDelivery':
      return {
        label: 'Cancel delivery',
        title: `Cancel the delivery of ${name}?`,
        confirmLabel: 'Cancel delivery',
        body: `${cancelledWords(delivery)} Agents that join later do not get it, and what is installed stays installed. This cannot be undone; deliver the package again if you need it.`,
        done: `The delivery of ${name} is cancelled.`,
      };
  }
}

function cancelledWords(delivery: Delivery): string {
  const underWay = underWayOf(delivery);
  const next = nextStageOf(delivery);
  const stopped =
    underWay === 0 ? 'No agent is under way.' : `${formatQuantity(underWay, 'agent')} under way will not go on.`;
  if (next === null) return stopped;
  const waiting = delivery.stages.slice(next).reduce((sum, { agents }) => sum + agents, 0);
  return `${stopped} ${formatQuantity(waiting, 'agent')} of stages that have not begun never get it.`;
}
