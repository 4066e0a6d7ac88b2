import fc from 'fast-check';
import type { DatagramMessage } from '../../shared/agent/datagram-message.ts';
import type { DatagramEnvelope } from '../../shared/agent/datagrams/envelope.ts';
import type { BlockRange } from '../../shared/base/block-set.ts';
import { BlockSet } from '../../shared/base/block-set.ts';
import type { AgentId, PackageKey, ServerId } from '../../shared/base/ids.ts';
import type { Contact } from '../../shared/dht/contact.ts';
import type { DhtMessage } from '../../shared/dht/messages.ts';
import { maxEntriesPerStore, maxHoldersPerAnswer, replication } from '../../shared/dht/messages.ts';
import type { NodeId } from '../../shared/dht/node-id.ts';

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const agentId = hex(32).map((text) => text as AgentId);
const key = hex(40).map((text) => text as PackageKey);
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u48 = fc.integer({ min: 0, max: 2 ** 48 - 1 });

/** What every datagram carries. */
export const envelope: fc.Arbitrary<DatagramEnvelope> = fc.record({
  groupKeyId: u32,
  serverId: hex(32).map((text) => text as ServerId),
  agentId,
  bootId: u48,
  sequence: u32,
  dateMs: u48,
});

/** Few enough runs to fit in any form. */
const blocks = fc
  .record({ key, mapVersion: u48, blockCount: fc.integer({ min: 1, max: 20_000 }), isFetching: fc.boolean() })
  .chain((head) =>
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

export const contact: fc.Arbitrary<Contact> = fc.record({
  agentId,
  address: u32,
  port: fc.integer({ min: 1, max: 65535 }),
});
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

/** Every kind of message there is. */
export const message: fc.Arbitrary<DatagramMessage> = fc.oneof(
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
