import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentFailure } from '../../electron/agent-worker/agent-failure.ts';
import type { AgentLogger } from '../../electron/agent-worker/agent-logger.ts';
import type { AgentOptions, RunningAgent } from '../../electron/agent-worker/agent-runtime.ts';
import type { WorkerAgent } from '../../shared/contracts/worker-protocol.ts';
import { eventually, startTestServer } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress, silentLogger, TestAuthority } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import { answerOfPeer } from './support/answer-of-peer.ts';
import { settledWanBytesInto, setUpFleetPolicy, wanBytesInto } from './support/fleet-of-one-subnet.ts';

const blockBytes = 2 * 1024 * 1024;
const port = 24_000 + (process.pid % 1000);

describe('an agent worker with a real Notification Server', () => {
  let place: LoopbackPlace;

  beforeEach(async () => {
    place = await LoopbackPlace.start();
  });

  afterEach(() => place.stop());

  const start = (name: string, address: string, more: Partial<AgentOptions> = {}): Promise<RunningAgent> =>
    place.startAgent(name, { interface: onLoopback(address), port, ...more });
  const planned = (name: string, address: string): WorkerAgent =>
    place.plan(name, { interface: onLoopback(address), port });

  const failureOf = async (starting: Promise<RunningAgent>): Promise<AgentFailure> => {
    const failure = await starting.then(
      () => null,
      (error: unknown) => error,
    );
    if (!(failure instanceof AgentFailure)) throw new Error(`expected an AgentFailure, not ${String(failure)}`);
    return failure;
  };

  it('brings one package to two agents over the WAN once, byte for byte', async () => {
    const [first, second] = [freshLoopbackAddress(11), freshLoopbackAddress(11)];
    const subnet = await setUpFleetPolicy(place.server, first, port);
    await Promise.all([start('a', first), start('b', second)]);
    const content = randomBytes(9 * 1024 * 1024 + 17);
    const delivered = await place.deliver(content);
    for (const name of ['a', 'b']) {
      const file = path.join(place.agentFolder(name), 'packages', delivered.key, 'files', delivered.fileName);
      await eventually(`${name} has the file`, () => delivered.readyOn(name), 30_000);
      expect((await readFile(file)).equals(content)).toBe(true);
    }
    expect(await wanBytesInto(place.server, subnet)).toBe(content.length);
  });

  it('gives nothing to a TLS client that is not enrolled', async () => {
    const address = freshLoopbackAddress(12);
    await setUpFleetPolicy(place.server, address, port);
    const agent = await start('a', address);
    const strangerAddress = freshLoopbackAddress(12);
    const stranger = await (await TestAuthority.create()).enrol();
    // An address of the same subnet, so that only the certificate can make the difference.
    const ask = (credentials: { key?: string; cert?: string }): Promise<string> =>
      answerOfPeer({ agentId: agent.agentId, address, port }, strangerAddress, {
        rejectUnauthorized: false,
        ...credentials,
      });
    expect(await ask({})).toBe('nothing');
    expect(await ask({ key: stranger.privateKeyPem, cert: stranger.certificatePem })).toBe('nothing');
    const own = JSON.parse(await readFile(path.join(place.agentFolder('a'), 'identity.json'), 'utf8'));
    await eventually('an enrolled one is answered', async () =>
      (await ask({ key: own.privateKeyPem, cert: own.certificatePem })) === 'answered 200' ? true : null,
    );
  });

  it('fetches nothing again that it held when its process was killed', async () => {
    const address = freshLoopbackAddress(13);
    // 40 Mbit/s: the package takes about four seconds, so that there is a middle to be killed in.
    const subnet = await setUpFleetPolicy(place.server, address, port, 40_000);
    const worker = await place.startWorker();
    await worker.startAgent(planned('a', address));
    const content = randomBytes(20 * 1024 * 1024);
    const delivered = await place.deliver(content);
    await eventually(
      'half of it has been sent',
      async () => ((await wanBytesInto(place.server, subnet)) > content.length / 2 ? true : null),
      30_000,
    );
    await worker.kill();
    const stored = path.join(place.agentFolder('a'), 'packages', delivered.key);
    // A record of the block journal has 12 bytes.
    const heldBytes = Math.floor((await stat(path.join(stored, 'blocks.journal'))).size / 12) * blockBytes;
    expect(heldBytes).toBeGreaterThan(0);
    const bytesBefore = await settledWanBytesInto(place.server, subnet);
    const again = await place.startWorker();
    await again.startAgent(planned('a', address));
    await eventually('the restarted agent has the file', () => delivered.readyOn('a'), 30_000);
    expect((await readFile(path.join(stored, 'files', delivered.fileName))).equals(content)).toBe(true);
    const bytesAfter = await settledWanBytesInto(place.server, subnet);
    expect(bytesAfter - bytesBefore).toBe(content.length - heldBytes);
  });

  it('ends with code 0 after "stop", and also when its parent is gone', async () => {
    const asked = await place.startWorker();
    await asked.startAgent(planned('a', freshLoopbackAddress(14)));
    expect(await asked.stop()).toBe(0);
    const orphan = await place.startWorker();
    await orphan.startAgent(planned('b', freshLoopbackAddress(14)));
    expect(await orphan.disconnect()).toBe(0);
  });

  it('tells a wrong join token from a token of another server', async () => {
    const address = freshLoopbackAddress(15);
    const cut = await failureOf(start('cut', address, { joinToken: 'fanout1.abc' }));
    expect([cut.code, cut.isFinal]).toEqual(['join-token-invalid', true]);
    const wrongSecret = place.joinToken.replace(/\.[^.]+$/, `.${randomBytes(32).toString('base64url')}`);
    const unknown = await failureOf(start('unknown', address, { joinToken: wrongSecret }));
    expect([unknown.code, unknown.isFinal]).toEqual(['join-token-invalid', true]);
    const [, , secret] = place.joinToken.split('.');
    const otherServer = `fanout1.${randomBytes(32).toString('base64url')}.${secret}`;
    const foreign = await failureOf(start('foreign', address, { joinToken: otherServer }));
    expect([foreign.code, foreign.isFinal]).toEqual(['server-identity-mismatch', true]);
    const none = await failureOf(start('none', address, { joinToken: null }));
    expect(none.code).toBe('join-token-invalid');
  });

  it('says that no server answers, and that trying again may help', async () => {
    const failure = await failureOf(start('a', freshLoopbackAddress(16), { serverUrl: 'https://127.0.0.1:9' }));
    expect([failure.code, failure.isFinal]).toEqual(['server-unreachable', false]);
    expect(failure.message).toContain('https://127.0.0.1:9');
  });

  it('names a port that is in use, and an address that is not there', async () => {
    const address = freshLoopbackAddress(17);
    const occupant = createServer();
    await new Promise<void>((resolve) => occupant.listen(port, address, resolve));
    const taken = await failureOf(start('a', address));
    await new Promise((resolve) => occupant.close(resolve));
    expect(taken.code).toBe('port-in-use');
    expect(taken.message).toContain(String(port));
    // TEST-NET-1 (RFC 5737): never an address of this computer.
    await (await start('b', freshLoopbackAddress(17))).stop();
    expect((await failureOf(start('b', '192.0.2.1'))).code).toBe('address-not-available');
    // Nothing is left behind of the start that failed.
    await start('a', address);
  });

  it('refuses a data folder that a running agent has', async () => {
    await start('a', freshLoopbackAddress(18));
    const second = await failureOf(start('b', freshLoopbackAddress(18), { dataFolder: place.agentFolder('a') }));
    expect(second.code).toBe('data-folder-in-use');
  });

  it('starts without its server, from what it knows', async () => {
    const address = freshLoopbackAddress(19);
    const first = await start('a', address);
    await eventually('it has a configuration', () =>
      readFile(path.join(place.agentFolder('a'), 'configuration.json')).catch(() => null),
    );
    await first.stop();
    await place.restartServer(async () => {
      const again = await start('a', address, { joinToken: null });
      expect(again.agentId).toBe(first.agentId);
      await again.stop();
    });
  });

  it('waits for its own server where another one has the address', async () => {
    const logged: string[] = [];
    const note = (_fields: object, message: string) => void logged.push(message);
    const logger: AgentLogger = { ...silentLogger, error: note, info: note, child: () => logger };
    const failures: AgentFailure[] = [];
    const onFailure = (failure: AgentFailure) => void failures.push(failure);
    const agent = await start('a', freshLoopbackAddress(21), { logger, onFailure });
    const isOnline = async () => (await place.isOnline(agent.agentId)) || null;
    await eventually('it is online', isOnline);
    const agentListen = { address: '127.0.0.1', port: Number(new URL(place.server.agentUrl).port) };
    await place.restartServer(async () => {
      const other = await startTestServer(path.join(place.folder, 'other'), { agentListen });
      await eventually('it noticed', () => logged.some((line) => line.includes('another one')) || null, 60_000);
      await other.stop();
    });
    await eventually('it is online again', isOnline, 60_000);
    await eventually('it says so', () => logged.some((line) => line.includes('again')) || null, 60_000);
    expect(failures).toEqual([]);
    expect(logged.filter((line) => line.includes('another one'))).toHaveLength(1);
  }, 200_000);

  it('keeps its secrets from other users of the computer', async () => {
    await start('a', freshLoopbackAddress(20));
    const { mode } = await stat(path.join(place.agentFolder('a'), 'identity.json'));
    expect(mode & 0o077).toBe(0);
  });
});
