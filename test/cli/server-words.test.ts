import { expect, it } from 'vitest';
import { serverTimeOf } from '../../electron/cli/server-health.ts';
import { statusLines } from '../../electron/cli/status-command.ts';
import { groupKeyLines } from '../../electron/cli/watch-commands.ts';

it('says which group key is in use, and which is to come', () => {
  const keys = [
    { id: 1, activateAtMs: 0, acceptUntilMs: 90 },
    { id: 2, activateAtMs: 50, acceptUntilMs: null },
    { id: 3, activateAtMs: 80, acceptUntilMs: null },
  ];
  const states = groupKeyLines(keys, 60).map((line) => line.split(/ {2,}/).slice(0, 2));
  expect(states).toEqual([
    ['KEY', 'STATE'],
    ['1', 'before'],
    ['2', 'in use'],
    ['3', 'to come'],
  ]);
});

it('says of a server that it is not well, and what of it', () => {
  const lines = statusLines({
    consoleUrl: 'http://127.0.0.1:27802',
    health: {
      status: 'degraded',
      reasons: ['Agents cannot connect.'],
      database: { kind: 'postgresql', answers: false },
      diskFreeBytes: null,
      agentsListening: false,
      certificateDaysLeft: 3,
      productVersion: '1.2.3',
    },
    session: { name: 'ada', role: 'read', kind: 'token', serverName: 'srv', productVersion: '1.2.3' },
    overview: { agents: 3, agentsOnline: 1, packages: 2, directBytes: 1000, peerBytes: 2000 },
    alerts: 2,
  });
  expect(lines).toEqual([
    'server       srv, version 1.2.3, not well',
    'console      http://127.0.0.1:27802, asked as ada (read)',
    'database     postgresql, does not answer',
    'disk         the system does not tell',
    'listener     agents cannot connect',
    'certificate  3 days left; it renews itself',
    'agents       3, 1 of them online',
    'packages     2',
    'bytes        1.0 KB direct, 2.0 KB from peers',
    'alerts       2; see "fanout alerts"',
  ]);
});

it('reads the time of a server off its answer', () => {
  expect(serverTimeOf('Sun, 31 Jan 2027 14:05:06 GMT')).toBe(Date.UTC(2027, 0, 31, 14, 5, 6));
  for (const date of [null, undefined, 'today or so']) expect(serverTimeOf(date)).toBeNull();
});
