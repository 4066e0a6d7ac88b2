import type { DatagramParty } from './datagrams.contract.ts';
import { describeDatagramPort } from './datagrams.contract.ts';
import { SimulatedPlace } from './simulated-harness.ts';

describeDatagramPort('simulated', async () => {
  const place = new SimulatedPlace();
  const partyIn = (subnet: number, bootId: number): DatagramParty => {
    const { computer, ports, inputs } = place.addParty({ name: 'agent', subnet, bootId });
    const { agentId, address, port } = computer;
    return { agentId, address, port, bootId, datagrams: ports.datagrams, inputs };
  };
  const parties = [
    [partyIn(0, 1), partyIn(0, 2), partyIn(0, 3)],
    [partyIn(1, 4), partyIn(1, 5)],
  ];
  return { parties, ...place.asHarness() };
});
