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
import { replication } from '../../../shared/dht/messages.ts';
import { contact, envelope, message } from '../../helpers/datagram-arbitraries.ts';

const seed = Number(process.env.FANOUT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const replay = `replay with FANOUT_SEED=${seed} npx vitest run test/agent/datagrams`;
console.log(`datagram codecs: ${replay}`);

function sealed(of: DatagramEnvelope, what: DatagramMessage): Uint8Array {
  const signedPart = encodeSignedPart(of, what);
  return sealDatagram(signedPart, hmacSha256(utf8Bytes('group key'), signedPart));
}

function decodedBlocks(what: Extract<DatagramMessage, { kind: 'blocks' }>): readonly BlockRange[] {
  const decoded = decodeDatagram(sealed(fc.sample(envelope, { seed, numRuns: 1 })[0] as DatagramEnvelope, what));
  if (decoded?.message.kind !== 'blocks') throw new Error('not decoded as blocks');
  return decoded.message.ranges;
}

function mapOf(set: BlockSet, blockCount: number): Extract<DatagramMessage, { kind: 'blocks' }> {
  const key = 'ab'.repeat(20) as PackageKey;
  return { kind: 'blocks', key, mapVersion: 1, isFetching: true, blockCount, ranges: set.ranges() };
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
        const received = BlockSet.fromRanges(blockCount, decodedBlocks(mapOf(set, blockCount)));
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
    expect(decodedBlocks(mapOf(set, blockCount))).toEqual(set.ranges());
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
    const what = {
      kind: 'blocks' as const,
      key: 'ab'.repeat(20) as PackageKey,
      mapVersion: 1,
      isFetching: true,
      blockCount: 5,
    };
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

  it('refuses a name that is not percent-encoded: written again it would be cut elsewhere', () => {
    const of = fc.sample(envelope, { seed, numRuns: 1 })[0] as DatagramEnvelope;
    const what: DatagramMessage = { kind: 'alive', name: 'PC-X', address: 0x0a000001, port: 1, packages: [] };
    const withName = (name: string) => {
      const text = String.fromCharCode(...encodeSignedPart(of, what)).replace('PC-X', name);
      return decodeDatagram(sealDatagram(utf8Bytes(text), new Uint8Array(32)))?.message;
    };
    expect(withName('PC%3B1')).toMatchObject({ name: 'PC;1' });
    expect(withName('PC;1')).toBeUndefined();
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
