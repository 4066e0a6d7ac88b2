import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentFailure } from '../../electron/agent-worker/agent-failure.ts';
import type { AgentLogger } from '../../electron/agent-worker/agent-logger.ts';
import type { RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { startAgent } from '../../electron/agent-worker/agent-runtime.ts';
import { agentCertificateName } from '../../shared/base/ids.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import type { TestServer } from '../notification-server/support/test-server.ts';
import { eventually, startTestServer, temporaryFolder } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger, TestAuthority } from '../support/agent-fixtures.ts';
import { deliver, settledWanBytesInto, setUpFleetPolicy, wanBytesInto } from './support/fleet-of-one-subnet.ts';
import { startWorker } from './support/worker-process.ts';

const blockBytes = 2 * 1024 * 1024;
const port = 24_000 + (process.pid % 1000);

describe('an agent worker with a real Notification Server', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: TestServer;
  let joinToken: string;
  const running: { stop(): Promise<unknown> }[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
    server = await startTestServer(path.join(folder.path, 'server'));
    joinToken = await server.makeJoinToken();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    await server.stop();
    await folder.remove();
  });

  const planned = (name: string, address: string, more: Partial<WorkerAgent> = {}): WorkerAgent => ({
    name,
    dataFolder: path.join(folder.path, name),
    interface: { name: 'lo', address, prefixLength: 24 },
    port,
    hearingPort: port,
    serverUrl: server.agentUrl,
    joinToken,
    ...more,
  });

  const start = async (agent: WorkerAgent): Promise<RunningAgent> => {
    const started = await startAgent({ ...agent, productVersion: '0.0.0-test', logger: silentLogger });
    running.push(started);
    return started;
  };

  const failureOf = async (agent: WorkerAgent): Promise<AgentFailure> => {
    const failure = await start(agent).then(
      () => null,
      (error: unknown) => error,
    );
    if (!(failure instanceof AgentFailure)) throw new Error(`expected an AgentFailure, not ${String(failure)}`);
    return failure;
  };

  it('brings one package to two agents over the WAN once, byte for byte', async () => {
    const [first, second] = [freshLoopbackAddress(11), freshLoopbackAddress(11)];
    const subnet = await setUpFleetPolicy(server, first, port);
    await Promise.all([start(planned('a', first)), start(planned('b', second))]);
    const content = randomBytes(9 * 1024 * 1024 + 17);
    const delivered = await deliver(server, folder.path, content);
    for (const name of ['a', 'b']) {
      const file = path.join(folder.path, name, 'packages', delivered.key, 'files', delivered.fileName);
      await eventually(`${name} has the file`, () => delivered.readyOn(name), 30_000);
      expect((await readFile(file)).equals(content)).toBe(true);
    }
    expect(await wanBytesInto(server, subnet)).toBe(content.length);
  });

  it('gives nothing to a TLS client that is not enrolled', async () => {
    const address = freshLoopbackAddress(12);
    await setUpFleetPolicy(server, address, port);
    const agent = await start(planned('a', address));
    const strangerAddress = freshLoopbackAddress(12);
    const stranger = await (await TestAuthority.create()).enrol();
    const ask = (credentials: object): Promise<string> =>
      new Promise((resolve) => {
        const outgoing = request({
          host: address,
          port,
          path: '/peer/v1/packages',
          agent: false,
          // An address of the same subnet, so that only the certificate can make the difference.
          localAddress: strangerAddress,
          servername: agentCertificateName(agent.agentId),
          rejectUnauthorized: false,
          ...credentials,
        });
        outgoing.on('response', (response) => resolve(`answered ${response.statusCode}`));
        outgoing.on('error', () => resolve('nothing'));
        outgoing.end();
      });
    expect(await ask({})).toBe('nothing');
    expect(await ask({ key: stranger.privateKeyPem, cert: stranger.certificatePem })).toBe('nothing');
    const own = JSON.parse(await readFile(path.join(folder.path, 'a', 'identity.json'), 'utf8'));
    await eventually('an enrolled one is answered', async () =>
      (await ask({ key: own.privateKeyPem, cert: own.certificatePem })) === 'answered 200' ? true : null,
    );
  });

  it('fetches nothing again that it held when its process was killed', async () => {
    const address = freshLoopbackAddress(13);
    // 40 Mbit/s: the package takes about four seconds, so that there is a middle to be killed in.
    const subnet = await setUpFleetPolicy(server, address, port, 40_000);
    const worker = await startWorker();
    running.push(worker);
    await worker.startAgent(planned('a', address));
    const content = randomBytes(20 * 1024 * 1024);
    const delivered = await deliver(server, folder.path, content);
    await eventually(
      'half of it has been sent',
      async () => ((await wanBytesInto(server, subnet)) > content.length / 2 ? true : null),
      30_000,
    );
    await worker.kill();
    const stored = path.join(folder.path, 'a', 'packages', delivered.key);
    // A record of the block journal has 12 bytes.
    const heldBytes = Math.floor((await stat(path.join(stored, 'blocks.journal'))).size / 12) * blockBytes;
    expect(heldBytes).toBeGreaterThan(0);
    const bytesBefore = await settledWanBytesInto(server, subnet);
    const again = await startWorker();
    running.push(again);
    await again.startAgent(planned('a', address));
    await eventually('the restarted agent has the file', () => delivered.readyOn('a'), 30_000);
    expect((await readFile(path.join(stored, 'files', delivered.fileName))).equals(content)).toBe(true);
    const bytesAfter = await settledWanBytesInto(server, subnet);
    expect(bytesAfter - bytesBefore).toBe(content.length - heldBytes);
  });

  it('ends with code 0 after "stop", and also when its parent is gone', async () => {
    const asked = await startWorker();
    await asked.startAgent(planned('a', freshLoopbackAddress(14)));
    expect(await asked.stop()).toBe(0);
    const orphan = await startWorker();
    await orphan.startAgent(planned('b', freshLoopbackAddress(14)));
    expect(await orphan.disconnect()).toBe(0);
  });

  it('tells a wrong join token from a token of another server', async () => {
    const address = freshLoopbackAddress(15);
    const cut = await failureOf(planned('cut', address, { joinToken: 'fanout1.abc' }));
    expect([cut.code, cut.isFinal]).toEqual(['join-token-invalid', true]);
    const wrongSecret = joinToken.replace(/\.[^.]+$/, `.${randomBytes(32).toString('base64url')}`);
    const unknown = await failureOf(planned('unknown', address, { joinToken: wrongSecret }));
    expect([unknown.code, unknown.isFinal]).toEqual(['join-token-invalid', true]);
    const [, , secret] = joinToken.split('.');
    const otherServer = `fanout1.${randomBytes(32).toString('base64url')}.${secret}`;
    const foreign = await failureOf(planned('foreign', address, { joinToken: otherServer }));
    expect([foreign.code, foreign.isFinal]).toEqual(['server-identity-mismatch', true]);
    const none = await failureOf(planned('none', address, { joinToken: null }));
    expect(none.code).toBe('join-token-invalid');
  });

  it('says that no server answers, and that trying again may help', async () => {
    const failure = await failureOf(planned('a', freshLoopbackAddress(16), { serverUrl: 'https://127.0.0.1:9' }));
    expect([failure.code, failure.isFinal]).toEqual(['server-unreachable', false]);
    expect(failure.message).toContain('https://127.0.0.1:9');
  });

  it('names a port that is in use, and an address that is not there', async () => {
    const address = freshLoopbackAddress(17);
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(port, address, resolve));
    const taken = await failureOf(planned('a', address));
    await new Promise((resolve) => occupant.close(resolve));
    expect(taken.code).toBe('port-in-use');
    expect(taken.message).toContain(String(port));
    // TEST-NET-1 (RFC 5737): never an address of this computer.
    const enrolled = planned('b', freshLoopbackAddress(17));
    await (await start(enrolled)).stop();
    const moved = { ...enrolled, interface: { name: 'lo', address: '192.0.2.1', prefixLength: 24 } };
    expect((await failureOf(moved)).code).toBe('address-not-available');
    // Nothing is left behind of the start that failed.
    await start(planned('a', address));
  });

  it('refuses a data folder that a running agent has', async () => {
    await start(planned('a', freshLoopbackAddress(18)));
    const second = await failureOf({
      ...planned('b', freshLoopbackAddress(18)),
      dataFolder: path.join(folder.path, 'a'),
    });
    expect(second.code).toBe('data-folder-in-use');
  });

  it('starts without its server, from what it knows', async () => {
    const agent = planned('a', freshLoopbackAddress(19));
    const first = await start(agent);
    await eventually('it has a configuration', () =>
      readFile(path.join(agent.dataFolder, 'configuration.json')).catch(() => null),
    );
    await first.stop();
    await server.stop();
    const again = await start({ ...agent, joinToken: null });
    expect(again.agentId).toBe(first.agentId);
    server = await startTestServer(path.join(folder.path, 'server'));
  });

  it('waits for its own server where another one has the address', async () => {
    const logged: string[] = [];
    const note = (_fields: object, message: string) => void logged.push(message);
    const logger: AgentLogger = { ...silentLogger, error: note, info: note, child: () => logger };
    const failures: AgentFailure[] = [];
    const onFailure = (failure: AgentFailure) => void failures.push(failure);
    const more = { productVersion: '0.0.0-test', logger, onFailure };
    const agent = await startAgent({ ...planned('a', freshLoopbackAddress(21)), ...more });
    running.push(agent);
    const isOnline = async () =>
      (await server.call('agents', {})).some(({ agentId, online }) => agentId === agent.agentId && online) || null;
    await eventually('it is online', isOnline);
    const agentListen = { address: '127.0.0.1', port: Number(new URL(server.agentUrl).port) };
    await server.stop();
    const other = await startTestServer(path.join(folder.path, 'other'), { agentListen });
    await eventually('it noticed', () => logged.some((line) => line.includes('another one')) || null, 60_000);
    await other.stop();
    server = await startTestServer(path.join(folder.path, 'server'), { agentListen });
    await eventually('it is online again', isOnline, 60_000);
    await eventually('it says so', () => logged.some((line) => line.includes('again')) || null, 60_000);
    expect(failures).toEqual([]);
    expect(logged.filter((line) => line.includes('another one'))).toHaveLength(1);
  }, 200_000);

  it('keeps its secrets from other users of the computer', async () => {
    const agent = planned('a', freshLoopbackAddress(20));
    await start(agent);
    const { mode } = await stat(path.join(agent.dataFolder, 'identity.json'));
    expect(mode & 0o077).toBe(0);
  });
});
