import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentId, PackageKey } from '../../../shared/base/ids.ts';
import type { AgentEvent } from '../../../shared/contracts/agent-events.ts';
import type { TrafficBytes, TrafficEntry } from '../../../shared/contracts/statistics.ts';
import {
  bytesOf,
  crossedBytes,
  noBytes,
  plusBytes,
  wouldCrossBytes,
} from '../../../shared/server/statistics/byte-counts.ts';
import { startOfMonthMs, startOfNextMonthMs } from '../../../shared/server/statistics/calendar.ts';
import {
  cellsOf,
  dayMs,
  hourMs,
  inCellOrder,
  oldestMinuteMs,
  startOf,
} from '../../../shared/server/statistics/traffic-cells.ts';
import type { TrafficWorld } from '../../../shared/server/statistics/traffic-entry.ts';
import {
  countedAtMs,
  nobody,
  placeOfAsker,
  trafficEntriesOf,
} from '../../../shared/server/statistics/traffic-entry.ts';
import { holds } from '../../helpers/properties.ts';
import { BucketModel, entryArbitrary, nowMs } from './traffic-arbitraries.ts';

function sumOf(cells: readonly { readonly bytes: TrafficBytes }[]): TrafficBytes {
  return cells.reduce((sum, { bytes }) => plusBytes(sum, bytes), noBytes);
}

test('no byte is lost or counted twice, at any resolution and for any dimension', () => {
  holds(
    fc.property(fc.array(entryArbitrary, { maxLength: 60 }), (entries) => {
      const moved = entries.filter(({ reason }) => reason === null);
      const total = moved.reduce((sum, entry) => plusBytes(sum, bytesOf(entry)), noBytes);
      const cells = cellsOf(entries, nowMs);
      expect(sumOf(cells.hours)).toEqual(total);
      expect(sumOf(cells.agentDays)).toEqual(total);
      for (const dimension of ['all', 'site', 'subnet', 'package', 'policy'] as const) {
        expect(sumOf(cells.days.filter((cell) => cell.dimension === dimension))).toEqual(total);
        expect(sumOf(cells.months.filter((cell) => cell.dimension === dimension))).toEqual(total);
      }
      const told = entries.filter(({ reason }) => reason !== null).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(cells.reasons.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(told);
    }),
  );
});

test('the kept minutes of an hour add up to the hour, and its hours to the day', () => {
  holds(
    fc.property(fc.array(entryArbitrary, { maxLength: 60 }), (entries) => {
      const { minutes, hours, days } = cellsOf(entries, nowMs);
      for (const hour of new Set(hours.map(({ atMs }) => atMs))) {
        const ofHour = minutes.filter(({ atMs }) => startOf(atMs, hourMs) === hour);
        const expected = hour < oldestMinuteMs(nowMs) ? noBytes : sumOf(hours.filter(({ atMs }) => atMs === hour));
        expect(sumOf(ofHour)).toEqual(expected);
      }
      for (const { atMs, dimension, member, bytes } of days.filter((cell) => cell.dimension === 'site')) {
        const ofDay = hours.filter((hour) => startOf(hour.atMs, dayMs) === atMs && (hour.siteId ?? '') === member);
        expect([dimension, bytes]).toEqual(['site', sumOf(ofDay)]);
      }
    }),
  );
});

test('in whatever order and parts entries come, the buckets are the same', () => {
  const parts = fc.array(entryArbitrary, { maxLength: 40 }).chain((entries) =>
    fc.record({
      entries: fc.constant(entries),
      shuffled: fc.shuffledSubarray(entries, { minLength: entries.length }),
      size: fc.integer({ min: 1, max: 10 }),
    }),
  );
  holds(
    fc.property(parts, ({ entries, shuffled, size }) => {
      const whole = new BucketModel();
      whole.add(cellsOf(entries, nowMs));
      const inParts = new BucketModel();
      const ordered = inCellOrder(shuffled);
      for (let first = 0; first < ordered.length; first += size) {
        inParts.add(cellsOf(ordered.slice(first, first + size), nowMs));
      }
      expect(inParts.lines).toEqual(whole.lines);
    }),
  );
});

test('months begin where the calendar says', () => {
  holds(
    fc.property(
      fc.date({ min: new Date('1970-02-01T00:00:00Z'), max: new Date('2399-12-31T00:00:00Z'), noInvalidDate: true }),
      (date) => {
        const year = date.getUTCFullYear();
        const month = date.getUTCMonth();
        expect(startOfMonthMs(date.getTime())).toBe(Date.UTC(year, month, 1));
        expect(startOfNextMonthMs(date.getTime())).toBe(Date.UTC(year, month + 1, 1));
      },
    ),
    1000,
  );
});

const self = 'a'.repeat(32) as AgentId;
const asker = 'b'.repeat(32) as AgentId;
const key = '1'.repeat(40) as PackageKey;
const world: TrafficWorld = {
  placeOf: (agentId) =>
    agentId === self || agentId === asker
      ? {
          siteId: agentId === self ? 'region' : 'branch',
          subnet: `10.0.${agentId === self ? 0 : 1}.0/24`,
          policyId: 'p',
        }
      : null,
  placeAt: (address) => ({
    siteId: address === null ? null : address === '10.0.0.9' ? 'region' : 'branch',
    subnet: address === null ? '0.0.0.0/0' : '10.0.1.0/24',
    policyId: '',
  }),
  servedSiteOf: () => 'region',
  isFill: () => false,
  sizeBytesOf: (asked) => (asked === key ? 1000 : null),
};
const portion = { agentId: null, blocks: 1 } as const;

function transferred(portions: object[], more: object = {}): AgentEvent {
  return { kind: 'transferred', sequence: 1, atMs: nowMs, key, portions, ...more } as AgentEvent;
}

test('an event becomes what moved from peers, and reasons of what did not', () => {
  const event = transferred([
    { ...portion, source: 'peer', reason: 'peer-has-block', bytes: 30 },
    { ...portion, source: 'peer', reason: 'following-claim', bytes: 12 },
    { ...portion, source: 'notification-server', reason: 'lane', bytes: 7 },
  ]);
  expect(
    trafficEntriesOf(self, [event], world, nowMs).map(({ source, reason, bytes }) => [source, reason, bytes]),
  ).toEqual([
    ['peer', null, 42],
    ['notification-server', 'lane', 7],
  ]);
});

test('what a Package Server served counts for who asked, by whether it is of the same site', () => {
  const served = (of: AgentId): AgentEvent => ({
    kind: 'served',
    sequence: 1,
    atMs: nowMs,
    key,
    portions: [{ agentId: of, requests: 1, hits: 1, bytes: 5 }],
  });
  const entries = [
    ...[asker, self, 'c'.repeat(32) as AgentId].flatMap((of) => trafficEntriesOf(self, [served(of)], world, nowMs)),
  ];
  expect(entries.map(({ agentId, siteId, source }) => [agentId, siteId, source])).toEqual([
    [asker, 'branch', 'package-server-foreign'],
    [self, 'region', 'package-server-own-site'],
  ]);
});

test('what it served to clients with links counts where they asked from', () => {
  const sent = { agentId: self, requests: 1, hits: 1, bytes: 5 };
  const portions = ['10.0.0.9', '10.0.1.9', 'elsewhere', '10.0.1.9'].map((from) => ({ ...sent, from }));
  const event: AgentEvent = { kind: 'served', sequence: 1, atMs: nowMs, key, portions: [sent, ...portions] };
  const entries = trafficEntriesOf(self, [event], world, nowMs);
  expect(entries.map(({ agentId, siteId, source, bytes }) => [agentId, siteId, source, bytes])).toEqual([
    [self, 'region', 'package-server-own-site', 5],
    [nobody, 'region', 'package-server-own-site', 5],
    [nobody, 'branch', 'package-server-foreign', 10],
    [nobody, null, 'package-server-foreign', 5],
  ]);
  expect(portions.map((portion) => placeOfAsker(portion, world)?.siteId)).toEqual(['region', 'branch', null, 'branch']);
});

test('nothing is counted for packages that are not there, and a lie stays small', () => {
  const lie = { ...portion, source: 'peer', reason: 'peer-has-block', bytes: Number.MAX_SAFE_INTEGER };
  const unknown = transferred([lie], { key: '9'.repeat(40) });
  expect(trafficEntriesOf(self, [unknown], world, nowMs)).toEqual([]);
  const entries: TrafficEntry[] = trafficEntriesOf(self, [transferred(Array(256).fill(lie))], world, nowMs);
  expect(entries.map(({ bytes }) => bytes)).toEqual([1_000_000_000]);
});

test('an event counts at its own time unless its clock is wrong', () => {
  expect(countedAtMs(nowMs - 6 * dayMs, nowMs)).toBe(nowMs - 6 * dayMs);
  expect(countedAtMs(nowMs - 8 * dayMs, nowMs)).toBe(nowMs);
  expect(countedAtMs(nowMs + 1, nowMs)).toBe(nowMs);
});

test('what a Package Server took for others is no saving', () => {
  // A branch with a Package Server and ten computers: it took the package once, and gave it to each.
  const branch = { ...noBytes, notificationServerBytes: 100, fillBytes: 100, ownPackageServerBytes: 1000 };
  expect([wouldCrossBytes(branch), crossedBytes(branch)]).toEqual([1000, 100]);
});
