import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startNotificationServer } from '../../electron/notification-server/notification-server.ts';
import { StartError } from '../../electron/notification-server/start-error.ts';
import type { ConsoleTopic, FeedToConsole } from '../../shared/contracts/console-feed.ts';
import { feedToConsoleSchema } from '../../shared/contracts/console-feed.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import type { EmbeddedFleetStatus } from '../../shared/contracts/fleet-api.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { TestAgent } from '../notification-server/support/test-agent.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import {
  eventually,
  startTestServer,
  temporaryFolder,
  testServerOptions,
} from '../notification-server/support/test-server.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: TestServer;

beforeAll(async () => {
  folder = await temporaryFolder();
  const rendererFolder = path.join(folder.path, 'renderer');
  await mkdir(rendererFolder);
  await writeFile(path.join(rendererFolder, 'index.html'), '<!doctype html><title>Fanout</title>');
  await writeFile(path.join(rendererFolder, 'app.js'), 'export {};');
  server = await startTestServer(path.join(folder.path, 'data'), { rendererFolder });
});

afterAll(async () => {
  await server.stop();
  await folder.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** `fetch` sets Host and Origin itself; here they are the point. */
function ask(route: string, headers: Record<string, string> = {}, method = 'GET', body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const type: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request(
      `${server.consoleUrl}${route}`,
      { method, headers: { ...type, ...headers } },
      (answer) => {
        let received = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          received += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: received }));
      },
    );
    request.on('error', reject);
    request.end(text);
  });
}

function codeOf(answer: Answer): string {
  return apiErrorSchema.parse(JSON.parse(answer.text)).error.code;
}

function bearer(): Record<string, string> {
  return { authorization: `Bearer ${server.apiToken}` };
}

async function signInCookie(): Promise<string> {
  const token = new URL(server.makeSignInLink()).hash.replace('#token=', '');
  const answer = await ask('/api/v1/session', {}, 'POST', { token });
  expect(answer.status).toBe(200);
  return String(answer.headers['set-cookie']?.[0]).split(';')[0] ?? '';
}

describe('without a session', () => {
  const closed = Object.entries(consoleRoutes).filter(([, { access }]) => access !== 'anybody');
  test.each(closed)('%s answers 401', async (_name, route) => {
    const url = `/api/v1${route.path.replace(/:[a-zA-Z]+/g, 'x')}`;
    const answer = await ask(url, {}, route.method);
    expect([answer.status, codeOf(answer)]).toEqual([401, 'not-signed-in']);
  });

  test.each(['/api/v1/openapi.json', '/api/v1/feed', '/api/v1/nothing', '/api/v1/session/x', '/api/'])(
    'so does %s',
    async (url) => {
      expect((await ask(url)).status).toBe(401);
    },
  );

  test('the feed is not opened', async () => {
    const socket = new WebSocket(`${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`);
    await expect(new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))).rejects.toThrow(
      /401/,
    );
  });

  test('a wrong token is nobody', async () => {
    expect((await ask('/api/v1/agents', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await ask('/api/v1/agents', { cookie: `fanout-${new URL(server.consoleUrl).port}=wrong` })).status).toBe(
      401,
    );
  });
});

describe('from elsewhere', () => {
  test('another Host is refused everywhere, with a session too', async () => {
    for (const route of ['/', '/api/v1/agents', '/app.js', '/api/v1/session']) {
      const answer = await ask(route, { ...bearer(), host: 'evil.example' });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden-host']);
    }
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'file://'])(
    'the Origin %s is refused',
    async (origin) => {
      const answer = await ask('/api/v1/agents', { ...bearer(), origin });
      expect([answer.status, codeOf(answer)]).toEqual([403, 'forbidden-origin']);
    },
  );

  test('the feed is refused for another Host or Origin', async () => {
    const url = `${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`;
    for (const headers of [{ origin: 'http://evil.example' }, { host: 'evil.example' }]) {
      const socket = new WebSocket(url, { headers: { ...bearer(), ...headers } });
      await expect(new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject))).rejects.toThrow(
        /403/,
      );
    }
  });

  test('the own Origin is welcome', async () => {
    expect((await ask('/api/v1/agents', { ...bearer(), origin: server.consoleUrl })).status).toBe(200);
  });
});

describe('signing in', () => {
  test('works once with a link and gives a cookie that scripts and other sites cannot use', async () => {
    const link = new URL(server.makeSignInLink());
    expect(link.pathname).toBe('/sign-in');
    const body = { token: link.hash.replace('#token=', '') };
    const answer = await ask('/api/v1/session', {}, 'POST', body);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await ask('/api/v1/session', {}, 'POST', body)).status).toBe(401);
  });

  test('lasts until signing out', async () => {
    const cookie = await signInCookie();
    expect(JSON.parse((await ask('/api/v1/session', { cookie })).text)).toMatchObject({ role: 'administrator' });
    expect((await ask('/api/v1/session', { cookie }, 'DELETE')).status).toBe(204);
    expect((await ask('/api/v1/session', { cookie })).status).toBe(401);
  });
});

describe('pages', () => {
  test('are served with a strict content security policy, and every path of the console is its one page', async () => {
    for (const route of ['/', '/sign-in', '/agents/0123']) {
      const answer = await ask(route, { accept: 'text/html' });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('<title>Fanout</title>');
      expect(answer.headers['content-security-policy']).toContain("script-src 'self';");
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await ask('/app.js')).headers['content-type']).toContain('javascript');
    expect((await ask('/missing.js')).status).toBe(404);
    expect((await ask('/../data/server.json', { accept: 'text/html' })).text).not.toContain('apiToken');
  });
});

describe('policies', () => {
  test('a new server has Global with the defaults', async () => {
    expect(await server.call('policies', {})).toMatchObject([
      { name: 'Global', isGlobal: true, version: 1, settings: defaultAgentSettings },
    ]);
  });

  test('a stale save is refused with what is stored, also when two are saved at the same moment', async () => {
    const [global] = await server.call('policies', {});
    if (global === undefined) throw new Error('no Global');
    const body = { name: 'Global', target: global.target, settings: global.settings, version: global.version };
    const saves = await Promise.allSettled(
      [11, 22].map((maxUpload) =>
        server.call('updatePolicy', {
          params: { id: global.id },
          body: { ...body, settings: { ...body.settings, maxUpload } },
        }),
      ),
    );
    expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = saves.find((save) => save.status === 'rejected')?.reason;
    expect(refused).toBeInstanceOf(ConsoleRequestError);
    const [stored] = await server.call('policies', {});
    expect(refused).toMatchObject({ status: 409, details: { code: 'version-conflict', current: stored } });
    expect(stored?.version).toBe(global.version + 1);
  });

  test('invalid values are refused with their field', async () => {
    const refusal = await server
      .call('createPolicy', {
        body: {
          name: ' ',
          target: { kind: 'all' },
          settings: { ...defaultAgentSettings, port: 80, unavailableTimeout: 60 },
        },
      })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ConsoleRequestError);
    const paths = (refusal as ConsoleRequestError).details.fields?.map((field) => field.path);
    expect(paths).toEqual(expect.arrayContaining(['name', 'settings.port']));
  });

  test('with multicast downloading are refused as not available, with the reason', async () => {
    const settings = { ...defaultAgentSettings, multicastDownloading: true };
    const refusal = await server
      .call('createPolicy', { body: { name: 'Multicast', target: { kind: 'all' }, settings } })
      .catch((error: unknown) => error);
    const reason = 'Multicast downloading is not available: its engine does not exist yet.';
    expect(refusal).toMatchObject({
      status: 422,
      details: {
        code: 'not-available',
        message: reason,
        fields: [{ path: 'settings.multicastDownloading', message: reason }],
      },
    });
    expect((await server.call('policies', {})).map(({ name }) => name)).not.toContain('Multicast');
  });

  test('can be ordered and deleted, but Global stays last and stays', async () => {
    const make = (name: string) =>
      server.call('createPolicy', { body: { name, target: { kind: 'all' }, settings: defaultAgentSettings } });
    const [a, b] = [await make('A'), await make('B')];
    const ordered = await server.call('orderPolicies', { body: { ids: [b.id, a.id] } });
    expect(ordered.map(({ name }) => name)).toEqual(['B', 'A', 'Global']);
    await expect(server.call('orderPolicies', { body: { ids: [a.id, a.id] } })).rejects.toThrow(/every policy/);
    const stale = server.call('orderPolicies', { body: { ids: [b.id, a.id], seen: [a.id, b.id] } });
    await expect(stale).rejects.toThrow(/Somebody else changed the order/);
    await server.call('orderPolicies', { body: { ids: [b.id, a.id], seen: [b.id, a.id] } });
    const global = ordered.at(-1);
    await expect(server.call('deletePolicy', { params: { id: global?.id ?? '' } })).rejects.toThrow(/Global stays/);
    for (const { id } of [a, b]) await server.call('deletePolicy', { params: { id } });
    const audit = await server.call('audit', { query: {} });
    expect(audit.slice(0, 2).map(({ action, who }) => [action, who])).toEqual([
      ['delete-policy', 'command line'],
      ['delete-policy', 'command line'],
    ]);
    expect(audit[0]).toMatchObject({ before: { name: 'B' }, after: null });
  });
});

describe('sites', () => {
  test('that overlap are refused at the subnet', async () => {
    await server.call('createSite', { body: { name: 'North', subnets: ['10.1.0.0/16'], wanKilobitsPerSecond: 0 } });
    const refusal = await server
      .call('createSite', { body: { name: 'South', subnets: ['10.2.0.0/16', '10.1.7.0/24'], wanKilobitsPerSecond: 0 } })
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ status: 400, details: { fields: [{ path: 'subnets.1' }] } });
  });
});

test('the OpenAPI document has every route of the table', async () => {
  const document = JSON.parse((await ask('/api/v1/openapi.json', bearer())).text) as {
    paths: Record<string, Record<string, { operationId: string }>>;
  };
  const names = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(names.sort()).toEqual(Object.keys(consoleRoutes).sort());
});

describe('the feed', () => {
  async function openFeed(): Promise<{
    received: FeedToConsole[];
    subscribe(topic: ConsoleTopic): void;
    close(): void;
  }> {
    const cookie = await signInCookie();
    const headers = { cookie, origin: server.consoleUrl };
    const socket = new WebSocket(`${server.consoleUrl.replace('http', 'ws')}/api/v1/feed`, { headers });
    const received: FeedToConsole[] = [];
    socket.on('message', (data) => received.push(feedToConsoleSchema.parse(JSON.parse(data.toString()))));
    await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
    return {
      received,
      subscribe: (topic) => socket.send(JSON.stringify({ kind: 'subscribe', topic })),
      close: () => socket.close(),
    };
  }

  test('sends every topic whole at once, and again when it changed', async () => {
    const feed = await openFeed();
    const topics = ['overview', 'agents', 'policies', 'sites', 'packages', 'imports', 'deliveries', 'fleet'] as const;
    for (const topic of topics) feed.subscribe({ topic });
    await eventually('all topics', () =>
      new Set(feed.received.map(({ topic }) => topic)).size === topics.length ? true : null,
    );
    const before = feed.received.length;
    await server.call('createSite', { body: { name: 'West', subnets: ['10.9.0.0/16'], wanKilobitsPerSecond: 0 } });
    const changed = await eventually('the changed sites', () => {
      const message = feed.received.slice(before).find(({ topic }) => topic === 'sites');
      return message?.topic === 'sites' ? message : null;
    });
    expect(changed.data.map(({ name }) => name)).toContain('West');
    feed.close();
  });

  test('asks agents for reports while somebody looks, and shows what they report', async () => {
    const agent = await TestAgent.enrol(server.agentUrl, await server.makeJoinToken());
    const agentFeed = await agent.openFeed();
    expect(agentFeed.received).toEqual([]);
    const feed = await openFeed();
    feed.subscribe({ topic: 'agent', agentId: agent.agentId });
    await eventually('both watches', () => {
      const reports = new Set(agentFeed.received.map((message) => (message.kind === 'watch' ? message.report : null)));
      return reports.has('live') && reports.has('diagnostics') ? true : null;
    });
    for (const peerBytesIn of [1_000, 51_000]) {
      agentFeed.send({
        kind: 'live',
        report: { bootId: 1, peerBytesIn, directBytesIn: 0, peerBytesOut: 0, peers: 2, packages: [] },
      });
    }
    const shown = await eventually('the reported bytes', () => {
      const last = feed.received.filter(({ topic }) => topic === 'agent').at(-1);
      return last?.topic === 'agent' && last.data.detail.peerBytes === 50_000 ? last.data.detail : null;
    });
    expect(shown.online).toBe(true);
    const { traffic } = await server.call('overview', {});
    expect(traffic.reduce((sum, point) => sum + point.peerBytes, 0)).toBe(50_000);
    agentFeed.close();
    agent.close();
    feed.close();
  });

  test('follows the embedded fleet', async () => {
    const feed = await openFeed();
    let status: EmbeddedFleetStatus = { running: false, subnets: [], agents: [] };
    let tell: () => void = () => undefined;
    server.setFleet({
      status: () => status,
      act: async () => null,
      setConditions: () => false,
      userAction: async () => null,
      onChange: (listener) => {
        tell = listener;
        return () => {
          tell = () => undefined;
        };
      },
    });
    feed.subscribe({ topic: 'fleet' });
    await eventually('the fleet', () => feed.received.find(({ topic }) => topic === 'fleet') ?? null);
    status = { running: true, subnets: [], agents: [] };
    tell();
    await eventually('the running fleet', () =>
      feed.received.some((message) => message.topic === 'fleet' && message.data.running) ? true : null,
    );
    server.setFleet(null);
    feed.close();
  });

  test('says so when it does not understand', async () => {
    const feed = await openFeed();
    feed.subscribe({ topic: 'agent', agentId: '0'.repeat(32) as never });
    await eventually('the refusal', () => feed.received.find(({ topic }) => topic === 'refused') ?? null);
    feed.close();
  });
});

describe('start and stop', () => {
  test('server.json is readable by its owner only, names the server, and goes with it', async () => {
    const other = await temporaryFolder();
    const started = await startTestServer(other.path);
    const file = path.join(other.path, 'server.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { pid, consoleUrl, agentUrl, apiToken } = serverFileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    expect({ pid, consoleUrl, agentUrl, apiToken }).toEqual({
      pid: process.pid,
      consoleUrl: started.consoleUrl,
      agentUrl: started.agentUrl,
      apiToken: started.apiToken,
    });
    await Promise.all([started.stop(), started.stop()]);
    await expect(stat(file)).rejects.toThrow(/ENOENT/);
    await other.remove();
  });

  test('a second server in the same folder is refused with process and link of the first', async () => {
    const attempt = startNotificationServer(testServerOptions(server.dataFolder));
    await expect(attempt).rejects.toMatchObject({
      name: 'StartError',
      code: 'already-running',
      pid: process.pid,
      consoleUrl: server.consoleUrl,
    });
  });

  test('what a crash left behind is ignored', async () => {
    const other = await temporaryFolder();
    // Larger than any process id that a system gives out.
    await writeFile(path.join(other.path, 'server.lock'), JSON.stringify({ pid: 2 ** 30, startMark: '' }));
    await writeFile(path.join(other.path, 'server.json'), '{"pid":');
    const started = await startTestServer(other.path);
    await started.stop();
    await other.remove();
  });

  test('a taken port is named, and everything opened before is closed again', async () => {
    const other = await temporaryFolder();
    const port = Number(new URL(server.agentUrl).port);
    const options = testServerOptions(other.path, { agentListen: { address: '127.0.0.1', port } });
    const error = await startNotificationServer(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    expect((error as StartError).message).toContain(`Port ${port}`);
    expect((error as StartError).code).toBe('port-in-use');
    if (process.platform === 'linux') expect((error as StartError).pid).toBe(process.pid);
    const started = await startTestServer(other.path);
    await started.stop();
    await other.remove();
  });

  test('the console refuses to listen elsewhere than on 127.0.0.1', async () => {
    const options = testServerOptions(path.join(folder.path, 'never'), {
      consoleListen: { address: '0.0.0.0', port: 0 },
    });
    await expect(startNotificationServer(options)).rejects.toMatchObject({ code: 'console-needs-tls' });
  });
});
