import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { RequestOptions, TestAnswer } from '../notification-server/support/test-agent.ts';
import { request } from '../notification-server/support/test-agent.ts';
import { eventually, importPackage } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { settledWanBytesInto } from './support/fleet-of-one-subnet.ts';

const port = 28_470;
const readme = Buffer.from('read me first\n');
const setup = randomBytes(3 * BLOCK_SIZE_BYTES + 777);
const setupPath = 'bin/set up+100%.exe';

let place: LoopbackPlace;
let subject: { readonly guid: PackageGuid; readonly version: string };
let running: RunningAgent;
let psAddress = '';
let subnet = '';

beforeAll(async () => {
  place = await LoopbackPlace.start();
  const folder = path.join(place.folder, 'source');
  await mkdir(path.join(folder, 'bin'), { recursive: true });
  await writeFile(path.join(folder, 'a readme.txt'), readme);
  await writeFile(path.join(folder, setupPath), setup);
  subject = await importPackage(place.server, folder);
  psAddress = freshLoopbackAddress(74);
  subnet = `${psAddress.split('.').slice(0, 3).join('.')}.0/24`;
  await place.server.call('createSite', { body: { name: 'Branch', subnets: [subnet], wanKilobitsPerSecond: 0 } });
  await place.createPolicy('branch', { kind: 'subnets', subnets: [subnet] }, { port, eventInterval: 5 });
  running = await place.startAgent('ps', { interface: onLoopback(psAddress), port });
  await eventually('it is online', async () => ((await place.isOnline(running.agentId)) ? true : null));
});

afterAll(() => place.stop());

/** Any HTTP client: no certificate, and what it is told it believes. */
function get(url: string, more: Pick<RequestOptions, 'localAddress' | 'method' | 'headers'> = {}): Promise<TestAnswer> {
  return request(url, { localAddress: '127.0.0.1', ...more, rejectUnauthorized: false });
}

async function link(of = setupPath, validForMinutes = 60): Promise<string> {
  const body = { path: of, validForMinutes };
  return (await place.server.call('createContentLink', { params: subject, body })).url;
}

function plain(of = setupPath): string {
  return (
    `${place.server.agentUrl}/content/${subject.guid}/${subject.version}/` +
    of.split('/').map(encodeURIComponent).join('/')
  );
}

/** Where a client of the site is sent. */
async function redirected(of = setupPath): Promise<string> {
  return eventually('the Package Server is named', async () => {
    const answer = await get(await link(of), { localAddress: freshLoopbackAddress(74) });
    return answer.status === 302 ? String(answer.headers.location) : null;
  });
}

function withServer(test: () => Promise<void>): () => Promise<void> {
  return async () => {
    await place.server.call('addPackageServer', { body: { agentId: running.agentId as AgentId } });
    try {
      await test();
    } finally {
      await place.server.call('removePackageServer', { params: { agentId: running.agentId as AgentId } });
    }
  };
}

/** The listener opens anew with the role. */
async function reached(url: string): Promise<TestAnswer> {
  return eventually('the Package Server answers', () =>
    get(url, { localAddress: freshLoopbackAddress(74) }).then(
      (answer) => (answer.status === 404 || answer.status === 503 ? null : answer),
      () => null,
    ),
  );
}

describe('a file of a package at the Notification Server', () => {
  it('is sent whole to who has a link, and to agents without one', async () => {
    const whole = await get(await link());
    expect(whole.status).toBe(200);
    expect(whole.body.equals(setup)).toBe(true);
    expect((await get(await link('a readme.txt'))).body.equals(readme)).toBe(true);
    const agent = await place.enrol();
    const { status } = await request(plain(), { ...agent.tlsOptions, method: 'HEAD' });
    expect(status).toBe(200);
  });

  it('is sent in ranges, and only while it is the same', async () => {
    const url = await link();
    const head = await get(url, { method: 'HEAD' });
    expect(head.headers).toMatchObject({ 'accept-ranges': 'bytes', 'content-length': String(setup.length) });
    expect(head.body).toHaveLength(0);
    const range = `bytes=${BLOCK_SIZE_BYTES - 3}-${BLOCK_SIZE_BYTES + 4}`;
    const part = await get(url, { headers: { range } });
    expect(part.status).toBe(206);
    expect(part.headers['content-range']).toBe(`bytes ${BLOCK_SIZE_BYTES - 3}-${BLOCK_SIZE_BYTES + 4}/${setup.length}`);
    expect(part.body.equals(setup.subarray(BLOCK_SIZE_BYTES - 3, BLOCK_SIZE_BYTES + 5))).toBe(true);
    const last = await get(url, { headers: { range: 'bytes=-5', 'if-range': String(head.headers.etag) } });
    expect(last.body.equals(setup.subarray(-5))).toBe(true);
    expect((await get(url, { headers: { range: 'bytes=0-4', 'if-range': '"other"' } })).status).toBe(200);
    const beyond = await get(url, { headers: { range: `bytes=${setup.length}-` } });
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${setup.length}`]);
    expect((await get(url, { headers: { 'if-none-match': String(head.headers.etag) } })).status).toBe(304);
  });

  it('is had by nobody without a right to it', async () => {
    const url = await link();
    const changed = (from: RegExp, to: string) => url.replace(from, to);
    const refused = async (address: string) => (await get(address)).status;
    expect(await refused(plain())).toBe(401);
    expect(await refused(changed(/signature=./, 'signature=-'))).toBe(403);
    expect(await refused(changed(/expires=\d+/, 'expires=9999999999'))).toBe(403);
    expect(await refused(changed(/bin\/[^?]+/, encodeURIComponent('a readme.txt')))).toBe(403);
    // Of a package that is not here either: who has no right learns nothing.
    expect(await refused(plain().replace(subject.guid, 'f'.repeat(8) + subject.guid.slice(8)))).toBe(401);
    await place.server.call('updateContentAccess', { body: { access: 'off' } });
    expect(await refused(url)).toBe(404);
    await place.server.call('updateContentAccess', { body: { access: 'anyone' } });
    expect(await refused(plain('a readme.txt'))).toBe(200);
    expect(await refused(changed(/signature=./, 'signature=-'))).toBe(403);
    await place.server.call('updateContentAccess', { body: { access: 'links' } });
  });

  test.each([
    ['a path that leads out', '/../../identity/authority-key.pem'],
    ['one that hides it', '/%2e%2e/%2e%2e/identity/authority-key.pem'],
    ['a separator in a part', '/bin%2fset%20up%2b100%25.exe'],
    ['a zero', '/bin/%00'],
    ['a broken escape', '/bin/%zz'],
    ['no file at all', '/'],
    ['an absolute path', '//etc/passwd'],
    ['two signatures', `/bin?expires=1&signature=${'A'.repeat(43)}&signature=${'A'.repeat(43)}`],
    ['a signature that is too long', `/bin?expires=1&signature=${'A'.repeat(44)}`],
    ['a section without an end', `/bin?offset=1&expires=1&signature=${'A'.repeat(43)}`],
    ['a number that is none', `/bin?offset=-1&size=1e3&expires=1&signature=${'A'.repeat(43)}`],
    ['a name of 3,100 characters', `/${'a'.repeat(3100)}`],
  ])('is no answer to %s', async (_what, rest) => {
    await place.server.call('updateContentAccess', { body: { access: 'anyone' } });
    // A client that does not tidy up the path, as `URL` would.
    const path = `/content/${subject.guid}/${subject.version}${rest}`;
    const { status } = await request(place.server.agentUrl, { path, rejectUnauthorized: false });
    await place.server.call('updateContentAccess', { body: { access: 'links' } });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('has links that are made of what is there, and are in the audit trail without their signature', async () => {
    const refusal = async (body: object): Promise<unknown> =>
      place.server.call('createContentLink', { params: subject, body: body as never }).then(
        () => null,
        (error: unknown) => (error instanceof ConsoleRequestError ? (error.details.fields?.[0]?.path ?? '') : error),
      );
    expect(await refusal({})).toBe('path');
    expect(await refusal({ path: '../x' })).toBe('path');
    expect(await refusal({ path: setupPath, validForMinutes: 0 })).toBe('validForMinutes');
    const url = await link();
    const [entry] = await place.server.call('audit', { query: {} });
    expect(entry?.action).toBe('create-content-link');
    expect(JSON.stringify(entry)).not.toContain(new URL(url).searchParams.get('signature'));
  });
});

describe('a file of a package at a Package Server', () => {
  it(
    'is where clients of its site are sent; it is fetched once, and sent in its order',
    withServer(async () => {
      const url = await redirected();
      expect(url.startsWith(`https://${psAddress}:${port}/content/`)).toBe(true);
      const before = await settledWanBytesInto(place.server, subnet);
      await reached(url);
      const answers = await Promise.all([reached(url), reached(url), reached(await redirected('a readme.txt'))]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(answers[0]?.body.equals(setup)).toBe(true);
      expect(answers[1]?.body.equals(setup)).toBe(true);
      expect(answers[2]?.body.equals(readme)).toBe(true);
      const crossed = (await settledWanBytesInto(place.server, subnet)) - before;
      expect(crossed).toBe(readme.length + setup.length);
      // Elsewhere nobody is sent there.
      expect((await get(await link(), { method: 'HEAD' })).status).toBe(200);

      const range = `bytes=${BLOCK_SIZE_BYTES - 100}-${2 * BLOCK_SIZE_BYTES + 100}`;
      const part = await get(url, { headers: { range } });
      expect(part.status).toBe(206);
      expect(part.body.equals(setup.subarray(BLOCK_SIZE_BYTES - 100, 2 * BLOCK_SIZE_BYTES + 101))).toBe(true);
      const head = await get(url, { method: 'HEAD' });
      expect([head.status, head.headers['content-length']]).toEqual([200, String(setup.length)]);
      expect((await get(url, { headers: { range: 'bytes=99999999-' } })).status).toBe(416);
      expect((await get(url, { headers: { 'if-none-match': String(head.headers.etag) } })).status).toBe(304);

      const { traffic } = await eventually('it is counted', async () => {
        const shown = await place.server.call('packageServer', { params: { agentId: running.agentId as AgentId } });
        return shown.traffic.servedBytes >= 2 * setup.length + readme.length ? shown : null;
      });
      expect(traffic.fetchedBytes).toBe(readme.length + setup.length);
    }),
  );

  it(
    'counts for the site that the client asked from, whoever has the link, with what left the site and entered another',
    withServer(async () => {
      const url = await redirected();
      await reached(url);
      const otherAddress = freshLoopbackAddress(75);
      const otherSubnet = `${otherAddress.split('.').slice(0, 3).join('.')}.0/24`;
      const other = { name: 'Other branch', subnets: [otherSubnet], wanKilobitsPerSecond: 0 };
      const { id: otherId } = await place.server.call('createSite', { body: other });
      const params = { agentId: running.agentId as AgentId };
      const servedTo = async (): Promise<Record<string, number>> => {
        const { served } = await place.server.call('packageServer', { params });
        return Object.fromEntries(served.map(({ siteName, bytes }) => [siteName ?? 'Unassigned', bytes]));
      };
      await eventually('what went before is told', async () => {
        const { Branch = 0 } = await servedTo();
        return Branch >= setup.length ? true : null;
      });
      expect((await get(url, { localAddress: otherAddress })).body.equals(setup)).toBe(true);
      const sent = await eventually('it is told', async () => (await servedTo())['Other branch'] ?? null);
      expect(sent).toBe(setup.length);
      expect(await settledWanBytesInto(place.server, otherSubnet)).toBe(setup.length);
      await place.server.call('deleteSite', { params: { id: otherId } });
    }),
  );

  it(
    'is had with a link for it alone',
    withServer(async () => {
      const url = await redirected();
      expect((await reached(url)).status).toBe(200);
      const status = async (address: string, method = 'GET') => (await get(address, { method })).status;
      expect(await status(url.replace(/signature=./, 'signature=-'))).toBe(403);
      expect(await status(url.replace(/size=\d+/, 'size=1'))).toBe(403);
      expect(await status(url.replace(/\?.*/, ''))).toBe(403);
      expect(await status(url.replace('bin/', '%2e%2e/'))).toBe(400);
      expect(await status(url, 'DELETE')).toBe(405);
      // A link to the Notification Server is none to a Package Server, and the other way round.
      const ofServer = new URL(await link());
      expect(await status(`https://${psAddress}:${port}${ofServer.pathname}${ofServer.search}`)).toBe(403);
      const { pathname, search } = new URL(url);
      expect(await status(`${place.server.agentUrl}${pathname}${search}`)).toBe(403);
      // Without a certificate there is nothing else.
      await expect(get(`https://${psAddress}:${port}/peer/v1/packages`)).rejects.toThrow();
      const blocks = `/package-server/v1/packages/${subject.guid}/${subject.version}/blocks/0`;
      await expect(get(`https://${psAddress}:${port}${blocks}`)).rejects.toThrow();
    }),
  );

  it('is not had of an agent without the role, nor where links are switched off', async () => {
    let url = '';
    await withServer(async () => {
      url = await redirected();
      await reached(url);
      await place.server.call('updateContentAccess', { body: { access: 'off' } });
      const isShut = () =>
        get(url).then(
          () => null,
          () => true,
        );
      await eventually('nobody without a certificate is let in', isShut);
      await place.server.call('updateContentAccess', { body: { access: 'links' } });
      await reached(url);
    })();
    const isShut = () =>
      get(url).then(
        () => null,
        () => true,
      );
    await eventually('it is no Package Server any longer', isShut);
  });

  it(
    'is neither sent nor described when its version was withdrawn',
    withServer(async () => {
      const url = await redirected();
      const { headers } = await reached(url);
      await place.server.call('withdrawPackage', { params: subject });
      const asked = (more: Parameters<typeof get>[1]) => get(url, more).then(({ status }) => status);
      await eventually('it knows', async () => ((await asked({ method: 'HEAD' })) === 404 ? true : null));
      expect(await asked({})).toBe(404);
      expect(await asked({ headers: { 'if-none-match': String(headers.etag) } })).toBe(404);
      expect(await asked({ headers: { range: 'bytes=99999999-' } })).toBe(404);
      expect(await asked({ method: 'HEAD', headers: { range: 'bytes=0-1' } })).toBe(404);
    }),
  );
});
