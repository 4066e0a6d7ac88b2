import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatagramAdapter } from '../../electron/agent-worker/datagram-adapter.ts';
import { GroupKeys } from '../../electron/agent-worker/group-keys.ts';
import { ImpairmentSwitch } from '../../electron/agent-worker/impairment-switch.ts';
import type { AgentInput } from '../../shared/agent/agent-input.ts';
import type { DatagramMessage } from '../../shared/agent/datagram-message.ts';
import { encodeSignedPart, sealDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import type { DatagramEnvelope } from '../../shared/agent/datagrams/envelope.ts';
import type { AgentId, PackageKey, ServerId } from '../../shared/base/ids.ts';
import { cidrContains, cidrOf, parseIpv4 } from '../../shared/base/ipv4.ts';
import { withdrawalStatement } from '../../shared/contracts/withdrawal.ts';
import { eventually, freshLoopbackAddress, randomId } from '../support/agent-fixtures.ts';

const serverId = randomId() as ServerId;
const sender = randomId() as AgentId;
const revoked = randomId() as AgentId;
const snapshotKeys = generateKeyPairSync('ed25519');
const key = randomBytes(32);
const ownPort = 4300;
const hearingPort = 31_000 + (process.pid % 1000);

describe('the datagram adapter', () => {
  const address = freshLoopbackAddress(50);
  const peerAddress = freshLoopbackAddress(50);
  const foreignAddress = freshLoopbackAddress(51);
  const subnet = cidrOf(parseIpv4(address) ?? 0, 24);
  let inputs: AgentInput[];
  let outdated: number;
  let isOverloaded: boolean;
  let adapter: DatagramAdapter;
  let sockets: Socket[];
  let sequence = 100;

  beforeEach(async () => {
    inputs = [];
    outdated = 0;
    isOverloaded = false;
    sockets = [];
    const groupKeys = new GroupKeys();
    groupKeys.replace([
      { id: 1, key: key.toString('base64'), activateAtMs: 0, acceptUntilMs: null },
      { id: 2, key: key.toString('base64'), activateAtMs: 0, acceptUntilMs: Date.now() - 1 },
    ]);
    adapter = new DatagramAdapter({
      impairments: new ImpairmentSwitch(),
      agentId: randomId() as AgentId,
      serverId,
      bootId: 1,
      groupKeys,
      isAllowedAddress: (from) => cidrContains(subnet, from),
      serverTimeMs: () => Date.now(),
      push: (input) => inputs.push(input),
      isOverloaded: () => isOverloaded,
      onOutdated: () => outdated++,
      isRevokedAgent: (agentId) => agentId === revoked,
      snapshotKey: snapshotKeys.publicKey,
    });
    await adapter.hearAt(hearingPort);
    await adapter.openAt({ name: 'lo', address: parseIpv4(address) ?? 0, subnet, port: ownPort });
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

  const datagram = (
    change: Partial<DatagramEnvelope> = {},
    macKey = key,
    message: DatagramMessage = { kind: 'byebye' },
  ): Uint8Array => {
    const envelope = { groupKeyId: 1, serverId, agentId: sender, bootId: 7, sequence: sequence++, dateMs: Date.now() };
    const signedPart = encodeSignedPart({ ...envelope, ...change }, message);
    return sealDatagram(signedPart, createHmac('sha256', macKey).update(signedPart).digest());
  };

  /** What the adapter made of one datagram: `received`, or the reason it was dropped for. */
  const outcomeOf = async (bytes: Uint8Array, from = peerAddress): Promise<string> => {
    const before = inputs.length;
    const socket = await socketAt(from);
    socket.send(bytes, ownPort, address);
    await eventually('the datagram is taken or dropped', () => inputs.length > before);
    const input = inputs[before];
    return input?.kind === 'datagramsDropped' ? input.reason : 'received';
  };

  /** Datagrams, taken or dropped. */
  const lookedAt = (): number =>
    inputs.reduce((sum, input) => sum + (input.kind === 'datagramsDropped' ? input.count : 1), 0);

  it('takes a signed datagram of an agent in its subnet', async () => {
    expect(await outcomeOf(datagram())).toBe('received');
  });

  it('counts what it drops by reason', async () => {
    expect(await outcomeOf(randomBytes(100))).toBe('malformed');
    expect(await outcomeOf(datagram({}, randomBytes(32)))).toBe('wrong-mac');
    expect(await outcomeOf(datagram({ serverId: randomId() as ServerId }))).toBe('foreign-server');
    expect(await outcomeOf(datagram(), foreignAddress)).toBe('outside-subnets');
    expect(inputs.every(({ kind }) => kind === 'datagramsDropped')).toBe(true);
  });

  it('counts what it drops while the agent is too busy, in few inputs', async () => {
    isOverloaded = true;
    const peer = await socketAt(peerAddress);
    for (let sent = 0; sent < 200; sent++) peer.send(datagram(), ownPort, address);
    await eventually('all are dropped', () => lookedAt() === 200);
    expect(new Set(inputs.map((input) => input.kind === 'datagramsDropped' && input.reason))).toEqual(
      new Set(['overloaded']),
    );
    expect(inputs.length).toBeLessThan(200);
  });

  it('asks for its configuration where it does not know the group key', async () => {
    expect(await outcomeOf(datagram({ groupKeyId: 9 }))).toBe('unknown-group-key');
    expect(outdated).toBe(1);
  });

  it('takes a datagram once, and none of an older boot', async () => {
    const bytes = datagram();
    expect(await outcomeOf(bytes)).toBe('received');
    expect(await outcomeOf(bytes)).toBe('replayed');
    expect(await outcomeOf(datagram({ bootId: 8, dateMs: Date.now() + 1000 }))).toBe('received');
    expect(await outcomeOf(datagram())).toBe('older-boot');
  });

  it('drops what a revoked agent sends, although its MAC is right', async () => {
    expect(await outcomeOf(datagram({ agentId: revoked }))).toBe('revoked-agent');
  });

  it('drops what was sent at another time, and asks what time it is', async () => {
    expect(await outcomeOf(datagram({ dateMs: Date.now() - 130_000 }))).toBe('wrong-date');
    expect(await outcomeOf(datagram({ dateMs: Date.now() + 130_000 }))).toBe('wrong-date');
    expect(outdated).toBe(2);
    // A wrong date leaves no trace: the sender's next boot would be an older one else.
    expect(await outcomeOf(datagram({ bootId: 8 }))).toBe('received');
  });

  it('drops what is made with a key that has run out, without asking for a new one', async () => {
    expect(await outcomeOf(datagram({ groupKeyId: 2 }))).toBe('retired-group-key');
    expect(outdated).toBe(0);
  });

  it('passes on a withdrawal only with the signature of the server', async () => {
    const [key, other] = ['ab'.repeat(20), 'cd'.repeat(20)] as [PackageKey, PackageKey];
    const signature = sign(null, withdrawalStatement(key), snapshotKeys.privateKey).toString('hex');
    expect(await outcomeOf(datagram({}, undefined, { kind: 'withdrawal', key: other, signature }))).toBe(
      'wrong-signature',
    );
    expect(await outcomeOf(datagram({}, undefined, { kind: 'withdrawal', key, signature }))).toBe('received');
    expect(inputs.at(-1)).toMatchObject({ message: { kind: 'withdrawal', key, signature } });
  });

  it('answers none of them', async () => {
    const attacker = await socketAt(peerAddress);
    const answers: Buffer[] = [];
    attacker.on('message', (bytes) => answers.push(bytes));
    const good = datagram();
    const mutated = Buffer.from(good);
    mutated[20] = (mutated[20] ?? 0) ^ 0xff;
    const sent = [randomBytes(64), Buffer.alloc(0), mutated, datagram({}, randomBytes(32)), datagram({ bootId: 3 })];
    for (const bytes of [...sent, good, good]) attacker.send(bytes, ownPort, address);
    await eventually('all are looked at', () => lookedAt() >= sent.length + 2);
    expect(answers).toEqual([]);
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
    expect(inputs).toEqual([{ kind: 'datagramsDropped', reason: 'own-echo', count: 1 }]);
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
  const keyOf = (id: number, activateAtMs: number) => ({
    id,
    key: randomBytes(32).toString('base64'),
    activateAtMs,
    acceptUntilMs: null,
  });

  it('sign with the current key and switch at its time, and accept all three', () => {
    const keys = new GroupKeys();
    expect(keys.signingKey(0)).toBeNull();
    keys.replace([keyOf(3, 3000), keyOf(1, 1000), keyOf(2, 2000)]);
    expect(keys.signingKey(2500)?.id).toBe(2);
    expect(keys.signingKey(3000)?.id).toBe(3);
    expect(keys.signingKey(0)?.id).toBe(1);
    const found = (id: number) => {
      const key = keys.find(id, 2500);
      return typeof key === 'string' ? key : key.id;
    };
    expect([1, 2, 3, 4].map(found)).toEqual([1, 2, 3, 'unknown']);
  });

  it('count no longer after the time until which they are accepted', () => {
    const keys = new GroupKeys();
    keys.replace([{ ...keyOf(1, 0), acceptUntilMs: 5000 }, keyOf(2, 3000)]);
    expect(keys.find(1, 4999)).toMatchObject({ id: 1 });
    expect(keys.find(1, 5000)).toBe('retired');
    expect(keys.signingKey(4999)?.id).toBe(2);
  });
});
