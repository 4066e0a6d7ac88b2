import { expect, it } from 'vitest';
import { PeerNumbers } from '../../shared/agent/peer-numbers.ts';
import { SwarmRows } from '../../shared/agent/swarm-rows.ts';
import type { AgentId } from '../../shared/base/ids.ts';

const idOf = (number: number) => number.toString(16).padStart(32, '0') as AgentId;

it('gives each peer one number, and nobody one who was only asked for', () => {
  const numbers = new PeerNumbers();
  expect(numbers.find(idOf(1))).toBe(-1);
  expect([numbers.take(idOf(1)), numbers.take(idOf(2)), numbers.take(idOf(1))]).toEqual([0, 1, 0]);
  expect(numbers.find(idOf(2))).toBe(1);
});

it('gives the number of who came first to another once all are in use', () => {
  const numbers = new PeerNumbers();
  for (let count = 0; count < 4096; count++) numbers.take(idOf(count));
  expect(numbers.find(idOf(0))).toBe(0);
  expect(numbers.take(idOf(4096))).toBe(0);
  expect(numbers.find(idOf(0))).toBe(-1);
});

it('never takes a peer for another whose number it has', () => {
  const numbers = new PeerNumbers();
  const rows = new SwarmRows(8, numbers);
  const first = rows.take(idOf(0));
  rows.addBlock(first, 3);
  for (let count = 1; count <= 4096; count++) numbers.take(idOf(count));
  expect(rows.holds(rows.find(idOf(4096)), 3)).toBe(false);
  rows.addBlock(rows.take(idOf(4096)), 5);
  expect(rows.holds(rows.find(idOf(4096)), 5)).toBe(true);
  expect([rows.holdersOf(3), rows.size]).toEqual([0, 1]);
});
