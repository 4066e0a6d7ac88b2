import { createHmac, randomBytes } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatagramAdapter } from '../../electron/agent-worker/datagram-adapter.ts';
import { GroupKeys } from '../../electron/agent-worker/group-keys.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import { encodeSignedPart, sealDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import type { DatagramEnvelope } from '../../shared/agent/datagrams/envelope.ts';
import type { AgentId, ServerId } from '../../shared/base/ids.ts';
import { cidrContains, cidrOf, parseIpv4 } from '../../shared/base/ipv4.ts';
import { eventually, freshLoopbackAddress, randomId } from '../support/agent-fixtures.ts';

const serverId = randomId() as ServerId;
const sender = randomId() as AgentId;
const key = randomBytes(32);
const ownPort = 4300;
const hearingPort = 31_000 + (process.pid % 1000);

describe('the datagram adapter', () => {
  const address = freshLoopbackAddress(50);
  const peerAddress = freshLoopbackAddress(50);
  const foreignAddress = freshLoopbackAddress(51);
  const subnet = cidrOf(parseIpv4(address) ?? 0, 24);
  let inputs: AgentInput[];
  let unknownKeys: number;
  let adapter: DatagramAdapter;
  let sockets: Socket[];
  let sequence = 100;

  beforeEach(async () => {
    inputs = [];
    unknownKeys = 0;
    sockets = [];
    const groupKeys = new GroupKeys();
    groupKeys.replace([{ id: 1, key: key.toString('base64'), activateAtMs: 0 }]);
    adapter = new DatagramAdapter({
      agentId: randomId() as AgentId,
      serverId,
      bootId: 1,
      interface: { name: 'lo', address: parseIpv4(address) ?? 0, subnet, port: ownPort },
      groupKeys,
      isAllowedAddress: (from) => cidrContains(subnet, from),
      serverTimeMs: () => Date.now(),
      push: (input) => inputs.push(input),
      isOverloaded: () => false,
      onUnknownGroupKey: () => unknownKeys++,
    });
    await adapter.open(hearingPort);
  });

  afterEach(async () => {
    for (const socket of sockets) socket.close();
    await adapter.close();
  });

  const socketAt = async (from: string): Promise<Socket> => {
    const socket = createSocket('udp4');
    sockets.push(socket);
    await new Promise<void>((resolve) => socket.bind({ address: from, port: 0 }, resolve));
    socket.setBroadcast(true);
    return socket;
  };

  const datagram = (change: Partial<DatagramEnvelope> = {}, macKey = key): Uint8Array => {
    const envelope = { groupKeyId: 1, serverId, agentId: sender, bootId: 7, sequence: sequence++, dateMs: Date.now() };
    const signedPart = encodeSignedPart({ ...envelope, ...change }, { kind: 'byebye' });
    return sealDatagram(signedPart, createHmac('sha256', macKey).update(signedPart).digest());
  };

  /** What the adapter made of one datagram: `received`, or the reason it was dropped for. */
  const outcomeOf = async (bytes: Uint8Array, from = peerAddress): Promise<string> => {
    const before = inputs.length;
    const socket = await socketAt(from);
    socket.send(bytes, ownPort, address);
    await eventually('the datagram is taken or dropped', () => inputs.length > before);
    const input = inputs[before];
    return input?.kind === 'datagramDropped' ? input.reason : 'received';
  };

  it('takes a signed datagram of an agent in its subnet', async () => {
    expect(await outcomeOf(datagram())).toBe('received');
  });

  it('counts what it drops by reason', async () => {
    expect(await outcomeOf(randomBytes(100))).toBe('malformed');
    expect(await outcomeOf(datagram({}, randomBytes(32)))).toBe('wrong-mac');
    expect(await outcomeOf(datagram({ serverId: randomId() as ServerId }))).toBe('foreign-server');
    expect(await outcomeOf(datagram(), foreignAddress)).toBe('outside-subnets');
    expect(inputs.every(({ kind }) => kind === 'datagramDropped')).toBe(true);
  });

  it('asks for its configuration where it does not know the group key', async () => {
    expect(await outcomeOf(datagram({ groupKeyId: 9 }))).toBe('unknown-group-key');
    expect(unknownKeys).toBe(1);
  });

  it('takes a datagram once, and none of an older boot', async () => {
    const bytes = datagram();
    expect(await outcomeOf(bytes)).toBe('received');
    expect(await outcomeOf(bytes)).toBe('replayed');
    expect(await outcomeOf(datagram({ bootId: 8, dateMs: Date.now() + 1000 }))).toBe('received');
    expect(await outcomeOf(datagram())).toBe('older-boot');
  });

  it('remembers nothing of a datagram whose MAC is wrong', async () => {
    const forged = datagram({ sequence: 4_000_000_000 }, randomBytes(32));
    expect(await outcomeOf(forged)).toBe('wrong-mac');
    expect(await outcomeOf(datagram())).toBe('received');
  });

  it('does not even count broadcasts of other subnets, and counts its own as echoes', async () => {
    const foreign = await socketAt(foreignAddress);
    foreign.send(datagram(), hearingPort, '127.255.255.255');
    adapter.broadcast(parseIpv4(address) ?? 0, { kind: 'byebye' });
    await eventually('the own broadcast comes back', () => inputs.length > 0);
    expect(inputs).toEqual([{ kind: 'datagramDropped', reason: 'own-echo' }]);
  });

  it('hears at another port when the policy changes it', async () => {
    await adapter.hearAt(hearingPort + 1);
    const peer = await socketAt(peerAddress);
    peer.send(datagram(), hearingPort, '127.255.255.255');
    peer.send(datagram(), hearingPort + 1, '127.255.255.255');
    await eventually('it hears', () => inputs.length > 0);
    expect(inputs).toHaveLength(1);
  });
});

describe('the group keys', () => {
  const keyOf = (id: number, activateAtMs: number) => ({ id, key: randomBytes(32).toString('base64'), activateAtMs });

  it('sign with the current key and switch at its time, and accept all three', () => {
    const keys = new GroupKeys();
    expect(keys.signingKey(0)).toBeNull();
    keys.replace([keyOf(3, 3000), keyOf(1, 1000), keyOf(2, 2000)]);
    expect(keys.signingKey(2500)?.id).toBe(2);
    expect(keys.signingKey(3000)?.id).toBe(3);
    expect(keys.signingKey(0)?.id).toBe(1);
    expect([1, 2, 3, 4].map((id) => keys.find(id)?.id ?? null)).toEqual([1, 2, 3, null]);
  });
});
