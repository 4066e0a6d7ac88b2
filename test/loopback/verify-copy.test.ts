import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentId } from '../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { CopyVerification } from '../../shared/contracts/copy-verification.ts';
import { copyVerificationSchema } from '../../shared/contracts/copy-verification.ts';
import { runFanoutHere } from '../cli/fanout-here.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';
import { freshLoopbackAddress } from '../support/agent-fixtures.ts';
import { LoopbackPlace, onLoopback } from './support/agents-on-loopback.ts';
import type { DeliveredPackage } from './support/fleet-of-one-subnet.ts';

const port = 28_490;
const content = randomBytes(2 * BLOCK_SIZE_BYTES + 500);

let place: LoopbackPlace;
let subject: DeliveredPackage;

beforeAll(async () => {
  place = await LoopbackPlace.start();
  await place.createPolicy('all', { kind: 'all' }, { port, eventInterval: 5 });
  const { agentId } = await place.startAgent('ps', { interface: onLoopback(freshLoopbackAddress(76)), port });
  await eventually('it is online', async () => ((await place.isOnline(agentId)) ? true : null));
  subject = await place.deliver(content);
  await eventually('it has the package', () => subject.readyOn('ps'));
});

afterAll(() => place.stop());

async function verify(from: string): Promise<{ exitCode: number; stderr: string; found: CopyVerification }> {
  const { consoleUrl, apiToken } = place.server;
  const { guid } = subject;
  const args = ['verify', '--from', from, guid, '--json', '--console', consoleUrl, '--token', apiToken];
  const { exitCode, stderr, stdout } = await runFanoutHere(args);
  return { exitCode, stderr, found: copyVerificationSchema.parse(JSON.parse(stdout)) };
}

async function fileOf(folder: string, name: string): Promise<string> {
  const names = await readdir(folder, { recursive: true });
  const found = names.find((candidate) => path.basename(candidate) === name);
  if (found === undefined) throw new Error(`${name} is not in ${folder}`);
  return path.join(folder, found);
}

/** One byte of the block becomes another; gives the hash of what is there then. */
async function damage(file: string, block: number): Promise<string> {
  const handle = await open(file, 'r+');
  try {
    const bytes = Buffer.from(content.subarray(block * BLOCK_SIZE_BYTES, (block + 1) * BLOCK_SIZE_BYTES));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await handle.write(bytes, 0, bytes.length, block * BLOCK_SIZE_BYTES);
    return createHash('sha256').update(bytes).digest('hex');
  } finally {
    await handle.close();
  }
}

describe('fanout verify', () => {
  it('says that copies are right, of an agent and of the server', async () => {
    for (const from of ['ps', 'notification-server']) {
      const { exitCode, found } = await verify(from);
      expect([exitCode, found.state, found.isIntact]).toEqual([0, 'done', true]);
      expect(found.report).toEqual({ blockCount: 3, heldBlocks: 3, differingBlocks: 0, differences: [] });
    }
  });

  it('names each block of an agent that differs, with its files; it is fetched again at once', async () => {
    const file = await fileOf(path.join(place.agentFolder('ps'), 'packages', subject.key), subject.fileName);
    const sha256 = await damage(file, 1);
    const { exitCode, stderr, found } = await verify('ps');
    const expectedSha256 = createHash('sha256')
      .update(content.subarray(BLOCK_SIZE_BYTES, 2 * BLOCK_SIZE_BYTES))
      .digest('hex');
    expect(found.report).toMatchObject({ heldBlocks: 3, differingBlocks: 1 });
    expect(found.report?.differences).toEqual([{ block: 1, sha256, expectedSha256, files: [subject.fileName] }]);
    expect([exitCode, found.isIntact]).toEqual([1, false]);
    expect(stderr).toContain('1 block differs, 0 of 3 are missing. The agent fetches what differs again.');
    // Found once, it is missing until it has come again.
    const intact = await eventually('it is whole again', async () => {
      const again = await verify('ps');
      return again.found.isIntact ? again : null;
    });
    expect([intact.exitCode, intact.found.report?.heldBlocks]).toEqual([0, 3]);
    expect(Buffer.compare(await readFile(file), content)).toBe(0);
  });

  it('names the blocks of a file that somebody has deleted, also while it is still open', async () => {
    const file = await fileOf(path.join(place.agentFolder('ps'), 'packages', subject.key), subject.fileName);
    await rm(file);
    const { exitCode, found } = await verify('ps');
    expect([exitCode, found.report?.differingBlocks]).toEqual([1, 3]);
    expect(found.report?.differences.map(({ block, sha256 }) => [block, sha256])).toEqual([
      [0, null],
      [1, null],
      [2, null],
    ]);
    await eventually('it is whole again', async () => ((await verify('ps')).found.isIntact ? true : null));
    expect(Buffer.compare(await readFile(file), content)).toBe(0);
  });

  it('finds out by itself what is gone when a peer asks for it, and fetches it again', async () => {
    const file = await fileOf(path.join(place.agentFolder('ps'), 'packages', subject.key), subject.fileName);
    await truncate(file, 100);
    const asks = await place.startAgent('asks', { interface: onLoopback(freshLoopbackAddress(76)), port });
    await eventually('the one that asked has the package', () => subject.readyOn('asks'));
    await eventually('it is whole again', async () => ((await verify('ps')).found.isIntact ? true : null));
    expect(Buffer.compare(await readFile(file), content)).toBe(0);
    // Whoever comes next has nobody else to ask.
    await asks.stop();
  });

  it('is not waited for where a peer got a damaged block: the copy is read again at once', async () => {
    const file = await fileOf(path.join(place.agentFolder('ps'), 'packages', subject.key), subject.fileName);
    await damage(file, 1);
    await place.startAgent('complains', { interface: onLoopback(freshLoopbackAddress(76)), port });
    await eventually('the one that complains has the package', () => subject.readyOn('complains'));
    await eventually('it is whole again', async () =>
      Buffer.compare(await readFile(file).catch(() => Buffer.alloc(0)), content) === 0 ? true : null,
    );
  });

  it('names each block of the server that differs', async () => {
    const file = await fileOf(path.join(place.server.dataFolder, 'packages', subject.key), 'content');
    const sha256 = await damage(file, 2);
    const { exitCode, found } = await verify('notification-server');
    expect([exitCode, found.report?.differences.map((entry) => entry.sha256)]).toEqual([1, [sha256]]);
    await rm(file);
    const without = await verify('notification-server');
    expect([without.exitCode, without.found.state]).toEqual([1, 'failed']);
  });
});

describe('a verification', () => {
  async function refusal(from: AgentId, version = subject.version): Promise<string> {
    const params = { guid: subject.guid, version };
    return place.server.call('verifyCopy', { params, body: { from } }).then(
      () => 'not refused',
      (error: unknown) => (error instanceof ConsoleRequestError ? error.details.code : String(error)),
    );
  }

  it('is refused where nobody can be asked', async () => {
    const { agentId } = await place.enrol({ name: 'offline' });
    expect(await refusal(agentId)).toBe('conflict');
    expect(await refusal('f'.repeat(32) as AgentId)).toBe('not-found');
    expect(await refusal(agentId, '9.9')).toBe('not-found');
    expect(await refusal('everybody' as AgentId)).toBe('invalid-request');
    const unknown = place.server.call('copyVerification', { params: { id: 'none' } });
    await expect(unknown).rejects.toThrow(/no such verification/);
  });

  it('believes the agent that was asked alone, and ends when that is gone', async () => {
    const asked = await place.enrol({ name: 'asked' });
    const other = await place.enrol({ name: 'other' });
    const open = async (agent: TestAgent) => {
      const feed = await agent.openFeed();
      place.onStop(() => feed.close());
      return feed;
    };
    const [feed, feedOfOther] = [await open(asked), await open(other)];
    const params = { guid: subject.guid, version: subject.version };
    const { id } = await place.server.call('verifyCopy', { params, body: { from: asked.agentId } });
    const question = { kind: 'verify-copy', requestId: id, key: subject.key };
    await eventually(
      'the agent is asked',
      () => feed.received.find((message) => message.kind === 'verify-copy') ?? null,
    );
    expect(feed.received).toContainEqual(question);
    const report = { blockCount: 3, heldBlocks: 3, differingBlocks: 0, differences: [] };
    feedOfOther.send({ kind: 'copy-verified', requestId: id, report, problem: null });
    // What follows on the same feed has been read when its answer is there.
    const second = await place.server.call('verifyCopy', { params, body: { from: other.agentId } });
    feedOfOther.send({ kind: 'copy-verified', requestId: second.id, report, problem: null });
    const shown = (of: string) => place.server.call('copyVerification', { params: { id: of } });
    await eventually('the other is done', async () => ((await shown(second.id)).isIntact === true ? true : null));
    expect((await shown(id)).state).toBe('running');
    feed.close();
    const ended = await eventually('the first has ended', async () => {
      const now = await shown(id);
      return now.state === 'running' ? null : now;
    });
    expect([ended.state, ended.problem]).toEqual(['failed', 'asked went offline.']);
  });
});
