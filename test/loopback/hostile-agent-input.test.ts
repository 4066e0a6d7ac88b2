import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  agentConfigurationSchema,
  bootHeader,
  enrolRequestSchema,
  joinTokenPattern,
  reEnrolRequestSchema,
  renewRequestSchema,
} from '../../shared/contracts/agent-api.ts';
import { eventBatchSchema } from '../../shared/contracts/agent-events.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import type { RequestOptions, TestAgent, TestAnswer } from '../notification-server/support/test-agent.ts';
import { makeAgentKey, request } from '../notification-server/support/test-agent.ts';
import type { HostileCase } from '../support/hostile-values.ts';
import { hostileCases, isNamedIn } from '../support/hostile-values.ts';
import { DatabaseWatch } from './support/database-dump.ts';
import type { ObservedRoute } from './support/observed-routes.ts';
import { observeRoutes } from './support/observed-routes.ts';
import { packageFile, SeededServer } from './support/seeded-server.ts';

interface Example {
  readonly params?: Record<string, string>;
  readonly schema?: z.ZodType;
  /** Bodies that are valid, of each kind one. */
  readonly bodies?: (seeds: SeededServer) => readonly unknown[] | Promise<readonly unknown[]>;
  /** Where a valid request is answered so, because the agent is not what the route is for. */
  readonly status?: number;
  /** No request and answer. */
  readonly isFeed?: true;
}

const key = '0'.repeat(40);
const agentId = '1'.repeat(32);
const packageExample: Example = { params: { guid: '', version: '' } };

/** For each route of the agents' listener what it needs. A new route needs a line here. */
const examples: Readonly<Record<string, Example>> = {
  'POST /agent/v1/enrol': {
    schema: enrolRequestSchema,
    bodies: async ({ place }) => {
      const secret = joinTokenPattern.exec(place.joinToken)?.[2];
      return [{ secret, csrPem: (await makeAgentKey()).csrPem, name: 'pc', previousAgentId: agentId }];
    },
  },
  'POST /agent/v1/re-enrol': {
    schema: reEnrolRequestSchema,
    bodies: async () => [{ csrPem: (await makeAgentKey()).csrPem, name: 'pc' }],
    status: 403,
  },
  'POST /agent/v1/renew': { schema: renewRequestSchema, bodies: ({ agent }) => [{ csrPem: agent.key.csrPem }] },
  'GET /agent/v1/configuration': {},
  'GET /agent/v1/additional-subnets': {},
  'POST /agent/v1/events': { schema: eventBatchSchema, bodies: () => eventsOfEachKind().map(batchOf) },
  'GET /agent/v1/feed': { isFeed: true },
  'GET /content/*': { params: { '*': '' } },
  'GET /agent/v1/packages/:guid/:version/snapshot': packageExample,
  'GET /agent/v1/packages/:guid/:version/codebases': packageExample,
  'GET /agent/v1/packages/:guid/:version/blocks/:block': { params: { ...packageExample.params, block: '0' } },
};

function batchOf(event: object) {
  return { installationEpoch: 1, events: [{ sequence: 1, atMs: 1, ...event }] };
}

function eventsOfEachKind(): object[] {
  const lan = { name: 'lo', address: '127.30.1.9', subnet: '127.30.1.0/24', port: 27801 };
  const interfaces = { interfaces: [lan], unsupportedAdapters: ['v6'] };
  const computer = { bootId: 1, productVersion: '0', platform: 'test', cpuCores: 1 };
  const delivery = { deliveryId: 'd', round: 0, failure: 'disk-full', exitCode: 1, isRebootPending: false };
  const portion = { source: 'peer', reason: 'peer-has-block', agentId, bytes: 1, blocks: 1 };
  return [
    { kind: 'started', ...computer, ...interfaces },
    { kind: 'interfaces-changed', ...interfaces },
    { kind: 'stopping' },
    { kind: 'package-state', key, state: 'failed', blocks: 0, blockCount: 1, detail: 'full', delivery },
    { kind: 'transferred', key, portions: [portion] },
    { kind: 'served', key, portions: [{ agentId, from: '10.0.0.9', requests: 1, hits: 1, bytes: 1 }] },
    { kind: 'bad-block', key, block: 0, peer: agentId, isBanned: false },
    { kind: 'claim', key, subnet: '10.0.0.0/24', epoch: 1, change: 'claimed' },
  ];
}

let seeds: SeededServer;
let watch: DatabaseWatch;
let observed: readonly ObservedRoute[];

beforeAll(async () => {
  const observing = observeRoutes();
  seeds = await SeededServer.start();
  observing.stop();
  observed = observing.routes.filter(({ url }) => !url.startsWith('/api/') && url !== '/metrics');
  watch = new DatabaseWatch(seeds.server.dataFolder);
  watch.remember();
});

afterAll(async () => {
  watch.close();
  await seeds.stop();
});

/** `from` null: a stranger, who has no certificate. */
function ask(
  route: string,
  params: Record<string, string>,
  more: RequestOptions = {},
  from: TestAgent | null = seeds.agent,
) {
  const [method = '', url = ''] = route.split(' ');
  const filled = url.replace(/:(\w+)|\*/g, (whole, name: string = whole) => params[name] ?? '');
  return request(`${seeds.server.agentUrl}${filled}`, {
    ...(from?.tlsOptions ?? {
      ca: seeds.agent.identity.caCertificatePem,
      servername: seeds.agent.tlsOptions.servername,
    }),
    method,
    ...more,
  });
}

function paramsOf({ params = {} }: Example): Record<string, string> {
  const { guid, version } = seeds.subject;
  if ('*' in params) return { '*': `${guid}/${version}/${packageFile}` };
  return { ...params, ...('guid' in params ? { guid, version } : {}) };
}

/** What is wrong with the answer to something wrong; null = nothing. */
function problemOf(hostile: HostileCase, value: unknown, answer: TestAnswer): string | null {
  const { mustBeRefused, path: field } = hostile;
  const text = answer.body.toString();
  const told = `${answer.status} ${text.slice(0, 300)}`;
  if (answer.status < 300) {
    watch.remember();
    return mustBeRefused ? `was taken: ${told}` : null;
  }
  if (answer.status < 400 || answer.status > 499) return `was answered ${told}`;
  const changed = watch.changedTables();
  if (changed.length > 0) return `changed ${changed.join(', ')}, answered ${told}`;
  const { code, fields } = apiErrorSchema.parse(JSON.parse(text)).error;
  if (code !== 'invalid-request' || field === '') return null;
  if (!mustBeRefused) return fields === undefined ? `the answer names no field: ${told}` : null;
  return isNamedIn(fields, hostile, value) ? null : `the answer does not name ${field}: ${told}`;
}

/** A parameter, which no answer has to name. */
const hostileText: HostileCase = {
  what: '',
  path: '',
  mustBeRefused: true,
  valueFrom: (text) => text,
  wrongFields: () => [],
};

const rawTexts = [
  ...['%00', '%', '%zz', '%ED%A0%80', '..%2F..%2Fetc', '%2e%2e', '__proto__', 'NaN', '-1', '1e308', '0.5', '%20'],
  ...["'%20OR%201=1", '%F0%9F%99%82', '99999999999999999999', 'x'.repeat(90), 'x'.repeat(5000)],
];

describe('whatever is wrong with a request of an agent is told, and changes nothing', () => {
  test('every route has an example to start from', () => {
    const missing = observed.map(({ method, url }) => `${method} ${url}`).filter((route) => !(route in examples));
    expect(missing, 'new routes: add what they need to `examples` in this file').toEqual([]);
  });

  const names = Object.keys(examples).filter((route) => examples[route]?.isFeed !== true);
  const closed = names.filter((route) => route !== 'POST /agent/v1/enrol');
  test.each(closed)('%s: nobody without a certificate may', async (route) => {
    const answer = await ask(route, paramsOf(examples[route] ?? {}), {}, null);
    expect([answer.status, watch.changedTables()]).toEqual([401, []]);
  });

  test.each(names)('%s: a right request is answered', async (route) => {
    const example = examples[route] ?? {};
    for (const body of (await example.bodies?.(seeds)) ?? [undefined]) {
      const answer = await ask(route, paramsOf(example), { body });
      expect(answer.status, answer.body.toString().slice(0, 300)).toBe(example.status ?? 200);
    }
    watch.remember();
  });

  const withBody = names.filter((route) => examples[route]?.schema !== undefined);
  test.each(withBody)('%s: fields of the body', async (route) => {
    const example = examples[route] ?? {};
    const tried = new Set<string>();
    const problems: string[] = [];
    for (const valid of (await example.bodies?.(seeds)) ?? []) {
      // Computers call themselves what they like: what cannot be stored is replaced.
      for (const hostile of hostileCases(example.schema as z.ZodType, valid, false)) {
        const kind = (valid as { events?: { kind: string }[] }).events?.[0]?.kind ?? '';
        if (tried.has(`${kind} ${hostile.what}`)) continue;
        tried.add(`${kind} ${hostile.what}`);
        const value = hostile.valueFrom(valid);
        const problem = problemOf(hostile, value, await ask(route, {}, { body: value }));
        if (problem !== null) problems.push(`${kind} ${hostile.what} ${problem}`);
      }
    }
    expect(problems).toEqual([]);
  });

  const withParams = names.filter((route) => examples[route]?.params !== undefined);
  test.each(withParams)('%s: parameters', async (route) => {
    const usual = paramsOf(examples[route] ?? {});
    const problems: string[] = [];
    for (const name of Object.keys(usual)) {
      for (const text of rawTexts) {
        const problem = problemOf(hostileText, text, await ask(route, { ...usual, [name]: text }));
        if (problem !== null) problems.push(`${name} ${text.slice(0, 20)} ${problem}`);
      }
    }
    expect(problems).toEqual([]);
  });

  test('headers that mean something', async () => {
    const from = await seeds.place.enrol({ name: 'strange' });
    watch.remember();
    const values = ['', 'NaN', '-1', '1e308', '99999999999999999999', 'x'.repeat(5000), '__proto__', '"', 'W/"', '*'];
    const ranges = [
      'bytes=',
      'bytes=-',
      'bytes=-0',
      'bytes=9-1',
      'bytes=0-99999999999999999999',
      'bytes=0-0,2-3',
      'lines=1-2',
    ];
    const statuses = new Set<number>();
    const block = 'GET /agent/v1/packages/:guid/:version/blocks/:block';
    for (const [name, each] of [
      [bootHeader, values],
      ['if-none-match', values],
      ['range', [...values, ...ranges]],
    ] as const) {
      for (const value of each) {
        const route = name === 'range' ? block : 'GET /agent/v1/configuration';
        const answer = await ask(route, paramsOf(examples[route] ?? {}), { headers: { [name]: value } }, from);
        statuses.add(answer.status);
      }
    }
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    expect(watch.changedTables()).toEqual([]);
  });

  test('the agent goes on as ever', async () => {
    const answer = await seeds.agent.request('/configuration');
    expect(agentConfigurationSchema.safeParse(answer.json()).error).toBeUndefined();
  });
});
