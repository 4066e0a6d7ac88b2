import { expect, it, vi } from 'vitest';
import { type DesktopStatus, statusLines } from '../../electron/main/desktop-status.ts';
import { StatusWatch } from '../../electron/main/status-watch.ts';
import { closingDecision, closingQuestion } from '../../electron/main/window-closing-rule.ts';

const delivery = { id: 'd', packageName: 'Setup', version: '1', agents: 1, ready: 0, failed: 0 };
const status: DesktopStatus = {
  agents: 12,
  agentsOnline: 11,
  deliveries: [
    { ...delivery, status: 'running' },
    { ...delivery, status: 'finished' },
  ],
  alerts: [],
  savedTodayBytes: 1_234_567,
};

it('says in the tray who is online, what runs and what was saved', () => {
  expect(statusLines(status)).toEqual(['11 of 12 agents online', '1 delivery running', '1.23 MB saved today']);
  expect(statusLines({ ...status, agents: 1, agentsOnline: 0, deliveries: [], savedTodayBytes: -2_000_000 })).toEqual([
    '0 of 1 agent online',
    'No delivery is running',
    '2.00 MB more than needed crossed WAN links today',
  ]);
  expect(statusLines(null)).toEqual(['Starting']);
});

it('asks before deliveries stand still, and only then', () => {
  expect(closingDecision('quit', status)).toEqual({ kind: 'ask', running: 1 });
  expect(closingDecision('quit', { deliveries: [] })).toEqual({ kind: 'quit' });
  expect(closingDecision('quit', null)).toEqual({ kind: 'quit' });
  expect(closingDecision('keep-running', status)).toEqual({ kind: 'stay' });
  expect(closingQuestion(1).detail).toMatch(/^A delivery is running\./);
  expect(closingQuestion(3).detail).toMatch(/^3 deliveries are running\./);
});

it('asks the server again and again, for what was saved since midnight once a minute, and goes on after a failure', async () => {
  vi.useFakeTimers();
  const asked: string[] = [];
  let now = new Date(2026, 4, 6, 23, 59, 30);
  let isAway = false;
  const answers: Record<string, unknown> = {
    serverStatus: { agents: 3, agentsOnline: 2 },
    deliveries: [],
    alerts: [],
    savingsReport: { total: { savedBytes: 5 } },
  };
  const console_ = {
    call: async (name: string, call: { query?: { fromMs?: string } }) => {
      asked.push(name === 'savingsReport' ? `${name} ${new Date(Number(call.query?.fromMs)).getDate()}` : name);
      if (isAway) throw new Error('away');
      return answers[name];
    },
  };
  const seen: DesktopStatus[] = [];
  const complained = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const watch = new StatusWatch(
    console_ as never,
    (next) => seen.push(next),
    () => now,
  );
  watch.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(seen).toMatchObject([{ agents: 3, agentsOnline: 2, savedTodayBytes: 5 }]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked.filter((name) => name.startsWith('savings'))).toEqual(['savingsReport 6']);
  now = new Date(2026, 4, 7, 0, 0, 1);
  isAway = true;
  await vi.advanceTimersByTimeAsync(5_000);
  isAway = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked.filter((name) => name.startsWith('savings'))).toEqual([
    'savingsReport 6',
    'savingsReport 7',
    'savingsReport 7',
  ]);
  expect(seen).toHaveLength(3);
  watch.stop();
  const { length } = asked;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(length);
  expect(complained).toHaveBeenCalledTimes(1);
  complained.mockRestore();
  vi.useRealTimers();
});
