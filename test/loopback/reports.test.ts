import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { TrafficReportQuery } from '../../shared/contracts/reports-api.ts';
import { penetrationReportSchema, reportRoutes } from '../../shared/contracts/reports-api.ts';
import type { TrafficBytes } from '../../shared/contracts/statistics.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';

const sizeBytes = 300_000;
const none: TrafficBytes = {
  notificationServerBytes: 0,
  ownPackageServerBytes: 0,
  foreignPackageServerBytes: 0,
  peerBytes: 0,
  fillBytes: 0,
};

let place: ServerPlace;
let siteId = '';
let first: TestAgent;
let second: TestAgent;
let server: TestAgent;
let key: PackageKey;
let sequence = 0;
const startedAtMs = Date.now();

async function tell(from: TestAgent, ...told: readonly object[]): Promise<void> {
  const body = {
    installationEpoch: from.identity.installationEpoch,
    events: told.map((event) => ({ sequence: ++sequence, atMs: Date.now(), ...event })),
  };
  for (let time = 0; time < 2; time++) {
    // What is sent again, because an answer was lost, is counted once.
    expect((await from.request('/events', { method: 'POST', body })).status).toBe(200);
  }
}

async function join(name: string, address: string): Promise<TestAgent> {
  const agent = await place.enrol({ name, localAddress: address });
  const subnet = `${address.split('.').slice(0, 3).join('.')}.0/24`;
  const self = { bootId: 1, productVersion: '0', platform: 'test', cpuCores: 1 };
  await tell(agent, { kind: 'started', ...self, interfaces: [{ name: 'lo', address, subnet, port: 27801 }] });
  return agent;
}

beforeAll(async () => {
  place = await ServerPlace.start();
  const site = { name: '=Branch, "one"', subnets: ['127.41.1.0/24'], wanKilobitsPerSecond: 0 };
  siteId = (await place.server.call('createSite', { body: site })).id;
  first = await join('first', '127.41.1.9');
  second = await join('second', '127.41.1.10');
  server = await join('ps', '127.41.2.2');
  await place.server.call('addPackageServer', { body: { agentId: server.agentId } });
  const { guid, version } = await place.publish('package.bin', randomBytes(sizeBytes));
  key = packageKeyOf(guid, version);
  // One whole copy, a part of a second one, and the copy of the Package Server: each leaves a real socket.
  const block = `/packages/${guid}/${version}/blocks/0`;
  expect((await first.request(block)).body.length).toBe(sizeBytes);
  expect((await second.request(block, { headers: { range: 'bytes=0-99999' } })).body.length).toBe(100_000);
  expect((await server.request(block)).body.length).toBe(sizeBytes);
  const direct = { source: 'notification-server', agentId: null, blocks: 1 };
  await tell(
    first,
    { kind: 'claim', key, subnet: '127.41.1.0/24', epoch: 1, change: 'claimed' },
    { kind: 'transferred', key, portions: [{ ...direct, reason: 'lane', bytes: sizeBytes }] },
    { kind: 'claim', key, subnet: '127.41.1.0/24', epoch: 1, change: 'completed' },
    { kind: 'package-state', key, state: 'ready', blocks: 1, blockCount: 1, detail: '' },
  );
  const fromPeer = { source: 'peer', reason: 'peer-has-block', agentId: first.agentId, bytes: 200_000, blocks: 1 };
  const excused = { ...direct, reason: 'no-holder-online', bytes: 90_000 };
  await tell(second, { kind: 'transferred', key, portions: [fromPeer, excused] });
  await tell(server, {
    kind: 'served',
    key,
    portions: [
      { agentId: second.agentId, requests: 1, hits: 1, bytes: 4_000 },
      // A client with a link, in the same subnet.
      { agentId: server.agentId, from: '127.41.1.77', requests: 1, hits: 1, bytes: 1_000 },
    ],
  });
  await place.restartServer();
});

afterAll(() => place.stop());

const branch = { notificationServerBytes: 400_000, foreignPackageServerBytes: 5_000, peerBytes: 200_000 };

async function ask(url: string, accept = 'application/json') {
  const { consoleUrl, apiToken } = place.server;
  return fetch(`${consoleUrl}/api/v1/reports/${url}`, { headers: { authorization: `Bearer ${apiToken}`, accept } });
}

describe('after a restart of the server', () => {
  test('traffic is what the sockets sent and the agents told, in every bucket and by every group', async () => {
    const overview = await place.server.call('overview', {});
    expect(overview.directBytes).toBe(2 * sizeBytes + 100_000 + 5_000);
    expect(overview.wanCopies.map(({ wanBytes }) => wanBytes).sort()).toEqual([sizeBytes, 405_000]);
    const total = { ...none, ...branch, notificationServerBytes: 2 * sizeBytes + 100_000, fillBytes: sizeBytes };
    for (const bucket of ['minute', 'hour', 'day', 'month'] as const) {
      for (const groupBy of ['all', 'site', 'subnet', 'package', 'policy'] as const) {
        const report = await place.server.call('trafficReport', { query: { bucket, groupBy } });
        expect(report.total).toEqual(total);
        const points = report.groups.flatMap((group) => group.points);
        const sum = (field: keyof TrafficBytes) => points.reduce((bytes, point) => bytes + point[field], 0);
        expect([sum('notificationServerBytes'), sum('peerBytes')]).toEqual([700_000, 200_000]);
        expect(points.every(({ atMs }) => atMs >= report.fromMs && atMs < report.toMs)).toBe(true);
      }
    }
  });

  test('groups have their names, and a filter leaves one', async () => {
    const bySite = await place.server.call('trafficReport', { query: { groupBy: 'site' } });
    expect(bySite.groups.map(({ id, name, bytes }) => [id, name, bytes])).toEqual([
      [siteId, '=Branch, "one"', { ...none, ...branch }],
      ['', 'Unassigned', { ...none, notificationServerBytes: sizeBytes, fillBytes: sizeBytes }],
    ]);
    const one = await place.server.call('trafficReport', { query: { groupBy: 'site', top: '1' } });
    expect(one.others).toEqual({
      groups: 1,
      bytes: { ...none, notificationServerBytes: sizeBytes, fillBytes: sizeBytes },
    });
    const narrow: TrafficReportQuery[] = [{ siteId }, { subnet: '127.41.1.0/24' }, { siteId, key }];
    for (const query of narrow) {
      const report = await place.server.call('trafficReport', { query });
      expect(report.total).toEqual({ ...none, ...branch });
    }
    const unassigned = await place.server.call('trafficReport', { query: { siteId: 'unassigned' } });
    expect(unassigned.total.notificationServerBytes).toBe(sizeBytes);
    const agents = await place.server.call('trafficReport', { query: { groupBy: 'agent' } });
    const taken = agents.groups.map(({ name, bytes }) => [
      name,
      bytes.notificationServerBytes,
      bytes.foreignPackageServerBytes,
      bytes.peerBytes,
    ]);
    expect(taken[0]).toEqual(['second', 100_000, 4_000, 200_000]);
    expect(taken.slice(1).sort()).toEqual([
      ['No agent', 0, 1_000, 0],
      ['first', sizeBytes, 0, 0],
      ['ps', sizeBytes, 0, 0],
    ]);
    const self = await place.server.call('trafficReport', { query: { agentId: second.agentId } });
    expect(self.total).toEqual({
      ...none,
      notificationServerBytes: 100_000,
      foreignPackageServerBytes: 4_000,
      peerBytes: 200_000,
    });
  });

  test('WAN copies count both kinds of outside, and excuse what is beyond one copy', async () => {
    const { rows } = await place.server.call('wanCopiesReport', { query: { per: 'site' } });
    expect(
      rows.map(({ siteName, wanBytes, excusedBytes, copies }) => [siteName, wanBytes, excusedBytes, copies]),
    ).toEqual([
      ['=Branch, "one"', 405_000, 90_000, 315_000 / sizeBytes],
      [null, sizeBytes, 0, 1],
    ]);
    const bySubnet = await place.server.call('wanCopiesReport', { query: {} });
    expect(bySubnet.rows.map(({ subnet }) => subnet)).toEqual(['127.41.1.0/24', '127.41.2.0/24']);
  });

  test('first downloaders are told with what they took', async () => {
    const { rows } = await place.server.call('firstDownloadersReport', { query: {} });
    expect(rows).toMatchObject([
      {
        agentName: 'first',
        subnet: '127.41.1.0/24',
        siteName: '=Branch, "one"',
        end: 'completed',
        directBytes: sizeBytes,
        peerBytes: 0,
      },
    ]);
    expect(rows[0]?.claimedAtMs).toBeGreaterThanOrEqual(startedAtMs);
  });

  test('direct bytes have their reasons, and what nobody explained is said', async () => {
    const report = await place.server.call('directReasonsReport', { query: {} });
    expect(report.rows.map(({ reason, bytes }) => [reason, bytes])).toEqual([
      ['lane', sizeBytes],
      ['no-holder-online', 90_000],
    ]);
    expect([report.directBytes, report.unexplainedBytes]).toEqual([705_000, 705_000 - 390_000]);
  });

  test('reasons are sizes for people, and bytes for programs', async () => {
    const run = (...more: string[]) => runFanoutHere(['report', 'reasons', ...more, '--data', place.server.dataFolder]);
    expect((await run()).stdout.split('\n').slice(1)).toEqual([
      expect.stringMatching(/^NAME +SOURCE +REASON +BYTES$/),
      expect.stringMatching(/^All +notification-server +lane +300\.0 KB$/),
      expect.stringMatching(/^All +notification-server +no-holder-online +90\.0 KB$/),
      '705.0 KB directly; for 315.0 KB no reason was told.',
      '',
    ]);
    expect((await run('--csv')).stdout).toContain(',notification-server,lane,300000\r\n');
    expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ rows: [{ bytes: 300_000 }, { bytes: 90_000 }] });
  });

  test('savings leave out what the Package Server took for others', async () => {
    const { total, rows } = await place.server.call('savingsReport', { query: {} });
    expect(total).toMatchObject({ wouldCrossBytes: 605_000, crossedBytes: 705_000, savedBytes: -100_000 });
    expect(rows.map(({ name, savedBytes }) => [name, savedBytes])).toEqual([
      ['=Branch, "one"', 200_000],
      ['Unassigned', -sizeBytes],
    ]);
  });

  test('penetration is how many agents had the package, and when', async () => {
    const report = await place.server.call('penetrationReport', { query: { key } });
    expect(report.points.map(({ ready, installed, failed }) => [ready, installed, failed])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
    ]);
  });

  test('penetration is told by the minute', async () => {
    const minuteMs = 60_000;
    const fromMs = startedAtMs - 5 * minuteMs + 1;
    const { points, ...range } = await place.server.call('penetrationReport', { query: { key, fromMs: `${fromMs}` } });
    expect(range.fromMs).toBe(fromMs - (fromMs % minuteMs));
    expect([range.toMs % minuteMs, range.toMs - Date.now() <= minuteMs]).toEqual([0, true]);
    expect(points.map(({ ready }) => ready)).toEqual([0, 1]);
    const args = ['report', 'penetration', '--package', 'package.bin', '--last', '1h', '--json'];
    const { stdout } = await runFanoutHere([...args, '--data', place.server.dataFolder]);
    const lastHour = penetrationReportSchema.parse(JSON.parse(stdout));
    expect((lastHour.toMs - lastHour.fromMs) / minuteMs).toBeLessThanOrEqual(61);
  });

  test('every report is a table too, safe to open in a spreadsheet', async () => {
    for (const { path: route } of Object.values(reportRoutes)) {
      const needed = route.endsWith('penetration') ? `&key=${key}` : '';
      const answer = await ask(`${route.split('/').at(-1)}?format=csv${needed}`);
      expect([route, answer.status, answer.headers.get('content-type')]).toEqual([
        route,
        200,
        'text/csv; charset=utf-8',
      ]);
      expect((await answer.text()).split('\r\n').length).toBeGreaterThan(2);
    }
    const csv = await (await ask('savings', 'text/csv')).text();
    expect(csv.split('\r\n')[1]).toBe(`${siteId},"'=Branch, ""one""",605000,405000,200000`);
    expect((await ask('savings?format=json', 'text/csv')).headers.get('content-type')).toContain('application/json');
  });
});

test.each([
  ['traffic?fromMs=x', 400, 'fromMs'],
  ['traffic?fromMs=-1', 400, 'fromMs'],
  ['traffic?fromMs=1', 400, 'fromMs'],
  [`traffic?fromMs=${startedAtMs}&toMs=${startedAtMs}`, 400, 'fromMs'],
  ['traffic?toMs=99999999999999', 400, 'toMs'],
  ['traffic?bucket=second', 400, 'bucket'],
  [`traffic?bucket=minute&fromMs=${startedAtMs - 30 * 86_400_000}`, 400, 'bucket'],
  [`traffic?bucket=hour&fromMs=${startedAtMs - 60 * 86_400_000}`, 400, 'bucket'],
  ['traffic?groupBy=agent&bucket=hour', 400, 'bucket'],
  ['traffic?groupBy=agent&siteId=unassigned', 400, 'siteId'],
  ['traffic?groupBy=color', 400, 'groupBy'],
  ['traffic?top=0', 400, 'top'],
  ['traffic?top=5000', 400, 'top'],
  [`traffic?groupBy=site&top=1000&bucket=hour&fromMs=${startedAtMs - 20 * 86_400_000}`, 200, ''],
  ["traffic?siteId=' OR 1=1 --", 404, 'siteId'],
  ['traffic?siteId=', 400, 'siteId'],
  ['traffic?subnet=10.0.0.1/24', 400, 'subnet'],
  ['traffic?key=xyz', 400, 'key'],
  [`traffic?key=${'0'.repeat(40)}`, 404, 'key'],
  ['traffic?policyId=nothing', 404, 'policyId'],
  [`traffic?agentId=${'f'.repeat(32)}`, 404, 'agentId'],
  [`traffic?siteId=a&siteId=b`, 400, 'siteId'],
  ['traffic?format=xml', 400, 'format'],
  [`savings?siteId=${'x'.repeat(5000)}`, 400, 'siteId'],
  [`wan-copies?fromMs=${startedAtMs - 200 * 86_400_000}`, 400, 'fromMs'],
  ['wan-copies?per=planet', 400, 'per'],
  [`direct-reasons?fromMs=${startedAtMs - 200 * 86_400_000}`, 400, 'fromMs'],
  ['direct-reasons?groupBy=agent', 400, 'groupBy'],
  ['first-downloaders?agentId=%00', 400, 'agentId'],
  ['first-downloaders?top=1e3', 400, 'top'],
  ['penetration', 400, 'key'],
  [`penetration?key=${'0'.repeat(40)}&deliveryId=x`, 400, 'key'],
  ['penetration?deliveryId=x', 404, 'deliveryId'],
])('%s is answered with %i and names %s', async (url, status, field) => {
  const answer = await ask(url);
  expect(answer.status).toBe(status);
  if (status === 200) return;
  const { error } = (await answer.json()) as { error: { fields?: { path: string }[] } };
  expect(error.fields?.map(({ path: at }) => at)).toContain(field);
});

test('readers may read reports, and nobody else', async () => {
  const { consoleUrl } = place.server;
  expect((await fetch(`${consoleUrl}/api/v1/reports/traffic`)).status).toBe(401);
  const body = { name: 'reader', scope: 'read', expiresInDays: 1 } as const;
  const { token } = await place.server.call('createApiToken', { body });
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${consoleUrl}/api/v1/reports/traffic`, { headers })).status).toBe(200);
  await expect(place.server.call('penetrationReport', { query: {} })).rejects.toBeInstanceOf(ConsoleRequestError);
});
