import { SimulatedPlace } from './simulated-harness.ts';
import { describeStorePort } from './store.contract.ts';

describeStorePort('simulated', async () => {
  const place = new SimulatedPlace();
  const { key, blockCount, blockSizeBytes } = place.package;
  const { computer, ports, inputs } = place.addParty({ name: 'agent' });
  return {
    store: ports.store,
    inputs,
    key,
    blockCount,
    blockSizeBytes,
    storeBlock: async (block) => {
      computer.disk.find(key)?.blocks.add(block);
    },
    damageBlock: async (block) => {
      const stored = computer.disk.find(key);
      stored?.blocks.delete(block);
      if (stored !== null) stored.isFinished = false;
      place.world.blocksLost(computer, key, [block]);
    },
    keepSnapshot: async () => computer.disk.keepManifest(place.package),
    restart: async () => {
      computer.life?.end();
      return { restored: computer.disk.restored(), retired: computer.disk.retired };
    },
    ...place.asHarness(),
  };
});
