import { SimulatedPlace } from './simulated-harness.ts';
import { describeStorePort } from './store.contract.ts';

describeStorePort('simulated', async () => {
  const place = new SimulatedPlace();
  const { key, blockCount } = place.package;
  const { computer, ports, inputs } = place.addParty({ name: 'agent' });
  return {
    store: ports.store,
    inputs,
    key,
    blockCount,
    storeBlock: async (block) => {
      computer.disk.find(key)?.blocks.add(block);
    },
    restart: async () => {
      computer.life?.end();
      return computer.disk.restored();
    },
    ...place.asHarness(),
  };
});
