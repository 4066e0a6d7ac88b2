import { describe, expect, it } from 'vitest';
import { OfficeHours } from '../../../shared/sim/rollout/office-hours.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const agents = 1000;
const subnets = Array.from({ length: 10 }, (_, subnet) => subnet);

function officeHours(utcOffsetMinutes: number, laptopPercent: number): OfficeHours {
  const places = Array.from({ length: agents }, (_, index) => ({
    subnet: index % 10,
    utcOffsetMinutes,
    isPackageServer: index === 0,
  }));
  return new OfficeHours({ seed: 5, places, destinations: () => subnets, laptopPercent });
}

function onAt(hours: OfficeHours, atMs: number): number {
  return Array.from({ length: agents }, (_, index) => hours.isOnAt(index, atMs)).filter(Boolean).length;
}

describe('office hours', () => {
  it('have most computers on at noon, few at night and at the weekend', () => {
    const hours = officeHours(0, 30);
    expect(onAt(hours, 12 * hourMs)).toBeGreaterThan(750);
    expect(onAt(hours, 3 * hourMs)).toBeLessThan(200);
    expect(onAt(hours, 5 * dayMs + 12 * hourMs)).toBeLessThan(200);
  });

  it('follow the local clock', () => {
    const west = officeHours(-300, 30);
    expect(onAt(west, 6 * hourMs)).toBeLessThan(200);
    expect(onAt(west, 17 * hourMs)).toBeGreaterThan(750);
    const east = officeHours(480, 30);
    expect(onAt(east, 4 * hourMs)).toBeGreaterThan(750);
  });

  it('leave Package Servers on', () => {
    const hours = officeHours(0, 100);
    expect(hours.nextChange(0, 0)).toBeNull();
    expect(hours.isOnAt(0, 0)).toBe(true);
  });

  it('go from one change to the next without ever contradicting themselves', () => {
    const hours = officeHours(60, 50);
    let changes = 0;
    for (let computer = 1; computer < 60; computer++) {
      let isOn = hours.isOnAt(computer, 0);
      for (let next = hours.nextChange(computer, 0); next !== null && next.atMs < 14 * dayMs; ) {
        expect(next.isOn).toBe(!isOn);
        expect(hours.isOnAt(computer, next.atMs - 1)).toBe(isOn);
        expect(hours.isOnAt(computer, next.atMs)).toBe(next.isOn);
        isOn = next.isOn;
        changes++;
        next = hours.nextChange(computer, next.atMs);
      }
    }
    expect(changes).toBeGreaterThan(600);
  });

  it('carry laptops to other sites now and then, and desktops never', () => {
    const elsewhere = (laptopPercent: number) => {
      const hours = officeHours(0, laptopPercent);
      let count = 0;
      for (let computer = 1; computer < 200; computer++) {
        for (let next = hours.nextChange(computer, 0); next !== null && next.atMs < 5 * dayMs; ) {
          if (next.isOn && next.subnet !== computer % 10) count++;
          next = hours.nextChange(computer, next.atMs);
        }
      }
      return count;
    };
    expect(elsewhere(100)).toBeGreaterThan(10);
    expect(elsewhere(0)).toBe(0);
  });
});
