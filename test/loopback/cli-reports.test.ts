import { afterAll, beforeAll, expect, it, test } from 'vitest';
import { trafficReportSchema } from '../../shared/contracts/reports-api.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';

let place: ServerPlace;

beforeAll(async () => {
  place = await ServerPlace.start();
});

afterAll(() => place.stop());

function report(...args: string[]) {
  const { consoleUrl, apiToken } = place.server;
  return runFanoutHere(['report', ...args, '--console', consoleUrl, '--token', apiToken]);
}

it('fanout report prints each report for people, programs and spreadsheets', async () => {
  for (const name of ['traffic', 'savings', 'wan-copies', 'first-downloaders', 'reasons']) {
    const people = await report(name, '--last', '28d');
    expect([name, people.exitCode, people.stderr]).toEqual([name, 0, '']);
    expect(people.stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\dZ to .*\nNothing\.\n$/);
    const csv = await report(name, '--csv');
    expect([csv.exitCode, csv.stdout.split('\n').length]).toEqual([0, 2]);
  }
  const hours = { from: new Date(Date.now() - 90_000_000), to: new Date(Date.now() - 3_600_000) };
  const range = ['--from', `${hours.from.toISOString().slice(0, 16)}Z`, '--to', hours.to.toISOString()];
  const json = await report('traffic', '--by', 'site', ...range, '--json');
  expect(trafficReportSchema.parse(JSON.parse(json.stdout)).bucket).toBe('hour');
  const now = await report('traffic', '--by', 'agent', '--json');
  expect(trafficReportSchema.parse(JSON.parse(now.stdout)).groups).toEqual([]);
});

test.each([
  [['traffic', '--last', 'yesterday'], 2, '90m'],
  [['traffic', '--from', '1 May'], 2, '2026-03-01'],
  [['traffic', '--last', '24h', '--from', '2026-03-01'], 2, '--last'],
  [['traffic', '--json', '--csv'], 2, '--csv'],
  [['traffic', '--by', 'color'], 2, 'site'],
  [['traffic', '--subnet', '10.0.0.1/8'], 2, '10.1.2.0/24'],
  [['traffic', '--site', 'Nowhere'], 7, 'Nowhere'],
  [['traffic', '--last', '400d'], 1, '365'],
  [['penetration'], 2, '--package'],
  [['penetration', '--delivery', 'x'], 7, 'delivery'],
] as const)('fanout report %j ends with %i and says what is wrong', async (args, exitCode, sentence) => {
  const run = await report(...args);
  expect([run.exitCode, run.stdout]).toEqual([exitCode, '']);
  expect(run.stderr).toContain(sentence);
});
