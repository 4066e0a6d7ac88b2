import { describeClockPort } from './clock.contract.ts';
import { SimulatedPlace } from './simulated-harness.ts';

describeClockPort('simulated', async () => {
  const place = new SimulatedPlace();
  const { ports, inputs } = place.addParty({ name: 'agent' });
  return { clock: ports.clock, inputs, ...place.asHarness() };
});
