import { InputQueue } from '../../electron/agent-worker/input-queue.ts';
import { RealClock } from '../../electron/agent-worker/real-clock.ts';
import { describeClockPort } from './clock.contract.ts';
import { CollectedInputs } from './collected-inputs.ts';
import { realTime } from './real-harness.ts';

describeClockPort('real', async () => {
  const inputs = new CollectedInputs();
  const queue = new InputQueue((error) => {
    throw error;
  });
  queue.attach({ handle: inputs.push });
  const clock = new RealClock(queue.push);
  return { clock, inputs, ...realTime(() => clock.close()) };
});
