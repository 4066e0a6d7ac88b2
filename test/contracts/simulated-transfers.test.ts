import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { AgentPorts, ServingAnswer } from '../../shared/agent/ports.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { blockLengthBytes } from '../../shared/base/units.ts';
import type { Party } from './simulated-harness.ts';
import { SimulatedPlace } from './simulated-harness.ts';
import { describeTransferPort } from './transfers.contract.ts';

const all = [0, 1, 2, 3];
const serveBlock: ServingAnswer = { kind: 'serve-block', maxBytesPerSecond: Number.POSITIVE_INFINITY };

describeTransferPort('simulated', async () => {
  const place = new SimulatedPlace();
  const { key, blockCount, totalSizeBytes, blockSizeBytes } = place.package;
  const source = (name: string, blocks: number[], answer: (input: AgentInput) => ServingAnswer): Party => {
    const party = place.addParty({ name, bootId: 77, blocks }, (input: AgentInput, ports: AgentPorts) => {
      if (input.kind === 'servingRequested') ports.serving.answer(input.requestId, answer(input));
    });
    party.ports.serving.configure({ enabled: true, maxConnections: 20, requestTimeoutMs: 5000, contentKey: null });
    return party;
  };
  const map: ServingAnswer = { kind: 'block-map', mapVersion: 5, blockCount, blocks: BlockSet.full(blockCount) };
  const holder = source('holder', all, (input) =>
    input.kind === 'servingRequested' && input.request.kind === 'block-map' ? map : serveBlock,
  );
  const corrupt = source('corrupt', all, () => serveBlock);
  corrupt.computer.isCorrupting = true;
  const stalling = source('stalling', all, () => serveBlock);
  const empty = source('empty', [], () => ({ kind: 'refuse', code: 'not-available', retryAfterMs: 0, others: [] }));
  const endpointOf = ({ computer: { agentId, address, port } }: Party) => ({ agentId, address, port });
  const others = [endpointOf(holder)];
  const busy = source('busy', all, () => ({ kind: 'refuse', code: 'busy', retryAfterMs: 1500, others }));
  const receiver = place.addParty({ name: 'receiver' });
  const stored = receiver.computer.disk.find(key);
  if (stored !== null) stored.isOpen = true;

  const stopInTheMiddle = () => {
    for (const sending of place.world.sendings) {
      if (sending.facts.from !== stalling.computer || sending.sentBytes * 2 < sending.facts.bytes) continue;
      stalling.computer.isStalling = true;
      place.world.reachabilityChanged();
      return;
    }
    place.world.time.after(500, stopInTheMiddle);
  };
  stopInTheMiddle();

  return {
    transfers: receiver.ports.transfers,
    inputs: receiver.inputs,
    key,
    blockCount,
    blockBytes: blockLengthBytes(0, totalSizeBytes, blockSizeBytes),
    holder: endpointOf(holder),
    corrupt: endpointOf(corrupt),
    empty: endpointOf(empty),
    busy: endpointOf(busy),
    impostor: { ...endpointOf(holder), agentId: 'ee'.repeat(16) as AgentId },
    absent: { agentId: 'dd'.repeat(16) as AgentId, address: receiver.computer.address + 77, port: 4000 },
    stalling: endpointOf(stalling),
    release: () => {
      stalling.computer.isStalling = false;
      place.world.reachabilityChanged();
    },
    storedBlocks: () => all.filter((block) => receiver.computer.disk.holds(key, block)),
    ...place.asHarness(),
  };
});
