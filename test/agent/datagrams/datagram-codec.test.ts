import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DatagramMessage } from '../../../shared/agent/datagram-message.ts';
import { maxDatagramBytes } from '../../../shared/agent/datagram-message.ts';
import { decodeDatagram, encodeSignedPart, sealDatagram } from '../../../shared/agent/datagrams/datagram-codec.ts';
import type { DatagramEnvelope } from '../../../shared/agent/datagrams/envelope.ts';
import type { BlockRange } from '../../../shared/base/block-set.ts';
import { BlockSet } from '../../../shared/base/block-set.ts';
import { hmacSha256, utf8Bytes } from '../../../shared/base/hashing.ts';
import type { AgentId, PackageKey, ServerId } from '../../../shared/base/ids.ts';
import type { DhtMessage } from '../../../shared/dht/messages.ts';
import { maxEntriesPerStore, maxHoldersPerAnswer, replication } from '../../../shared/dht/messages.ts';
import type { NodeId } from '../../../shared/dht/node-id.ts';

const seed = Number(process.env.FANOUT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const replay = `replay with FANOUT_SEED=${seed} npx vitest run test/agent/datagrams`;
console.log(`datagram codecs: ${replay}`);

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const agentId = hex(32).map((text) => text as AgentId);
const key = hex(40).map((text) => text as PackageKey);
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });

const envelope: fc.Arbitrary<DatagramEnvelope> = fc.record({
  groupKeyId: u32,
  serverId: hex(32).map((text) => text as ServerId),
  agentId,
  bootId: u48,
  sequence: u32,
  dateMs: u48,
});

/** Few enough runs to fit in any form. */
const blocks = fc.record({ key, mapVersion: u48, blockCount: fc.integer({ min: 1, max: 20_000 }) }).chain((head) =>
  fc.array(fc.tuple(fc.nat(head.blockCount), fc.nat(400)), { maxLength: 60 }).map(
    (runs): DatagramMessage => ({
      kind: 'blocks',
      ...head,
      ranges: BlockSet.fromRanges(
        head.blockCount,
        runs.map(([first, length]): BlockRange => [first, first + length]),
      ).ranges(),
    }),
  ),
);

const contact = fc.record({ agentId, address: u32, port: fc.integer({ min: 1, max: 65535 }) });
const state = fc.constantFrom('downloading' as const, 'ready' as const);
const contacts = fc.array(contact, { maxLength: replication });
const holder = fc
  .record({ contact, state, blocks: u32, isFresh: fc.boolean() })
  .map(({ contact: of, ...value }) => ({ ...of, ...value }));
const entry = fc.record({ key, state, blocks: u32 });

const dht: fc.Arbitrary<DhtMessage> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ping' as const, 'pong' as const), requestId: u32 }),
  fc.record({
    kind: fc.constant('find-node' as const),
    requestId: u32,
    target: hex(40).map((text) => text as NodeId),
  }),
  fc.record({ kind: fc.constant('nodes' as const), requestId: u32, contacts }),
  fc.record({ kind: fc.constant('find-holders' as const), requestId: u32, key, wantsToken: fc.boolean() }),
  fc.record({
    kind: fc.constant('holders' as const),
    requestId: u32,
    token: u48,
    contacts,
    holders: fc.array(holder, { maxLength: maxHoldersPerAnswer }),
  }),
  fc.record({
    kind: fc.constant('store' as const),
    requestId: u32,
    token: u48,
    lifetimeMs: u32,
    entries: fc.array(entry, { maxLength: maxEntriesPerStore, size: 'max' }),
  }),
  fc.record({
    kind: fc.constant('stored' as const),
    requestId: u32,
    token: u48,
    isAccepted: fc.boolean(),
    enough: fc.uniqueArray(fc.nat(maxEntriesPerStore - 1)),
  }),
);

const message: fc.Arbitrary<DatagramMessage> = fc.oneof(
  dht.map((of) => ({ kind: 'dht' as const, message: of })),
  fc.record({
    kind: fc.constant('alive' as const),
    // Longer ones are cut, which has a test of its own: a grapheme may be several characters of 12 encoded bytes each.
    name: fc.string({ unit: 'grapheme', maxLength: 12 }).filter((name) => encodeURIComponent(name).length <= 192),
    address: u32,
    port: fc.integer({ min: 1, max: 65535 }),
    packages: fc.array(
      fc.record({ key, state: fc.constantFrom('downloading' as const, 'ready' as const), blocks: u32 }),
      { maxLength: 8 },
    ),
  }),
  fc.constant({ kind: 'byebye' as const }),
  fc.record({ kind: fc.constant('want' as const), key }),
  fc.record({
    kind: fc.constant('withdrawal' as const),
    key,
    signature: fc.uint8Array({ minLength: 64, maxLength: 64 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  }),
  fc.record({
    kind: fc.constant('claim' as const),
    key,
    epoch: u32,
    lanes: fc.array(agentId, { minLength: 1, maxLength: 8 }),
    rateCapBytesPerSecond: u48,
    progressBytes: u48,
    failures: fc.integer({ min: 0, max: 65535 }),
  }),
  fc.record({
    kind: fc.constant('release' as const),
    key,
    epoch: u32,
    retryAfterMs: u32,
    failures: fc.integer({ min: 0, max: 65535 }),
    successor: fc.option(agentId),
  }),
  fc.record({
    kind: fc.constant('peers' as const),
    peers: fc.array(fc.record({ agentId, address: u32, port: fc.integer({ min: 1, max: 65535 }) }), {
      minLength: 1,
      maxLength: 32,
    }),
  }),
  blocks,
);

function sealed(of: DatagramEnvelope, what: DatagramMessage): Uint8Array {
  const signedPart = encodeSignedPart(of, what);
  return sealDatagram(signedPart, hmacSha256(utf8Bytes('group key'), signedPart));
}

function decodedBlocks(what: Extract<DatagramMessage, { kind: 'blocks' }>): readonly BlockRange[] {
  const decoded = decodeDatagram(sealed(fc.sample(envelope, { seed, numRuns: 1 })[0] as DatagramEnvelope, what));
  if (decoded?.message.kind !== 'blocks') throw new Error('not decoded as blocks');
  return decoded.message.ranges;
}

describe('datagram codecs', () => {
  it('gives back every message and envelope, within 1,200 bytes', () => {
    fc.assert(
      fc.property(envelope, message, (of, what) => {
        const datagram = sealed(of, what);
        expect(datagram.length).toBeLessThanOrEqual(maxDatagramBytes);
        const decoded = decodeDatagram(datagram);
        expect(decoded?.envelope).toEqual(of);
        expect(decoded?.message).toEqual(what);
        const mac = hmacSha256(utf8Bytes('group key'), decoded?.signedPart ?? new Uint8Array());
        expect(decoded?.mac).toEqual(mac);
      }),
      { seed, numRuns: 2000 },
    );
  });

  it('never throws on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1300 }), (bytes) => {
        decodeDatagram(bytes);
      }),
      { seed, numRuns: 3000 },
    );
  });

  it('never throws on a datagram with flipped bytes or a cut end, and never keeps the MAC valid', () => {
    const mutation = fc.record({
      at: fc.nat(1200),
      xor: fc.integer({ min: 1, max: 255 }),
      cut: fc.option(fc.nat(1200)),
    });
    fc.assert(
      fc.property(envelope, message, mutation, (of, what, { at, xor, cut }) => {
        const original = sealed(of, what);
        const bytes = original.slice(0, cut === null ? undefined : cut);
        if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ xor;
        const decoded = decodeDatagram(bytes);
        if (decoded !== null) {
          expect(decoded.mac).not.toEqual(hmacSha256(utf8Bytes('group key'), decoded.signedPart));
        }
      }),
      { seed, numRuns: 4000 },
    );
  });

  it('sends a prefix of a set of blocks that does not fit, and nothing that is not in it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 39 }), (period, width) => {
        const blockCount = 200_000;
        const set = new BlockSet(blockCount);
        for (let block = 0; block < blockCount; block++)
          if (block % period < Math.min(width, period - 1)) set.add(block);
        const what = { kind: 'blocks' as const, key: 'ab'.repeat(20) as PackageKey, mapVersion: 1, blockCount };
        const received = BlockSet.fromRanges(blockCount, decodedBlocks({ ...what, ranges: set.ranges() }));
        const end = received.ranges().at(-1)?.[1] ?? 0;
        // 1,000 bytes hold a bitmap of 8,000 blocks at least: a prefix is never shorter than one period before that.
        expect(end).toBeGreaterThan(8000 - period);
        for (let block = 0; block < end; block++) expect(received.has(block)).toBe(set.has(block));
      }),
      { seed, numRuns: 30 },
    );
  });

  it('holds the whole map of a 10 GB package of any pattern', () => {
    const blockCount = 4769;
    const set = new BlockSet(blockCount);
    for (let block = 0; block < blockCount; block += 2) set.add(block);
    const what = { kind: 'blocks' as const, key: 'ab'.repeat(20) as PackageKey, mapVersion: 1, blockCount };
    expect(decodedBlocks({ ...what, ranges: set.ranges() })).toEqual(set.ranges());
  });

  it('refuses a DHT answer with more contacts, holders or entries than an answer has', () => {
    const of = fc.sample(envelope, { seed, numRuns: 1 })[0] as DatagramEnvelope;
    const [anybody] = fc.sample(contact, { seed, numRuns: 1 });
    if (anybody === undefined) throw new Error('no contact');
    const contacts = Array.from({ length: replication + 1 }, () => anybody);
    expect(decodeDatagram(sealed(of, { kind: 'dht', message: { kind: 'nodes', requestId: 1, contacts } }))).toBeNull();
    const full = contacts.slice(1);
    const decoded = decodeDatagram(
      sealed(of, { kind: 'dht', message: { kind: 'nodes', requestId: 1, contacts: full } }),
    );
    expect(decoded?.message).toMatchObject({ kind: 'dht', message: { contacts: full } });
  });

  it('refuses ranges beyond the package', () => {
    const of = fc.sample(envelope, { seed, numRuns: 1 })[0] as DatagramEnvelope;
    const what = { kind: 'blocks' as const, key: 'ab'.repeat(20) as PackageKey, mapVersion: 1, blockCount: 5 };
    expect(decodeDatagram(sealed(of, { ...what, ranges: [[0, 6]] }))).toBeNull();
  });

  it('cuts a name that is too long instead of the datagram', () => {
    const of = fc.sample(envelope, { seed, numRuns: 1 })[0] as DatagramEnvelope;
    const what: DatagramMessage = {
      kind: 'alive',
      name: `${'Ä'.repeat(500)}\ud800`,
      address: 0x0a000001,
      port: 65535,
      packages: Array.from({ length: 8 }, () => ({
        key: 'ab'.repeat(20) as PackageKey,
        state: 'ready' as const,
        blocks: 0xffffffff,
      })),
    };
    const decoded = decodeDatagram(sealed(of, what));
    expect(decoded?.message).toMatchObject({ kind: 'alive', name: 'Ä'.repeat(32) });
  });

  it('announces in a form that a person can read in a capture', () => {
    const signedPart = encodeSignedPart(
      {
        groupKeyId: 7,
        serverId: '00'.repeat(16) as ServerId,
        agentId: '11'.repeat(16) as AgentId,
        bootId: 42,
        sequence: 9,
        dateMs: 1_700_000_000_000,
      },
      { kind: 'byebye' },
    );
    expect(String.fromCharCode(...signedPart).split('\r\n')).toEqual([
      'NOTIFY * HTTP/1.1',
      'HOST: subnet.fanout',
      'NT: urn:fanout:agent:1',
      'NTS: byebye',
      `USN: uuid:${'11'.repeat(16)}`,
      `NS: ${'00'.repeat(16)}`,
      'KEY: 7',
      'BOOT: 42',
      'SEQ: 9',
      'DATE: 1700000000000',
      '',
    ]);
  });
});
