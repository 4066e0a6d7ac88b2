import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { agentConfigurationSchema } from '../../shared/contracts/agent-api.ts';
import type { ConsoleRoute, ConsoleRouteName } from '../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import { isAllowed, scopes } from '../../shared/contracts/people-api.ts';
import type { HostileCase } from '../support/hostile-values.ts';
import { hostileCases, isNamedIn } from '../support/hostile-values.ts';
import type { Answer } from './support/console-asker.ts';
import { ConsoleAsker } from './support/console-asker.ts';
import type { MoreOfCall } from './support/console-examples.ts';
import { consoleExamples } from './support/console-examples.ts';
import { DatabaseWatch } from './support/database-dump.ts';
import { SeededServer } from './support/seeded-server.ts';

const allRoutes = Object.entries<ConsoleRoute>(consoleRoutes) as [ConsoleRouteName, ConsoleRoute][];
const routes = allRoutes.filter(([name]) => consoleExamples[name] !== undefined);
const halfACharacter = /\p{Surrogate}/u;
const longestRouteMs = 60_000;
/** A sentence and the names of fields; what was sent does not come back. */
const longestAnswer = 20_000;
/** Addresses of requests have a limit of their own, far above this. */
const longestInAddress = 5000;
const maximumBodyBytes = 2 * 1024 * 1024;
/** Each may ask as much as one caller may, which is less than this file does. */
const tokenCount = 30;

/** Failed sign-ins are in the audit trail. */
const mayBeAudited = new Set<ConsoleRouteName>(['signIn', 'signInWithPassword', 'changeOwnPassword']);

let seeds: SeededServer;
let asker: ConsoleAsker;
let watch: DatabaseWatch;
const tokens: string[] = [];

beforeAll(async () => {
  seeds = await SeededServer.start();
  for (let index = 0; index < tokenCount; index++) tokens.push((await seeds.token('administrator')).token);
  asker = new ConsoleAsker(seeds.server.consoleUrl);
  watch = new DatabaseWatch(seeds.server.dataFolder);
  watch.remember();
});

afterAll(async () => {
  watch.close();
  asker.close();
  await seeds.stop();
});

interface AnyCall extends MoreOfCall {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
}

interface Sent {
  readonly call: AnyCall;
  readonly params?: Record<string, string>;
  /** Parameters as they stand in the address, instead of `params`. */
  readonly rawParams?: Record<string, string>;
  readonly query?: string;
  readonly body?: string | Buffer | undefined;
  readonly contentType?: string;
  readonly saidLength?: number;
}

/** Sends the call with something else in the place of one of its parts. */
async function send(route: ConsoleRoute, { call, ...other }: Sent): Promise<Answer> {
  const params = { ...call.params, ...other.params };
  const url = route.path.replace(/:(\w+)/g, (_whole, name: string) => {
    return other.rawParams?.[name] ?? encodeURIComponent((params[name] ?? '').slice(0, longestInAddress));
  });
  const query = other.query ?? new URLSearchParams(call.query).toString();
  const usual = call.body === undefined ? call.file : JSON.stringify(call.body);
  const body = 'body' in other ? other.body : usual;
  const type = other.contentType ?? (route.takesFile === true ? 'application/octet-stream' : 'application/json');
  for (;;) {
    const headers: Record<string, string> = call.headers ?? { authorization: `Bearer ${tokens[0]}` };
    const answer = await asker.ask({
      method: route.method,
      path: `/api/v1${url}${query === '' ? '' : `?${query}`}`,
      headers: body === undefined ? headers : { ...headers, 'content-type': type },
      body,
      saidLength: other.saidLength,
    });
    if (answer.status !== 429 || call.headers !== undefined || tokens.length === 1) return answer;
    tokens.shift();
  }
}

/** What is wrong with the answer to something wrong; null = nothing. */
function problemOf(name: ConsoleRouteName, hostile: HostileCase, value: unknown, answer: Answer): string | null {
  const { mustBeRefused, path: field } = hostile;
  const told = `${answer.status} ${answer.text.slice(0, 300)}`;
  if (answer.status < 300) return mustBeRefused ? `was taken: ${told}` : null;
  if (answer.status < 400 || answer.status > 499) return `was answered ${told}`;
  const changed = watch.changedTables().filter((table) => table !== 'audit' || !mayBeAudited.has(name));
  if (changed.length > 0) return `changed ${changed.join(', ')}, answered ${told}`;
  if (answer.text.length > longestAnswer) return `was answered with ${answer.text.length} characters`;
  const parsed = apiErrorSchema.safeParse(jsonOf(answer.text));
  if (!parsed.success || answer.contentType !== 'application/json') return `was answered in another form: ${told}`;
  const { code, message, fields } = parsed.data.error;
  if (message.length < 10) return `was answered without a sentence: ${told}`;
  if (code !== 'invalid-request' || field === '') return null;
  // What the schema takes may be wrong together with another field.
  if (!mustBeRefused) return fields === undefined ? `the answer names no field: ${told}` : null;
  return isNamedIn(fields, hostile, value) ? null : `the answer does not name ${field}: ${told}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // no form at all, as the caller says
  }
}

/** Calls of examples that still wait to be made. */
const unused = new Map<ConsoleRouteName, readonly AnyCall[]>();

async function callsOf(name: ConsoleRouteName): Promise<readonly AnyCall[]> {
  const calls = unused.get(name) ?? ((await consoleExamples[name]?.(seeds)) as readonly AnyCall[]);
  unused.set(name, calls);
  await seeds.noRunningImport();
  watch.remember();
  return calls;
}

interface Attempt {
  /** What is tried of a call: all or some of it is replaced. */
  readonly part: (call: AnyCall) => unknown;
  readonly sent: (call: AnyCall, value: unknown) => Sent;
}

/** Tries each case; where one is taken, it has used up what the call was about, and the next is made of a fresh call. */
async function tryAll(
  name: ConsoleRouteName,
  casesOf: (call: AnyCall) => readonly HostileCase[],
  { part, sent }: Attempt,
): Promise<string[]> {
  const problems: string[] = [];
  // Variants differ in a few fields; the others were tried.
  const tried = new Set<string>();
  let calls = await callsOf(name);
  for (let which = 0; which < calls.length; which++) {
    for (const hostile of casesOf(calls[which] ?? {})) {
      const call = calls[which] ?? {};
      if (tried.has(hostile.what)) continue;
      tried.add(hostile.what);
      const value = hostile.valueFrom(part(call));
      const answer = await send(consoleRoutes[name], sent(call, value));
      const problem = problemOf(name, hostile, value, answer);
      if (problem !== null) problems.push(`${hostile.what} ${problem}`);
      if (answer.status >= 300) continue;
      unused.delete(name);
      calls = await callsOf(name);
    }
  }
  return problems;
}

/** The same value whatever the call. */
function caseOf(what: string, value: unknown, path = ''): HostileCase {
  return { what, path, mustBeRefused: true, valueFrom: () => value, wrongFields: () => [path] };
}

const nothing = (): undefined => undefined;

/** Bodies that are no JSON, or not JSON of an object. */
const brokenBodies: readonly HostileCase[] = [
  caseOf('nothing', undefined),
  caseOf('an empty body', ''),
  ...['{', '{"a":}', 'NaN', '{"a":NaN}', '[', '"text"', '17', 'null', '[]', '{"__proto__":{"a":1}}', '{}{}'].map(
    (text) => caseOf(`the body ${text}`, text),
  ),
  caseOf('a prototype', '{"constructor":{"prototype":{"a":1}}}'),
  caseOf('bytes that are no text', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
];

/** As they stand in an address: what no program that encodes as it should would send. */
const rawTexts = ['%00', '%', '%zz', '%ED%A0%80', '%C0%AE%C0%AE', '..%2F..%2Fetc', '%2e%2e', 'x'.repeat(500)];

describe('whatever is wrong with a request is told, and changes nothing', () => {
  test('every route has an example to start from', () => {
    const missing = allRoutes.filter((route) => !routes.includes(route)).map(([name]) => name);
    expect(missing, 'new routes: add calls that succeed to test/loopback/support/console-examples.ts').toEqual([]);
  });

  const withBody = routes.filter(([, { body }]) => body !== undefined);
  test.each(withBody)(
    '%s: fields of the body',
    async (name, { body }) => {
      const problems = await tryAll(name, (call) => hostileCases(body as z.ZodType, call.body), {
        part: ({ body: valid }) => valid,
        sent: (call, value) => ({ call, body: JSON.stringify(value) }),
      });
      expect(problems).toEqual([]);
    },
    longestRouteMs,
  );

  test.each(withBody)(
    '%s: the body as a whole',
    async (name) => {
      const body: Attempt = {
        part: nothing,
        sent: (call, value) => ({ call, body: value as string | Buffer | undefined }),
      };
      expect(await tryAll(name, () => brokenBodies, body)).toEqual([]);
      const types = [
        'text/plain',
        'application/octet-stream',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'x',
      ];
      const cases = types.map((type) => caseOf(`a body of type ${type}`, type));
      const type: Attempt = { part: nothing, sent: (call, value) => ({ call, contentType: String(value) }) };
      expect(await tryAll(name, () => cases, type)).toEqual([]);
    },
    longestRouteMs,
  );

  const withQuery = routes.filter(([, { query }]) => query !== undefined);
  test.each(withQuery)(
    '%s: fields of the query',
    async (name, { query }) => {
      const encoded = (fields: Record<string, string>): string => {
        return Object.entries(fields)
          .map(([key, value]) => `${key}=${encodeURIComponent(value.slice(0, longestInAddress))}`)
          .join('&');
      };
      const isText = (value: unknown): boolean =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every((text) => typeof text === 'string' && !halfACharacter.test(text));
      const casesOf = (call: AnyCall): HostileCase[] => [
        ...hostileCases(query as z.ZodType, call.query ?? {})
          .filter(({ valueFrom }) => isText(valueFrom(call.query ?? {})))
          .map((hostile) => ({
            ...hostile,
            valueFrom: (valid: unknown) => encoded(hostile.valueFrom(valid) as Record<string, string>),
            wrongFields: () => hostile.wrongFields(hostile.valueFrom(call.query ?? {})),
          })),
        ...Object.keys(call.query ?? {}).map((key) => {
          const twice = `${new URLSearchParams(call.query)}&${key}=again`;
          return caseOf(`${key}: twice`, twice, key);
        }),
      ];
      const attempt: Attempt = {
        part: (call) => call.query ?? {},
        sent: (call, value) => ({ call, query: String(value) }),
      };
      expect(await tryAll(name, casesOf, attempt)).toEqual([]);
    },
    longestRouteMs,
  );

  const withParams = routes.filter(([, { params }]) => params !== undefined);
  test.each(withParams)(
    '%s: parameters',
    async (name, { params }) => {
      const rawCases = (call: AnyCall): HostileCase[] =>
        Object.keys(call.params ?? {}).flatMap((key) =>
          rawTexts.map((text) => caseOf(`${key}: ${text.slice(0, 20)}`, { [key]: text })),
        );
      const textCases = (call: AnyCall): HostileCase[] =>
        hostileCases(params as z.ZodType, call.params).filter(({ path: key, valueFrom }) => {
          const text = (valueFrom(call.params) as Record<string, unknown> | null)?.[key];
          return typeof text === 'string' && text !== '' && !halfACharacter.test(text);
        });
      const raw: Attempt = {
        part: nothing,
        sent: (call, value) => ({ call, rawParams: value as Record<string, string> }),
      };
      const text: Attempt = {
        part: (call) => call.params,
        sent: (call, value) => ({ call, params: value as Record<string, string> }),
      };
      const problems = [...(await tryAll(name, rawCases, raw)), ...(await tryAll(name, textCases, text))];
      expect(problems).toEqual([]);
    },
    longestRouteMs,
  );

  test.each(routes.filter(([, { method, takesFile }]) => !takesFile && method !== 'GET'))(
    '%s: a body over the limit, and one of a million levels',
    async (name) => {
      const tooLong = [caseOf('over the limit', '{')];
      const long: Attempt = {
        part: nothing,
        sent: (call) => ({ call, body: '{', saidLength: maximumBodyBytes + 1 }),
      };
      const deep: Attempt = { part: nothing, sent: (call) => ({ call, body: '['.repeat(1_000_000) }) };
      const problems = [...(await tryAll(name, () => tooLong, long)), ...(await tryAll(name, () => tooLong, deep))];
      expect(problems).toEqual([]);
    },
  );
});

describe('who may not', () => {
  test.each(routes.filter(([, { access }]) => access !== 'anybody'))(
    '%s is refused, and nothing changes',
    async (name, route) => {
      const calls = await callsOf(name);
      const refused = scopes.filter((scope) => !isAllowed(scope, route.access));
      const lesser = await Promise.all(refused.map((scope) => seeds.token(scope)));
      watch.remember();
      const asked = [{}, ...lesser.map(({ token }) => ({ authorization: `Bearer ${token}` }))];
      for (const call of calls) {
        const statuses: number[] = [];
        for (const headers of asked) statuses.push((await send(route, { call: { ...call, headers } })).status);
        expect(statuses).toEqual([401, ...lesser.map(() => 403)]);
      }
      expect(watch.changedTables()).toEqual([]);
    },
  );
});

describe('after all that', () => {
  const readable = routes.filter(([, { method, params }]) => method === 'GET' && params === undefined);
  test.each(readable)('%s answers as ever', async (name, route) => {
    const [call = {}] = await callsOf(name);
    const answer = await send(route, { call });
    expect(answer.status, answer.text).toBe(200);
    expect(route.answer?.safeParse(JSON.parse(answer.text)).error).toBeUndefined();
  });

  test('agents get configurations, and no upload is left', async () => {
    const answer = await seeds.agent.request('/configuration');
    expect(agentConfigurationSchema.safeParse(answer.json()).error).toBeUndefined();
    const left = await readdir(path.join(seeds.server.dataFolder, 'packages'));
    expect(left.filter((name) => name.startsWith('.upload-'))).toEqual([]);
  });
});
