import { describe, expect, it, vi } from 'vitest';
import type { PackageKey } from '../../shared/base/ids.ts';
import { maxHoldersPerAnswer, replication } from '../../shared/dht/messages.ts';
import { forSeeds } from '../helpers/seeds.ts';
import { DhtSubnet, intervalMs, type TestNode } from './support/dht-subnet.ts';

// Hundreds of nodes in virtual time, on a machine that runs other tests too.
vi.setConfig({ testTimeout: 60_000 });

/** From the start of an agent until its packages are announced: a second for changes, and the exchange. */
const settledMs = 5000;

/** Agents that hold the key, live, and had the time to announce it. */
function announcedHolders(subnet: DhtSubnet, key: PackageKey): string[] {
  return subnet.living
    .filter((node) => node.holdings.has(key) && subnet.nowMs - node.startedAtMs >= settledMs)
    .map(({ contact }) => contact.agentId)
    .sort();
}

function found(node: TestNode, key: PackageKey): string[] {
  return node
    .lookUp(key)
    .map(({ agentId }) => agentId)
    .sort();
}

/** Without the asker itself. */
function others(ids: readonly string[], asker: TestNode): string[] {
  return ids.filter((id) => id !== asker.contact.agentId);
}

function subnetWithPackages(subnet: DhtSubnet, agents: number, packages: number): PackageKey[] {
  const keys = Array.from({ length: packages }, () => subnet.randomKey());
  subnet.addMany(agents);
  for (const key of keys) {
    const holders = 1 + subnet.random.below(Math.min(maxHoldersPerAnswer, agents - 1));
    for (let number = 0; number < holders; number++) subnet.oneOf(subnet.nodes).hold(key);
  }
  return keys;
}

describe('a subnet in which nobody comes or goes', () => {
  it.each([2, 3, 8, 9, 20, 60, 200, 400])('finds every holder among %i agents', (agents) => {
    forSeeds(agents > 100 ? 1 : 3, (seed) => {
      const subnet = new DhtSubnet({ seed });
      const keys = subnetWithPackages(subnet, agents, 12);
      subnet.run(settledMs);
      for (const key of keys) {
        for (let asked = 0; asked < 5; asked++) {
          const asker = subnet.oneOf(subnet.living);
          expect(found(asker, key)).toEqual(others(announcedHolders(subnet, key), asker));
        }
      }
    });
  });

  it('finds 19 of 20 holders where agents know only one another agent to begin with, and nothing is broadcast', () => {
    forSeeds(2, (seed) => {
      const subnet = new DhtSubnet({ seed, hasBroadcast: false });
      const keys = subnetWithPackages(subnet, 120, 12);
      // Introduced one after the other, as computers are switched on, to somebody who is there already.
      subnet.nodes.forEach((node, number) => {
        if (number === 0) return;
        const known = subnet.oneOf(subnet.nodes.slice(0, number));
        node.hear(known.contact);
        known.hear(node.contact);
        node.publish('changed');
        subnet.run(100);
      });
      subnet.run(1.3 * intervalMs);
      let held = 0;
      let missed = 0;
      for (const key of keys) {
        const asker = subnet.oneOf(subnet.living);
        const names = new Set(found(asker, key));
        const holders = others(announcedHolders(subnet, key), asker);
        held += holders.length;
        missed += holders.filter((holder) => !names.has(holder)).length;
      }
      expect(missed / held).toBeLessThanOrEqual(0.05);
    });
  });

  it('asks everybody once and nobody through another where it is small', () => {
    forSeeds(5, (seed) => {
      const subnet = new DhtSubnet({ seed });
      const [key] = subnetWithPackages(subnet, replication + 1, 1);
      if (key === undefined) throw new Error('no package');
      subnet.run(settledMs);
      const asker = subnet.oneOf(subnet.living);
      asker.lookUp(key);
      expect(asker.node.report().lookups.at(-1)).toMatchObject({ purpose: 'download', hops: 1 });
      expect(asker.node.report().lookups.at(-1)?.contacted).toBeLessThanOrEqual(replication);
    });
  });

  it('names 12 living holders where hundreds have the package, and most of them rest', () => {
    forSeeds(1, (seed) => {
      const subnet = new DhtSubnet({ seed });
      const key = subnet.randomKey();
      subnet.addMany(200);
      for (const node of subnet.nodes) node.hold(key);
      subnet.run(3 * intervalMs);
      const before = subnet.datagrams;
      subnet.run(2 * intervalMs);
      // 200 agents × 8 STOREs and answers each would be 3,200 a round.
      expect((subnet.datagrams - before) / 2).toBeLessThan(1600);
      const names = new Set(found(subnet.oneOf(subnet.living), key));
      expect(names.size).toBeGreaterThanOrEqual(maxHoldersPerAnswer);
    });
  });

  it('finds all holders but two at most where one datagram in twenty is lost', () => {
    forSeeds(3, (seed) => {
      const subnet = new DhtSubnet({ seed, lossPercent: 5 });
      const keys = subnetWithPackages(subnet, 50, 12);
      subnet.run(settledMs);
      const missed: string[] = [];
      for (const key of keys) {
        const asker = subnet.oneOf(subnet.living);
        const holders = others(announcedHolders(subnet, key), asker);
        const heardOf = found(asker, key);
        expect(holders).toEqual(expect.arrayContaining(heardOf));
        missed.push(...holders.filter((holder) => !heardOf.includes(holder)));
      }
      // Now and then all is lost that told of one: of 42,595 holders of 600 seeds 9 were not found, never more than two of a seed.
      expect(missed.length).toBeLessThanOrEqual(2);
    });
  });

  it('spends two datagrams a node and round on any number of packages, and none on none', () => {
    forSeeds(3, (seed) => {
      const subnet = new DhtSubnet({ seed });
      subnet.addMany(6);
      subnet.run(3 * intervalMs);
      expect(subnet.datagrams).toBe(0);
      const [holder] = subnet.nodes;
      for (let number = 0; number < 40; number++) holder?.hold(subnet.randomKey());
      subnet.run(2 * intervalMs);
      const before = subnet.datagrams;
      subnet.run(10 * intervalMs);
      // Ten rounds ± 20 % to five others, a STORE and its answer each; more only where tokens have run out.
      expect((subnet.datagrams - before) / 5).toBeLessThan(2 * 10 * 1.4);
    });
  });

  it('forgets what is no longer announced after three intervals', () => {
    forSeeds(3, (seed) => {
      const subnet = new DhtSubnet({ seed });
      const key = subnet.randomKey();
      subnet.addMany(12);
      const holder = subnet.add([key]);
      subnet.run(settledMs);
      const asker = subnet.nodes[0];
      if (asker === undefined) throw new Error('no asker');
      expect(found(asker, key)).toEqual([holder.contact.agentId]);
      holder.holdings.clear();
      subnet.run(4.5 * intervalMs);
      expect(found(asker, key)).toEqual([]);
    });
  });
});

describe('a subnet in which 30 % of the agents go and come in every interval', () => {
  const rounds = 5;
  const agents = 100;

  /** In random order over the interval: a crash without a word, and a newcomer with a new identity. */
  function churn(subnet: DhtSubnet, keys: readonly PackageKey[], look: () => void): void {
    const changes = Math.round(agents * 0.3);
    for (let change = 0; change < changes; change++) {
      subnet.oneOf(subnet.living).isAlive = false;
      subnet.add(keys.filter(() => subnet.random.below(agents) < 6));
      subnet.run(Math.round(intervalMs / changes));
      if (change % 5 === 0) look();
    }
  }

  it('finds 99 % of the living holders, and all of them one interval after it stops', () => {
    forSeeds(1, (seed) => {
      const subnet = new DhtSubnet({ seed });
      const keys = subnetWithPackages(subnet, agents, 10);
      subnet.run(settledMs);
      let expected = 0;
      let hits = 0;
      const look = (): void => {
        const key = subnet.oneOf(keys);
        const asker = subnet.oneOf(subnet.living);
        const holders = others(announcedHolders(subnet, key), asker);
        const names = new Set(found(asker, key));
        expected += Math.min(holders.length, maxHoldersPerAnswer);
        hits += Math.min(holders.filter((holder) => names.has(holder)).length, maxHoldersPerAnswer);
      };
      for (let round = 0; round < rounds; round++) churn(subnet, keys, look);
      expect(expected).toBeGreaterThan(100);
      expect(hits / expected, `${hits} of ${expected}`).toBeGreaterThanOrEqual(0.99);
      subnet.run(1.2 * intervalMs + settledMs);
      for (const key of keys) {
        const holders = announcedHolders(subnet, key);
        for (let asked = 0; asked < 10; asked++) {
          const asker = subnet.oneOf(subnet.living);
          const names = new Set(found(asker, key));
          if (holders.length <= maxHoldersPerAnswer)
            expect([...names]).toEqual(expect.arrayContaining(others(holders, asker)));
          else
            expect(others(holders, asker).filter((holder) => names.has(holder)).length).toBeGreaterThanOrEqual(
              maxHoldersPerAnswer,
            );
        }
      }
    });
  });
});
