import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenAPIV3_1 } from 'openapi-types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../electron/notification-server/console/openapi.ts';
import type { ConsoleRouteName } from '../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import type { Answer } from './support/console-asker.ts';
import { ConsoleAsker } from './support/console-asker.ts';
import type { MoreOfCall } from './support/console-examples.ts';
import { consoleExamples } from './support/console-examples.ts';
import type { ObservedRoute } from './support/observed-routes.ts';
import { observeRoutes } from './support/observed-routes.ts';
import { SeededServer } from './support/seeded-server.ts';

/** What is answered beside the document: itself, what is no request and answer, and the text for Prometheus. */
const undescribed = ['GET /api/v1/feed', 'GET /api/v1/openapi.json', 'GET /metrics'];
const longestCallMs = 20_000;

let seeds: SeededServer;
let asker: ConsoleAsker;
let observed: readonly ObservedRoute[];
let document: OpenAPIV3_1.Document;

beforeAll(async () => {
  const observing = observeRoutes();
  seeds = await SeededServer.start();
  observing.stop();
  observed = observing.routes.filter(({ url }) => url.startsWith('/api/') || url === '/metrics');
  asker = new ConsoleAsker(seeds.server.consoleUrl);
  const { text } = await ask('GET', '/api/v1/openapi.json');
  document = JSON.parse(text);
});

afterAll(async () => {
  asker.close();
  await seeds.stop();
});

function administrator(): Record<string, string> {
  return { authorization: `Bearer ${seeds.server.apiToken}` };
}

function ask(method: string, path: string, headers = administrator(), body?: string | Buffer): Promise<Answer> {
  return asker.ask({ method, path, headers, body });
}

interface Operation extends OpenAPIV3_1.OperationObject {
  readonly method: string;
  readonly path: string;
}

function operationsOf({ paths = {} }: OpenAPIV3_1.Document): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, OpenAPIV3_1.OperationObject>).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
}

function operation(name: string): Operation {
  const found = operationsOf(document).find(({ operationId }) => operationId === name);
  if (found === undefined) throw new Error(`the document has no operation ${name}`);
  return found;
}

/** Fails where the value is not what the schema of the document says. */
function validate(what: string, schema: unknown, value: unknown): void {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const isValid = ajv.compile({ ...(schema as object), components: document.components });
  const problems = isValid(value) ? [] : ajv.errorsText(isValid.errors).split(', ').slice(0, 5);
  expect(problems, what).toEqual([]);
}

/** The answer has to be one that the operation lists, with one of its content types and a body of its schema. */
function validateAnswer({ operationId, responses = {} }: Operation, answer: Answer): void {
  const listed = responses[answer.status] ?? (answer.status >= 400 ? responses.default : undefined);
  expect(listed, `${operationId} answered ${answer.status} ${answer.text}`).toBeDefined();
  const { content } = listed as OpenAPIV3_1.ResponseObject;
  if (content === undefined) {
    expect([answer.text, answer.contentType]).toEqual(['', '']);
    return;
  }
  const media = content[answer.contentType];
  expect(media, `${operationId} answered ${answer.contentType}`).toBeDefined();
  const body = answer.contentType === 'application/json' ? JSON.parse(answer.text) : answer.text;
  validate(`${operationId} answered ${answer.status}`, media?.schema, body);
}

interface AnyCall extends MoreOfCall {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
}

/** Made of what the document says alone: a parameter that it does not list is not sent. */
async function callAsDescribed(described: Operation, call: AnyCall): Promise<Answer> {
  let { path } = described;
  const query: string[] = [];
  const parameters = (described.parameters ?? []) as OpenAPIV3_1.ParameterObject[];
  for (const parameter of parameters) {
    const value = (parameter.in === 'path' ? call.params : call.query)?.[parameter.name];
    if (value === undefined) {
      expect(parameter.required, `${described.operationId} needs ${parameter.name}`).toBe(false);
      continue;
    }
    validate(`${described.operationId}: ${parameter.name}`, parameter.schema, value);
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else query.push(`${parameter.name}=${encodeURIComponent(value)}`);
  }
  const names = parameters.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys({ ...call.params, ...call.query })));
  const url = query.length === 0 ? path : `${path}?${query.join('&')}`;
  const { headers = administrator() } = call;
  const content = (described.requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content;
  if (content === undefined) {
    expect([call.body, call.file]).toEqual([undefined, undefined]);
    return ask(described.method, url, headers);
  }
  const type = call.file === undefined ? 'application/json' : 'application/octet-stream';
  expect(Object.keys(content)).toEqual([type]);
  if (call.file === undefined) validate(`${described.operationId}: body`, content[type]?.schema, call.body);
  const body = call.file ?? JSON.stringify(call.body);
  return ask(described.method, url, { ...headers, 'content-type': type }, body);
}

describe('the OpenAPI document', () => {
  const names = Object.keys(consoleRoutes) as ConsoleRouteName[];

  test('lists every route that the console listener has, and no other', () => {
    const listed = operationsOf(document).map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
    expect([...listed, ...undescribed].sort()).toEqual(observed.map(({ method, url }) => `${method} ${url}`).sort());
  });

  test('every operation has an example', () => {
    const missing = names.filter((name) => consoleExamples[name] === undefined);
    expect(missing, 'new routes: add calls that succeed to test/loopback/support/console-examples.ts').toEqual([]);
  });

  test.each(names.filter((name) => consoleExamples[name] !== undefined))(
    '%s answers what it says',
    async (name) => {
      const described = operation(name);
      for (const call of (await consoleExamples[name]?.(seeds)) ?? []) {
        const answer = await callAsDescribed(described, call as AnyCall);
        expect(answer.status, answer.text).toBeLessThan(300);
        validateAnswer(described, answer);
      }
    },
    longestCallMs,
  );

  test.each(operationsOf(openApiDocument('')).map(({ operationId }) => [operationId ?? '']))(
    '%s refuses as it says',
    async (name) => {
      const described = operation(name);
      const path = described.path.replace(/\{\w+\}/g, 'nothing');
      const refused = [await ask(described.method, path, {}), await ask(described.method, path)];
      for (const answer of refused.filter(({ status }) => status >= 300)) validateAnswer(described, answer);
      if (described.security?.length !== 0) expect(refused[0]?.status).toBe(401);
    },
  );

  test('says what a server that is not well answers', async () => {
    const described = operation('health');
    const listed = described.responses?.['503'] as OpenAPIV3_1.ResponseObject | undefined;
    const well = JSON.parse((await ask('GET', '/api/v1/health')).text);
    validate('health', listed?.content?.['application/json']?.schema, { ...well, status: 'degraded', reasons: ['x'] });
  });
});
