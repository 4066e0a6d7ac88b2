import { beforeEach, expect, it } from 'vitest';
import type { DesktopStatus, WatchedAlert, WatchedDelivery } from '../../electron/main/desktop-status.ts';
import { NotificationRules } from '../../electron/main/notification-rules.ts';
import { defaultDesktopPreferences } from '../../shared/contracts/desktop-preferences.ts';

const running: WatchedDelivery = {
  id: 'd1',
  packageName: 'Setup',
  version: '2.1',
  status: 'running',
  agents: 100,
  ready: 10,
  failed: 0,
};
const corrupt: WatchedAlert = {
  kind: 'corrupt-blocks',
  agentId: 'a1',
  agentName: 'lab-07',
  lastAtMs: 1_000_000,
  detail: 'Three agents received blocks that are not what the server signed.',
};
const hourMs = 3_600_000;

let rules: NotificationRules;

function take(part: Partial<DesktopStatus>, preferences = {}) {
  const status = { agents: 100, agentsOnline: 90, deliveries: [], alerts: [], savedTodayBytes: 0, ...part };
  return rules.take(status, { ...defaultDesktopPreferences, ...preferences });
}

beforeEach(() => {
  rules = new NotificationRules();
});

it('tells nothing of what was so before it started', () => {
  const done = { ...running, status: 'finished' as const, ready: 100 };
  expect(take({ deliveries: [done, { ...running, id: 'd2', ready: 99 }], alerts: [corrupt] })).toEqual([]);
  expect(take({ deliveries: [done, { ...running, id: 'd2', ready: 99 }], alerts: [corrupt] })).toEqual([]);
});

it('tells once when a delivery has reached its share, and once when it has finished', () => {
  take({ deliveries: [running] });
  expect(take({ deliveries: [{ ...running, ready: 97 }] })).toEqual([]);
  expect(take({ deliveries: [{ ...running, ready: 98 }] })).toEqual([
    { title: 'Setup 2.1 has reached 98 %', body: '98 of 100 agents have it.', path: '/deliveries/d1' },
  ]);
  expect(take({ deliveries: [{ ...running, ready: 97 }] })).toEqual([]);
  expect(take({ deliveries: [{ ...running, ready: 99 }] })).toEqual([]);
  const finished = { ...running, status: 'finished' as const, ready: 99, failed: 1 };
  expect(take({ deliveries: [finished] })).toEqual([
    { title: 'Setup 2.1 is delivered', body: '99 of 100 agents have it, 1 failed.', path: '/deliveries/d1' },
  ]);
  expect(take({ deliveries: [finished] })).toEqual([]);
});

it('tells of one that was made and finished between two looks by one notification', () => {
  take({});
  const finished = { ...running, status: 'finished' as const, ready: 100 };
  expect(take({ deliveries: [finished] }).map(({ title }) => title)).toEqual(['Setup 2.1 is delivered']);
});

it('takes a delivery without agents for one that has reached nobody', () => {
  take({});
  expect(take({ deliveries: [{ ...running, agents: 0, ready: 0 }] })).toEqual([]);
});

it('warns of an agent that hands out corrupt blocks, and again after an hour at the earliest', () => {
  take({});
  expect(take({ alerts: [corrupt] })).toEqual([
    { title: 'lab-07 hands out corrupt blocks', body: corrupt.detail, path: '/agents/a1' },
  ]);
  expect(take({ alerts: [{ ...corrupt, lastAtMs: corrupt.lastAtMs + hourMs }] })).toEqual([]);
  expect(take({ alerts: [{ ...corrupt, lastAtMs: corrupt.lastAtMs + hourMs + 1 }] })).toHaveLength(1);
  expect(take({ alerts: [{ ...corrupt, lastAtMs: corrupt.lastAtMs + hourMs + 2 }] })).toEqual([]);
});

it('warns once of an agent that several others tell of', () => {
  take({});
  const cloned = { ...corrupt, kind: 'agent-cloned' as const };
  const titles = take({ alerts: [corrupt, { ...corrupt, detail: 'another' }, cloned] }).map(({ title }) => title);
  expect(titles).toEqual(['lab-07 hands out corrupt blocks', 'Two computers say that they are lab-07']);
});

it('keeps silent about what is switched off, and does not tell it later', () => {
  const off = { notifyOfFinishedDeliveries: false, notifyOfPenetration: false, notifyOfAlerts: false };
  take({ deliveries: [running] });
  const news = { deliveries: [{ ...running, ready: 99 }], alerts: [corrupt] };
  expect(take(news, off)).toEqual([]);
  expect(take({ deliveries: [{ ...running, ready: 100, status: 'finished' }], alerts: [corrupt] }, off)).toEqual([]);
  expect(take({ deliveries: [{ ...running, ready: 100, status: 'finished' }], alerts: [corrupt] })).toEqual([]);
});

it('shows at most three at once', () => {
  take({});
  const many = Array.from({ length: 9 }, (_, index) => ({ ...running, id: `d${index}`, ready: 100 }));
  expect(take({ deliveries: many })).toHaveLength(3);
});
