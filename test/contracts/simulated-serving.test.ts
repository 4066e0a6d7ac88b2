import type { ServingRequest } from '../../shared/agent/agent-input.ts';
import { blockLengthBytes } from '../../shared/base/units.ts';
import { routeToPeer } from '../../shared/sim/peer-route.ts';
import type { PeerAnswer } from './serving.contract.ts';
import { describeServingPort } from './serving.contract.ts';
import { SimulatedPlace } from './simulated-harness.ts';

describeServingPort('simulated', async () => {
  const place = new SimulatedPlace();
  const { key, guid, version, totalSizeBytes, blockSizeBytes } = place.package;
  const blockBytes = blockLengthBytes(0, totalSizeBytes, blockSizeBytes);
  const server = place.addParty({ name: 'server', blocks: [0, 1] });
  const asking = place.addParty({ name: 'asking' });

  const ask = (request: ServingRequest, leavesAtOnce = false): Promise<PeerAnswer> =>
    new Promise((resolve) => {
      const failed = () => resolve({ kind: 'failed' });
      routeToPeer(asking.life, server.computer, {
        isAbandoned: () => false,
        failed,
        arrived: (serving) =>
          serving.receive({
            requester: asking.computer,
            request,
            maxBytesPerSecond: Number.POSITIVE_INFINITY,
            isAbandoned: () => false,
            refused: (refusal) => {
              const { code, retryAfterMs, others } = refusal;
              resolve({ kind: 'refused', code, retryAfterMs, others });
            },
            mapped: ({ mapVersion, blocks }) => {
              const held = Array.from({ length: blocks.size }, (_, block) => block).filter((block) =>
                blocks.has(block),
              );
              resolve({ kind: 'block-map', mapVersion, blocks: held });
            },
            sending: (sending) => {
              if (!leavesAtOnce) return;
              place.world.time.after(20_000, () => {
                sending.abandon();
                failed();
              });
            },
            sent: (isCorrupt) => resolve({ kind: 'block', bytes: blockBytes, intact: !isCorrupt }),
            broken: failed,
          }),
      });
    });

  return {
    serving: server.ports.serving,
    inputs: server.inputs,
    key,
    blockBytes,
    peer: asking.computer,
    requestBlock: (block) => ask({ kind: 'block', key, block }),
    requestBlockMap: () => ask({ kind: 'block-map', key }),
    requestContent: (block) => ask({ kind: 'content', key, guid, version, block }),
    requestBlockAndLeave: async (block) => {
      await ask({ kind: 'block', key, block }, true);
    },
    ...place.asHarness(),
  };
});
