import { randomBytes } from 'node:crypto';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StoredIdentity } from '../../electron/agent-worker/agent-identity.ts';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { setUpFleetPolicy } from './support/fleet-of-one-subnet.ts';

const blockBytes = 2 * 1024 * 1024;
const port = 26_000 + (process.pid % 1000);
const cores = availableParallelism();

/** Each setting of the HTTP server for peers, changed on a running agent and seen by a peer with a certificate. */
describe("the HTTP server's settings", () => {
  let place: LoopbackPlace;
  let holder: RunningAgent;
  let holderAddress: string;
  let peer: StoredIdentity;
  let peerAddress: string;
  let key: string;
  let blocksPath: string;
  let settings: AgentSettings;
  const closers: (() => unknown)[] = [];

  const start = (name: string, address: string): Promise<RunningAgent> =>
    place.startAgent(name, { interface: onLoopback(address), port });

  /** An agent that holds a package, and the identity of another one that may ask it. */
  beforeAll(async () => {
    place = await LoopbackPlace.start();
    [holderAddress, peerAddress] = [freshLoopbackAddress(50), freshLoopbackAddress(50)];
    await setUpFleetPolicy(place.server, holderAddress, port);
    const other = await start('peer', peerAddress);
    await other.stop();
    peer = JSON.parse(await readFile(path.join(place.agentFolder('peer'), 'identity.json'), 'utf8'));
    holder = await start('holder', holderAddress);
    const delivered = await place.deliver(randomBytes((cores + 1) * blockBytes));
    await eventually('the holder has the package', () => delivered.readyOn('holder'), 30_000);
    key = delivered.key;
    blocksPath = `/peer/v1/packages/${delivered.guid}/${delivered.version}/blocks`;
    const policy = (await place.server.call('policies', {})).find(({ isGlobal }) => !isGlobal);
    if (policy === undefined) throw new Error('the policy of the fleet is gone');
    settings = policy.settings;
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await place.changeOnlyPolicy(settings);
  });

  afterAll(() => place.stop());

  const tlsOptions = () => ({
    localAddress: peerAddress,
    servername: agentCertificateName(holder.agentId),
    key: peer.privateKeyPem,
    cert: peer.certificatePem,
    ca: peer.caCertificatePem,
  });

  /** The head of the answer, over a connection of its own; null where the connection brought none. The body waits. */
  const ask = (requestPath: string): Promise<IncomingMessage | null> =>
    new Promise((resolve) => {
      const outgoing = request({ host: holderAddress, port, path: requestPath, agent: false, ...tlsOptions() });
      closers.push(() => outgoing.destroy());
      outgoing.on('error', () => resolve(null));
      outgoing.on('response', (response) => {
        response.on('error', () => undefined);
        resolve(response.pause());
      });
      outgoing.end();
    });

  const bodyOf = async (response: IncomingMessage | null): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of response ?? []) parts.push(part);
    return Buffer.concat(parts);
  };

  const openSocket = async (): Promise<TLSSocket> => {
    const socket = connect({ host: holderAddress, port, ...tlsOptions() });
    closers.push(() => socket.destroy());
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
    return socket;
  };

  it('requestsPerCore: more requests at a time are told to come again, until the policy allows them', async () => {
    // Slow enough that the first answers last as long as the test.
    await place.changeOnlyPolicy({ requestsPerCore: 1, maxUpload: 20 });
    await eventually('the limit is in force', async () => {
      const answers = await Promise.all(Array.from({ length: cores + 1 }, (_, block) => ask(`${blocksPath}/${block}`)));
      const refused = answers.filter((answer) => answer?.statusCode === 503);
      const isInForce = refused.length === 1 && answers.every((answer) => [200, 503].includes(answer?.statusCode ?? 0));
      if (isInForce) {
        expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThanOrEqual(0);
        expect(JSON.parse((await bodyOf(refused[0] ?? null)).toString())).toMatchObject({ code: 'busy', others: [] });
        return true;
      }
      for (const answer of answers) answer?.destroy();
      return null;
    });
    await place.changeOnlyPolicy({ requestsPerCore: 3 });
    await eventually('another request has a place', async () => {
      const answer = await ask(`${blocksPath}/${cores}`);
      return answer?.statusCode === 200 ? true : null;
    });
  });

  it('maxConnections: a connection too many brings no block, and is closed', async () => {
    await place.changeOnlyPolicy({ maxConnections: 1, maxUpload: 20 });
    let holding: IncomingMessage | null = null;
    await eventually('the limit is in force', async () => {
      holding?.destroy();
      holding = await ask(`${blocksPath}/0`);
      const second = await ask(`${blocksPath}/1`);
      if (holding?.statusCode !== 200 || second?.statusCode !== 503) {
        second?.destroy();
        return null;
      }
      expect(second.headers.connection).toBe('close');
      return true;
    });
    await place.changeOnlyPolicy({ maxConnections: 20 });
    await eventually('another connection brings blocks', async () =>
      (await ask(`${blocksPath}/1`))?.statusCode === 200 ? true : null,
    );
  });

  it('requestTimeout: a request that does not come to its end in time loses its connection', async () => {
    await place.changeOnlyPolicy({ requestTimeout: 300 });
    const slowHead = await openSocket();
    slowHead.write('GET /peer/v1/packages HTTP/1.1\r\nhost: ');
    const slowBody = await openSocket();
    slowBody.write('POST /peer/v1/nothing HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{');
    const hasEnded = (socket: TLSSocket): Promise<void> =>
      new Promise((resolve) => {
        socket.resume();
        socket.once('close', () => resolve());
      });
    // With the five minutes of before, both would outlast the test.
    await place.changeOnlyPolicy({ requestTimeout: 5 });
    await Promise.all([hasEnded(slowHead), hasEnded(slowBody)]);
  });

  it('maxUpload: a block takes its time under a limit, and none without', async () => {
    await place.changeOnlyPolicy({ maxUpload: 1000 });
    await eventually('the limit is in force', async () => {
      const startedAtMs = performance.now();
      const body = await bodyOf(await ask(`${blocksPath}/0`));
      expect(body.length).toBe(blockBytes);
      // Faster than this the limit cannot be: 2.1 MB at 1 MB/s, less what may pass at once.
      return performance.now() - startedAtMs >= 1900 ? true : null;
    });
    await place.changeOnlyPolicy({ maxUpload: 1 });
    let whole: Promise<Buffer> = Promise.resolve(Buffer.alloc(0));
    await eventually(
      'the lower limit is in force',
      async () => {
        const answer = await ask(`${blocksPath}/1`);
        const first = performance.now();
        const parts = answer?.iterator({ destroyOnReturn: false });
        await parts?.next();
        await parts?.next();
        // At 1 MB/s the second slice of 20 KB would follow within 20 ms; at 1 KB/s 2 KiB take two seconds.
        if (performance.now() - first < 500) {
          answer?.destroy();
          return null;
        }
        whole = bodyOf(answer);
        return true;
      },
      30_000,
    );
    // The rest of that block would take half an hour.
    await place.changeOnlyPolicy({ maxUpload: 0 });
    expect((await whole).length).toBeGreaterThan(blockBytes / 2);
  });

  it('maxDownload: what comes from peers takes its time under a limit, and none without', async () => {
    await place.changeOnlyPolicy({ maxDownload: 1 });
    const receiver = await start('receiver', freshLoopbackAddress(50));
    closers.push(() => receiver.stop());
    const finished = path.join(place.agentFolder('receiver'), 'packages', key, 'finished');
    const isReady = (): Promise<boolean> =>
      access(finished).then(
        () => true,
        () => false,
      );
    await eventually('the receiver fetches from its peer', async () => {
      const agent = await place.server.call('agent', { params: { agentId: receiver.agentId } });
      return agent.activity === 'downloading' ? true : null;
    });
    // At 1 KB/s the package would take more than an hour.
    expect(await isReady()).toBe(false);
    await place.changeOnlyPolicy({ maxDownload: 0 });
    await eventually('the receiver has the package', async () => ((await isReady()) ? true : null), 30_000);
  });

  it('totalLogSize: the log keeps to it, a line a request', async () => {
    const logFolder = path.join(place.agentFolder('holder'), 'http-log');
    await holder.stop();
    for (const name of await readdir(logFolder)) await rm(path.join(logFolder, name));
    for (let number = 1; number <= 6; number++) {
      await writeFile(path.join(logFolder, `http-0000000${number}.log`), 'a former life\n');
    }
    holder = await start('holder', holderAddress);
    await place.changeOnlyPolicy({ totalLogSize: 3 });
    await eventually(
      'three files are left',
      async () => {
        (await ask('/peer/v1/packages'))?.resume();
        const names = await readdir(logFolder);
        return names.sort().join() === 'http-00000004.log,http-00000005.log,http-00000006.log' ? true : null;
      },
      20_000,
    );
    const newest = await readFile(path.join(logFolder, 'http-00000006.log'), 'latin1');
    expect(newest).toContain(`${peerAddress} ${peer.agentId} GET /peer/v1/packages 200 `);
    await place.changeOnlyPolicy({ totalLogSize: 1 });
    await eventually(
      'one file is left',
      async () => {
        (await ask('/peer/v1/packages'))?.resume();
        return (await readdir(logFolder)).join() === 'http-00000006.log' ? true : null;
      },
      20_000,
    );
  });

  it('a head that is too long, a body that nobody asked for and pipelined requests do no harm', async () => {
    const told = async (text: string): Promise<string> => {
      const socket = await openSocket();
      let answer = '';
      socket.on('data', (part) => {
        answer += part.toString('latin1');
      });
      socket.write(text);
      await new Promise<void>((resolve) => socket.once('close', () => resolve()));
      return answer;
    };
    expect(await told(`GET /peer/v1/packages HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(9000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect(await told('POST /peer/v1/hello HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999\r\n\r\n')).toMatch(
      /^HTTP\/1.1 413 /,
    );
    expect(await told('POST /peer/v1/hello HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n')).toMatch(
      /^HTTP\/1.1 413 /,
    );
    expect(await told('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
    const pipelined = 'GET /peer/v1/packages HTTP/1.1\r\nhost: a\r\n\r\n'.repeat(20);
    const answers = await told(`${pipelined}GET /peer/v1/packages HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(answers.match(/HTTP\/1.1 200 /g)?.length).toBe(21);
    expect((await ask('/peer/v1/packages'))?.statusCode).toBe(200);
  });
});
