import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import { Xoshiro128 } from '../../shared/base/prng.ts';
import type { Contact, ContactBook } from '../../shared/dht/contact.ts';
import { DhtNode } from '../../shared/dht/dht-node.ts';
import type { DhtMessage } from '../../shared/dht/messages.ts';
import { maxHoldersPerAnswer } from '../../shared/dht/messages.ts';
import { compareDistance, nodeIdOf, placeOf, placeOfAgent, sharedBits } from '../../shared/dht/node-id.ts';
import { enoughHolders, maxValuesPerAgent, PackageStateStore } from '../../shared/dht/package-state-store.ts';
import { placeIndexOf } from '../../shared/dht/place-index.ts';
import { RoutingTable } from '../../shared/dht/routing-table.ts';
import { WriteTokens } from '../../shared/dht/write-tokens.ts';
import { holds } from '../helpers/properties.ts';

const agentOf = (number: number): AgentId => number.toString(16).padStart(32, '0') as AgentId;
const keyOf = (number: number): PackageKey => number.toString(16).padStart(40, '0') as PackageKey;
const contactOf = (number: number): Contact => ({
  agentId: agentOf(number),
  address: 0x0a000000 + number,
  port: 27801,
});

class Book implements ContactBook {
  readonly heardAtMs = new Map<AgentId, number>();
  #members: readonly Contact[] = [];

  hear(contact: Contact, atMs = 0): void {
    this.heardAtMs.set(contact.agentId, atMs);
    this.#members = [...this.#members.filter(({ agentId }) => agentId !== contact.agentId), contact];
  }

  members(): readonly Contact[] {
    return this.#members;
  }

  lastHeardMs(agentId: AgentId): number | null {
    return this.heardAtMs.get(agentId) ?? null;
  }

  isAvailable(agentId: AgentId): boolean {
    return this.heardAtMs.has(agentId);
  }
}

describe('node ids', () => {
  it('are the first 160 bits of SHA-256 of the agent id', () => {
    // printf 00000000000000000000000000000001 | sha256sum
    expect(nodeIdOf(agentOf(1))).toBe('e0cca2965509df678c8064f5e0b9076016fa752f');
    expect(placeOf(nodeIdOf(agentOf(1)))).toEqual(placeOfAgent(agentOf(1)));
  });

  it('are ordered by the XOR metric, as big numbers are', () => {
    const id = fc.integer({ min: 0, max: 2 ** 31 }).map((number) => nodeIdOf(agentOf(number)));
    holds(
      fc.property(id, id, id, (target, a, b) => {
        const distance = (to: string): bigint => BigInt(`0x${target}`) ^ BigInt(`0x${to}`);
        const expected = distance(a) < distance(b) ? -1 : distance(a) > distance(b) ? 1 : 0;
        expect(Math.sign(compareDistance(placeOf(target), placeOf(a), placeOf(b)))).toBe(expected);
        const shared = sharedBits(placeOf(a), placeOf(b));
        expect(shared).toBe(160 - (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replace(/^0$/, '').length);
      }),
    );
  });
});

describe('routing table', () => {
  it('names the closest of all that are known and usable', () => {
    holds(
      fc.property(
        fc.integer({ min: 0, max: 300 }),
        fc.nat(1000),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 1, max: 300 })),
        (agents, of, count, silent) => {
          const book = new Book();
          const table = new RoutingTable(agentOf(0), book);
          for (let number = 0; number <= agents; number++) book.hear(contactOf(number));
          for (const number of silent) table.failed(agentOf(number), 0);
          const target = placeOfAgent(agentOf(of));
          const expected = book
            .members()
            .filter(({ agentId }) => agentId !== agentOf(0) && !silent.some((number) => agentOf(number) === agentId))
            .sort((a, b) => compareDistance(target, placeOfAgent(a.agentId), placeOfAgent(b.agentId)));
          expect(table.closest(target, 10_000)).toEqual(expected);
          expect(table.closest(target, count)).toEqual(expected.slice(0, count));
          expect(table.hasMoreThan(count)).toBe(expected.length > count);
          const report = table.report();
          expect(report.reduce((sum, { members }) => sum + members, 0)).toBe(expected.length);
          expect(report.reduce((sum, { members, unusable }) => sum + members + unusable, 0)).toBe(agents);
        },
      ),
      100,
    );
  });

  it('leaves out who did not answer until it is heard again', () => {
    const book = new Book();
    const table = new RoutingTable(agentOf(0), book);
    book.hear(contactOf(1), 10);
    expect(table.hasMoreThan(0)).toBe(true);
    table.failed(agentOf(1), 20);
    expect(table.hasMoreThan(0)).toBe(false);
    expect(table.closest(placeOfAgent(agentOf(1)), 8)).toEqual([]);
    book.hear(contactOf(1), 30);
    expect(table.closest(placeOfAgent(agentOf(1)), 8)).toEqual([contactOf(1)]);
  });

  it('sorts agents whose places begin alike, and the same agent named twice', () => {
    // The first words of these two agree with nobody's by chance: one list twice makes every range hold equals.
    const members = Array.from({ length: 50 }, (_, number) => contactOf(1 + (number % 25)));
    const target = placeOfAgent(agentOf(7));
    const visited: Contact[] = [];
    placeIndexOf(members).closestFirst(target, (member) => visited.push(member) === members.length);
    expect(visited).toHaveLength(50);
    expect(visited.slice(0, 2)).toEqual([contactOf(7), contactOf(7)]);
  });

  it('visits all by their distance, whether or not it was asked for the same target before', () => {
    const members = Array.from({ length: 100 }, (_, number) => contactOf(number + 1));
    for (let round = 0; round < 2; round++) {
      // More targets than are remembered.
      for (let number = 1; number <= 20; number++) {
        const target = placeOfAgent(agentOf(1000 + number));
        const visited: Contact[] = [];
        placeIndexOf(members).closestFirst(target, (member) => visited.push(member) === members.length);
        const sorted = members.toSorted((a, b) =>
          compareDistance(target, placeOfAgent(a.agentId), placeOfAgent(b.agentId)),
        );
        expect(visited).toEqual(sorted);
      }
    }
  });
});

describe('write tokens', () => {
  it('are good for one address, for one to two rotations', () => {
    const tokens = new WriteTokens(new Xoshiro128(1), 0);
    const token = tokens.tokenFor(contactOf(1), 0);
    const isValid = (of: Contact, atMs: number, which = token): boolean => tokens.check(which, of, atMs).isValid;
    expect(isValid(contactOf(1), 299_999)).toBe(true);
    expect(isValid(contactOf(2), 0)).toBe(false);
    expect(isValid({ ...contactOf(1), port: 1 }, 0)).toBe(false);
    expect(isValid(contactOf(1), 0, 0)).toBe(false);
    expect(isValid(contactOf(1), 310_000)).toBe(true);
    expect(tokens.check(token, contactOf(1), 310_000).tokenNow).toBe(tokens.tokenFor(contactOf(1), 310_000));
    expect(isValid(contactOf(1), 610_000)).toBe(false);
    const later = tokens.tokenFor(contactOf(1), 610_000);
    expect(isValid(contactOf(1), 9_000_000, later)).toBe(false);
  });
});

describe('package state store', () => {
  const entry = (number: number, state: 'downloading' | 'ready' = 'ready') => ({
    key: keyOf(number),
    state,
    blocks: 3,
  });

  it('forgets a value when its time is over, and marks one that has missed a round', () => {
    const store = new PackageStateStore(new Xoshiro128(1));
    store.put(contactOf(1), entry(1), 30_000, 0);
    expect(store.find(keyOf(1), agentOf(9), 12_000)).toMatchObject([{ agentId: agentOf(1), isFresh: true }]);
    expect(store.find(keyOf(1), agentOf(9), 13_000)).toMatchObject([{ isFresh: false }]);
    expect(store.find(keyOf(1), agentOf(9), 30_000)).toEqual([]);
    store.put(contactOf(2), entry(2), 30_000, 50_000);
    expect(store.counts).toEqual({ keys: 1, values: 1 });
  });

  it('names at most 12, the ready before the others, and never the asker', () => {
    const store = new PackageStateStore(new Xoshiro128(1));
    for (let number = 1; number <= 10; number++) store.put(contactOf(number), entry(1, 'downloading'), 30_000, 0);
    for (let number = 11; number <= 16; number++) store.put(contactOf(number), entry(1), 30_000, 0);
    const found = store.find(keyOf(1), agentOf(11), 0);
    expect(found).toHaveLength(maxHoldersPerAnswer);
    expect(found.filter(({ state }) => state === 'ready')).toHaveLength(5);
    expect(found.map(({ agentId }) => agentId)).not.toContain(agentOf(11));
  });

  it('says "enough" to a further holder of what many hold, and stays within its bounds whatever comes', () => {
    const store = new PackageStateStore(new Xoshiro128(1));
    const answers = Array.from({ length: 60 }, (_, number) => store.put(contactOf(number), entry(1), 30_000, 0));
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(enoughHolders);
    expect(answers.slice(enoughHolders).every((answer) => answer === 'enough')).toBe(true);
    const flood = Array.from({ length: 2 * maxValuesPerAgent }, (_, number) =>
      store.put(contactOf(99), entry(1000 + number), 30_000, 0),
    );
    expect(flood.filter((answer) => answer === 'stored')).toHaveLength(maxValuesPerAgent);
    for (let agent = 100; agent < 200; agent++) {
      for (let number = 0; number < 400; number++)
        store.put(contactOf(agent), entry(5000 + agent * 400 + number), 30_000, 0);
    }
    expect(store.counts.values).toBe(16_384);
    store.removeAgent(agentOf(99));
    expect(store.counts.values).toBe(16_384 - maxValuesPerAgent);
  });
});

describe('a node among others that lie', () => {
  function nodeHearing(sent: { to: Contact; message: DhtMessage }[]): { node: DhtNode; book: Book } {
    const book = new Book();
    const node = new DhtNode(
      {
        self: contactOf(0),
        isResident: true,
        isOfSubnet: (address) => address >= 0x0a000000 && address < 0x0a000400,
        book,
        random: new Xoshiro128(1),
        ownHolding: () => null,
        send: (to, message) => sent.push({ to, message }),
      },
      0,
    );
    return { node, book };
  }

  const outside: Contact = { agentId: agentOf(77), address: 0xc0a80001, port: 27801 };

  it('asks, keeps and names nobody outside of its subnet', () => {
    const sent: { to: Contact; message: DhtMessage }[] = [];
    const { node, book } = nodeHearing(sent);
    expect(node.report().buckets).toEqual([]);
    book.hear(contactOf(1));
    const found: unknown[] = [];
    node.lookUp(keyOf(1), 0, (holders) => found.push(...holders));
    const request = sent.map(({ message }) => message).find(({ kind }) => kind === 'find-holders');
    if (request === undefined) throw new Error('nobody was asked');
    const lie = { ...outside, state: 'ready', blocks: 3, isFresh: true } as const;
    const { requestId } = request;
    const answer = { kind: 'holders', requestId, token: 0, contacts: [outside], holders: [lie] } as const;
    node.receive(contactOf(2), answer, 1);
    expect(node.report().lookups).toEqual([]);
    node.receive(contactOf(1), answer, 1);
    expect(found).toEqual([]);
    expect(node.report().lookups).toHaveLength(1);
    expect(sent.every(({ to }) => to.agentId === agentOf(1))).toBe(true);
  });

  it('ends its lookups when the agent leaves the subnet, and says nothing more', () => {
    const sent: { to: Contact; message: DhtMessage }[] = [];
    const { node, book } = nodeHearing(sent);
    for (let number = 1; number <= 10; number++) {
      book.hear(contactOf(number));
    }
    let ended = 0;
    // More than run at a time: the rest waits.
    for (let number = 0; number < 20; number++) node.lookUp(keyOf(number), 0, () => ended++);
    expect(ended).toBe(0);
    const before = sent.length;
    node.close(1);
    expect(ended).toBe(20);
    expect(sent).toHaveLength(before);
  });

  it('stores nothing for a token that it has not given to that address, nor for anybody outside', () => {
    const sent: { to: Contact; message: DhtMessage }[] = [];
    const { node } = nodeHearing(sent);
    const entries = [{ key: keyOf(1), state: 'ready', blocks: 3 }] as const;
    const store = (from: Contact, token: number): DhtMessage | undefined => {
      node.receive(from, { kind: 'store', requestId: 5, token, lifetimeMs: 1000, entries }, 0);
      return sent.pop()?.message;
    };
    const refused = store(contactOf(1), 12_345);
    expect(refused).toMatchObject({ kind: 'stored', isAccepted: false });
    if (refused?.kind !== 'stored') throw new Error('no answer');
    expect(store(contactOf(2), refused.token)).toMatchObject({ isAccepted: false });
    expect(node.report().stored.values).toBe(0);
    expect(store(contactOf(1), refused.token)).toMatchObject({ isAccepted: true });
    expect(node.report().stored.values).toBe(1);
    expect(store(outside, refused.token)).toBeUndefined();
    node.gone(agentOf(1));
    expect(node.report().stored.values).toBe(0);
  });
});
