import { createHmac, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { GroupKeys } from '../../electron/agent-worker/group-keys.ts';
import { HeardDatagram } from '../../electron/agent-worker/heard-datagram.ts';
import { encodeSignedPart, sealDatagram } from '../../shared/agent/datagrams/datagram-codec.ts';
import type { AgentId, PackageKey, ServerId } from '../../shared/base/ids.ts';
import { randomId } from '../support/agent-fixtures.ts';

function keyOf(bytes: Buffer) {
  const keys = new GroupKeys();
  keys.replace([{ id: 1, key: bytes.toString('base64'), activateAtMs: 0, acceptUntilMs: null }]);
  const found = keys.find(1, 1);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

function wantSealedWith(bytes: Buffer): Buffer {
  const envelope = {
    groupKeyId: 1,
    serverId: randomId() as ServerId,
    agentId: randomId() as AgentId,
    bootId: 1,
    sequence: 1,
    dateMs: 1,
  };
  const signedPart = encodeSignedPart(envelope, { kind: 'want', key: 'cd'.repeat(20) as PackageKey });
  return Buffer.from(sealDatagram(signedPart, createHmac('sha256', bytes).update(signedPart).digest()));
}

it('tells each agent of a process by its own key whether a datagram is signed, in any order', () => {
  const [right, wrong] = [randomBytes(32), randomBytes(32)];
  const datagram = new HeardDatagram(wantSealedWith(right));
  // Every agent has made a key object of its own.
  const verdicts = [right, wrong, wrong, right, right].map((key) => datagram.isSignedWith(keyOf(key)));
  expect(verdicts).toEqual([true, false, false, true, true]);
});

it('decodes once', () => {
  const datagram = new HeardDatagram(wantSealedWith(randomBytes(32)));
  expect(datagram.decoded?.message.kind).toBe('want');
  expect(datagram.decoded).toBe(datagram.decoded);
});

it('is signed with nothing where it is malformed', () => {
  const datagram = new HeardDatagram(Buffer.from('NOTIFY nonsense'));
  expect(datagram.decoded).toBeNull();
  expect(datagram.isSignedWith(keyOf(randomBytes(32)))).toBe(false);
});
