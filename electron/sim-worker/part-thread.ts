import type { MessagePort } from 'node:worker_threads';
import type { SimulationRequest } from '../../shared/contracts/simulation.ts';
import type { FromPartThread } from '../../shared/contracts/simulation-parts.ts';
import { partOrderSchema } from '../../shared/contracts/simulation-parts.ts';
import { PartCourse } from '../../shared/sim/rollout/part-course.ts';
import { planOf } from '../../shared/sim/rollout/rollout-plan.ts';
import { partEndOf } from '../../shared/sim/rollout/rollout-run.ts';

/** Between two words about how far it is. */
const eventsPerSlice = 5000;

/** Simulates the parts whose numbers it is told, one after the other, until it is ended. */
export function serveParts(port: MessagePort, request: SimulationRequest): void {
  const { parts } = planOf(request);
  const end = partEndOf(request);
  const tell = (message: FromPartThread): void => port.postMessage(message);
  port.on('message', (message: unknown) => {
    const { part: number } = partOrderSchema.parse(message);
    const part = parts[number];
    if (part === undefined) throw new RangeError(`part ${number} of ${parts.length}`);
    const course = new PartCourse(part, end);
    while (!course.isDone) {
      course.runFor(eventsPerSlice);
      tell({ kind: 'progress', part: number, progress: course.progress });
    }
    tell({ kind: 'done', part: number, outcome: course.outcome() });
  });
}
