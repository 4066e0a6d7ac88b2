import { afterEach, describe, expect, it } from 'vitest';
import type { DatagramMessage } from '../../shared/agent/datagram-message.ts';
import type { DatagramPort } from '../../shared/agent/ports.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { Ipv4 } from '../../shared/base/ipv4.ts';
import type { CollectedInputs, PortHarness } from './collected-inputs.ts';

export interface DatagramParty {
  readonly agentId: AgentId;
  readonly bootId: number;
  readonly address: Ipv4;
  readonly port: number;
  readonly datagrams: DatagramPort;
  readonly inputs: CollectedInputs;
}

export interface DatagramHarness extends PortHarness {
  /** `parties[subnet][agent]`: two subnets, three agents in the first, two in the second. */
  readonly parties: readonly (readonly DatagramParty[])[];
}

const key = 'ab'.repeat(20) as PackageKey;
const otherAgent = '0123456789abcdef0123456789abcdef' as AgentId;

/** One of each kind, with every optional part used. */
export const sampleMessages: readonly DatagramMessage[] = [
  {
    kind: 'alive',
    name: 'reception-3',
    address: 0x7f4a0101,
    port: 27901,
    packages: [
      { key, state: 'downloading', blocks: 12 },
      { key: 'cd'.repeat(20) as PackageKey, state: 'ready', blocks: 48 },
    ],
  },
  { kind: 'byebye' },
  { kind: 'want', key },
  {
    kind: 'claim',
    key,
    epoch: 3,
    lanes: [otherAgent, 'ff'.repeat(16) as AgentId],
    rateCapBytesPerSecond: 10_000_000,
    progressBytes: 123_456_789_012,
    failures: 2,
  },
  { kind: 'release', key, epoch: 4, retryAfterMs: 180_000, failures: 1, successor: otherAgent },
  { kind: 'release', key, epoch: 4, retryAfterMs: 0, failures: 0, successor: null },
  { kind: 'peers', peers: [{ agentId: otherAgent, address: 0x7f4a0201, port: 27801 }] },
  {
    kind: 'blocks',
    key,
    mapVersion: 17,
    blockCount: 64,
    isFetching: true,
    ranges: [
      [0, 5],
      [9, 10],
      [60, 64],
    ],
  },
];

export function describeDatagramPort(name: string, create: () => Promise<DatagramHarness>): void {
  describe(`datagram port: ${name}`, () => {
    let harness: DatagramHarness | undefined;
    const start = async (): Promise<DatagramHarness> => {
      harness = await create();
      return harness;
    };
    afterEach(async () => {
      await harness?.dispose();
      harness = undefined;
    });

    const partyAt = (of: DatagramHarness, subnet: number, agent: number): DatagramParty => {
      const party = of.parties[subnet]?.[agent];
      if (party === undefined) throw new Error(`the harness has no agent ${agent} in subnet ${subnet}`);
      return party;
    };

    it('brings a unicast datagram to its receiver alone, once, with the sender', async () => {
      const it = await start();
      const from = partyAt(it, 0, 0);
      const to = partyAt(it, 0, 1);
      from.datagrams.send(from.address, to, { kind: 'want', key });
      expect(to.inputs.all).toEqual([]);
      await it.until('the datagram arrives', () => to.inputs.of('datagramReceived').length > 0);
      await it.settle();
      expect(to.inputs.of('datagramReceived')).toEqual([
        {
          kind: 'datagramReceived',
          interfaceAddress: to.address,
          from: { address: from.address, port: from.port },
          sender: from.agentId,
          bootId: from.bootId,
          message: { kind: 'want', key },
        },
      ]);
      for (const party of it.parties.flat()) {
        if (party !== to) expect(party.inputs.of('datagramReceived')).toEqual([]);
      }
    });

    it('brings a broadcast to every other agent of the subnet, once, and to nobody outside', async () => {
      const it = await start();
      const from = partyAt(it, 0, 0);
      from.datagrams.broadcast(from.address, { kind: 'want', key });
      const receivers = [partyAt(it, 0, 1), partyAt(it, 0, 2)];
      await it.until('all of the subnet heard it', () =>
        receivers.every(({ inputs }) => inputs.of('datagramReceived').length > 0),
      );
      await it.settle();
      for (const receiver of receivers) {
        const received = receiver.inputs.of('datagramReceived');
        expect(received).toHaveLength(1);
        expect(received[0]).toMatchObject({ sender: from.agentId, from: { address: from.address, port: from.port } });
      }
      expect(from.inputs.of('datagramReceived')).toEqual([]);
      for (const outside of it.parties[1] ?? []) expect(outside.inputs.all).toEqual([]);
    });

    it('carries every kind of message unchanged and in the order of one sender', async () => {
      const it = await start();
      const from = partyAt(it, 1, 0);
      const to = partyAt(it, 1, 1);
      for (const message of sampleMessages) {
        const before = to.inputs.of('datagramReceived').length;
        from.datagrams.send(from.address, to, message);
        await it.until(`${message.kind} arrives`, () => to.inputs.of('datagramReceived').length > before);
      }
      expect(to.inputs.of('datagramReceived').map(({ message }) => message)).toEqual(sampleMessages);
    });

    it('tells nobody of a datagram to an address where nobody lives', async () => {
      const it = await start();
      const from = partyAt(it, 0, 0);
      const target = partyAt(it, 0, 1);
      from.datagrams.send(from.address, { address: target.address + 90, port: 9 }, { kind: 'byebye' });
      await it.settle();
      for (const party of it.parties.flat()) expect(party.inputs.all).toEqual([]);
    });
  });
}
