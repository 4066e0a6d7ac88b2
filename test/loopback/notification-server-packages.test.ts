import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { chmod, mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { NotificationServerOptions } from '../../electron/notification-server/notification-server.ts';
import type { PackageGuid, PackageKey } from '../../shared/base/ids.ts';
import { BLOCK_SIZE_BYTES } from '../../shared/base/units.ts';
import { codebasesAnswerSchema } from '../../shared/contracts/agent-api.ts';
import type { Snapshot } from '../../shared/contracts/snapshot.ts';
import { signedSnapshotSchema, snapshotSchema, snapshotSignatureContext } from '../../shared/contracts/snapshot.ts';
import { withdrawalStatement } from '../../shared/contracts/withdrawal.ts';
import { refusalOf } from '../notification-server/support/refused.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { eventually, importPackage } from '../notification-server/support/test-server.ts';

let place: ServerPlace;
let agent: TestAgent;

beforeAll(async () => {
  place = await ServerPlace.start();
  agent = await place.enrol();
});

afterAll(() => place.stop());

async function anotherPlace(options: Partial<NotificationServerOptions> = {}): Promise<ServerPlace> {
  const other = await ServerPlace.start(options);
  onTestFinished(() => other.stop());
  return other;
}

async function sourceFile(name: string, bytes: Buffer): Promise<string> {
  const file = path.join(place.folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

function pathOf({ guid, version }: { guid: PackageGuid; version: string }): string {
  return `/packages/${guid}/${version}`;
}

async function fetchSnapshot(imported: { guid: PackageGuid; version: string }): Promise<Snapshot> {
  const signed = signedSnapshotSchema.parse((await agent.request(`${pathOf(imported)}/snapshot`)).json());
  const payload = Buffer.from(signed.payload, 'base64');
  const key = createPublicKey({
    key: Buffer.from(agent.identity.snapshotPublicKey, 'base64'),
    format: 'der',
    type: 'spki',
  });
  const context = Buffer.concat([Buffer.from(snapshotSignatureContext), payload]);
  expect(verify(null, context, key, Buffer.from(signed.signature, 'base64'))).toBe(true);
  return snapshotSchema.parse(JSON.parse(payload.toString()));
}

function wanBytes(key: PackageKey): Promise<number> {
  return place.server
    .call('overview', {})
    .then(({ wanCopies }) => wanCopies.filter((row) => row.key === key).reduce((sum, row) => sum + row.wanBytes, 0));
}

describe('import', () => {
  test('a folder becomes a signed snapshot whose blocks are its files one after the other', async () => {
    const parts = [randomBytes(3_000_000), randomBytes(0), randomBytes(1_500_000)] as const;
    await sourceFile('app/setup.bin', parts[0]);
    await sourceFile('app/sub/data.bin', parts[2]);
    await sourceFile('app/sub/a-empty.txt', parts[1]);
    const imported = await importPackage(place.server, path.join(place.folder, 'app'));
    const snapshot = await fetchSnapshot(imported);
    expect(snapshot.files.map((file) => [file.path, file.offsetBytes, file.sizeBytes])).toEqual([
      ['setup.bin', 0, 3_000_000],
      ['sub/a-empty.txt', 3_000_000, 0],
      ['sub/data.bin', 3_000_000, 1_500_000],
    ]);
    const content = Buffer.concat(parts);
    for (const [block, hash] of snapshot.blockHashes.entries()) {
      const { status, body, headers } = await agent.request(`${pathOf(imported)}/blocks/${block}`);
      expect(status).toBe(200);
      expect(Number(headers['content-length'])).toBe(body.length);
      expect(body.equals(content.subarray(block * BLOCK_SIZE_BYTES, (block + 1) * BLOCK_SIZE_BYTES))).toBe(true);
      expect(createHash('sha256').update(body).digest('hex')).toBe(hash);
    }
    expect(snapshot.blockHashes.length).toBe(3);
  });

  test('a second version of a package is numbered on, and the same version twice is refused', async () => {
    const file = await sourceFile('versions.bin', randomBytes(5000));
    const first = await importPackage(place.server, file);
    expect(first.version).toBe('1.0');
    const job = await place.server.call('startImport', { body: { path: file, guid: first.guid } });
    const second = await eventually('the second version', async () => {
      return (await place.server.call('imports', {})).find((candidate) => candidate.id === job.id)?.package ?? null;
    });
    expect(second).toMatchObject({ guid: first.guid, version: '2.0' });
    const again = place.server.call('startImport', { body: { path: file, guid: first.guid, version: '2.0' } });
    expect((await refusalOf(again)).details.code).toBe('conflict');
  });

  test.each([
    ['a path that is not there', async () => path.join(place.folder, 'missing.msi'), /There is no file or folder/],
    ['a path that is not whole', async () => 'setup.msi', /not a whole path/],
    [
      'an empty folder',
      async () => {
        await mkdir(path.join(place.folder, 'empty'), { recursive: true });
        return path.join(place.folder, 'empty');
      },
      /holds no file/,
    ],
    ['an empty file', () => sourceFile('nothing.bin', Buffer.alloc(0)), /nothing to deliver/],
    [
      'a name that Windows reserves',
      async () => path.dirname(await sourceFile('reserved/aux.txt', randomBytes(9))),
      /reserved/,
    ],
    [
      'names that differ in case only',
      async () => {
        await sourceFile('case/Setup.txt', randomBytes(9));
        return path.dirname(await sourceFile('case/setup.TXT', randomBytes(9)));
      },
      /same name on systems that ignore case/,
    ],
    [
      'a symbolic link',
      async () => {
        const file = await sourceFile('linked/real.txt', randomBytes(9));
        await symlink(file, path.join(place.folder, 'linked/link.txt'));
        return path.dirname(file);
      },
      /symbolic link/,
    ],
  ])('refuses %s in a sentence', async (_what, makePath, sentence) => {
    const refusal = await refusalOf(place.server.call('startImport', { body: { path: await makePath() } }));
    expect(refusal.status).toBeGreaterThanOrEqual(400);
    expect(refusal.message).toMatch(sentence);
  });

  test.skipIf(process.getuid?.() === 0)('refuses a file that may not be read', async () => {
    const file = await sourceFile('locked.bin', randomBytes(10));
    await chmod(file, 0);
    const job = await place.server.call('startImport', { body: { path: file } });
    const failed = await eventually('the failure', async () => {
      return (
        (await place.server.call('imports', {})).find(({ id, state }) => id === job.id && state === 'failed') ?? null
      );
    });
    expect(failed.message).toMatch(/may not read/);
  });

  test('cancelled leaves neither a package nor files', async () => {
    const before = await place.server.call('packages', {});
    const file = await sourceFile('large.bin', randomBytes(10));
    // Sparse: it takes no disk here, and long enough to import.
    await truncate(file, 2 ** 30);
    const job = await place.server.call('startImport', { body: { path: file } });
    await place.server.call('cancelImport', { params: { id: job.id } });
    const packagesFolder = path.join(place.server.dataFolder, 'packages');
    await eventually('the leftovers to be gone', async () =>
      (await readdir(packagesFolder)).some((name) => name.startsWith('.')) ? null : true,
    );
    expect((await place.server.call('imports', {})).find(({ id }) => id === job.id)?.state).toBe('cancelled');
    expect(await place.server.call('packages', {})).toEqual(before);
    expect((await refusalOf(place.server.call('cancelImport', { params: { id: job.id } }))).details.code).toBe(
      'conflict',
    );
  });

  test('an uploaded file is imported under its name', async () => {
    const bytes = randomBytes(3_000_000);
    const url = `${place.server.consoleUrl}/api/v1/imports/upload?fileName=tool.exe&version=7.1`;
    const headers = { authorization: `Bearer ${place.server.apiToken}`, 'content-type': 'application/octet-stream' };
    const answer = await fetch(url, { method: 'POST', headers, body: bytes });
    expect(answer.status).toBe(200);
    const { id } = (await answer.json()) as { id: string };
    const imported = await eventually('the import', async () => {
      return (await place.server.call('imports', {})).find((job) => job.id === id)?.package ?? null;
    });
    expect((await fetchSnapshot(imported)).files).toEqual([{ path: 'tool.exe', sizeBytes: 3_000_000, offsetBytes: 0 }]);
    expect((await agent.request(`${pathOf(imported)}/blocks/1`)).body.equals(bytes.subarray(BLOCK_SIZE_BYTES))).toBe(
      true,
    );
    const badName = await fetch(url.replace('tool.exe', encodeURIComponent('../tool.exe')), {
      method: 'POST',
      headers,
      body: 'x',
    });
    expect(badName.status).toBe(400);
  });
});

describe('blocks', () => {
  test('are sent by range', async () => {
    const bytes = randomBytes(BLOCK_SIZE_BYTES + 1000);
    const imported = await importPackage(place.server, await sourceFile('ranges.bin', bytes));
    const ask = (block: number, range: string) =>
      agent.request(`${pathOf(imported)}/blocks/${block}`, { headers: { range } });
    const middle = await ask(0, 'bytes=100-199');
    expect(middle.status).toBe(206);
    expect(middle.headers['content-range']).toBe(`bytes 100-199/${BLOCK_SIZE_BYTES}`);
    expect(middle.body.equals(bytes.subarray(100, 200))).toBe(true);
    expect((await ask(1, 'bytes=900-')).body.equals(bytes.subarray(BLOCK_SIZE_BYTES + 900))).toBe(true);
    expect((await ask(1, 'bytes=-10')).body.equals(bytes.subarray(-10))).toBe(true);
    expect((await ask(1, 'bytes=1000-')).status).toBe(416);
    expect((await ask(2, 'bytes=0-')).status).toBe(404);
    const codebases = codebasesAnswerSchema.parse((await agent.request(`${pathOf(imported)}/codebases`)).json());
    expect(codebases.codebases).toMatchObject([
      { source: 'notification-server', url: `${place.server.agentUrl}/agent/v1` },
    ]);
  });

  test('of a withdrawn version are refused, its delivery ends and agents are told', async () => {
    const imported = await importPackage(place.server, await sourceFile('withdrawn.bin', randomBytes(5000)));
    await place.server.call('createDelivery', {
      body: { guid: imported.guid, version: imported.version, target: { kind: 'all' }, priority: 'normal' },
    });
    expect((await configurationOf(agent)).deliveries.map(({ key }) => key)).toContain(imported.key);
    const feed = await agent.openFeed();
    await place.server.call('withdrawPackage', { params: { guid: imported.guid, version: imported.version } });
    await eventually('the withdrawal', () => feed.received.find(({ kind }) => kind === 'withdraw') ?? null);
    const after = await configurationOf(agent);
    expect(after.deliveries.map(({ key }) => key)).not.toContain(imported.key);
    const withdrawal = after.withdrawn.find(({ key }) => key === imported.key);
    const snapshotKey = {
      key: Buffer.from(agent.identity.snapshotPublicKey, 'base64'),
      format: 'der',
      type: 'spki',
    } as const;
    const signature = Buffer.from(withdrawal?.signature ?? '', 'hex');
    expect(verify(null, withdrawalStatement(imported.key), createPublicKey(snapshotKey), signature)).toBe(true);
    for (const part of ['snapshot', 'codebases', 'blocks/0']) {
      expect((await agent.request(`${pathOf(imported)}/${part}`)).status).toBe(409);
    }
    feed.close();
  });

  test('are counted byte by byte where they leave, whole and broken off', async () => {
    const bytes = randomBytes(BLOCK_SIZE_BYTES + 777);
    const imported = await importPackage(place.server, await sourceFile('counted.bin', bytes));
    await agent.request(`${pathOf(imported)}/blocks/0`);
    await agent.request(`${pathOf(imported)}/blocks/1`, { headers: { range: 'bytes=0-99' } });
    expect(await wanBytes(imported.key)).toBe(BLOCK_SIZE_BYTES + 100);

    const answer = await agent.open(`${pathOf(imported)}/blocks/0`);
    const received = await new Promise<number>((resolve) => {
      answer.once('data', (part: Buffer) => {
        answer.destroy();
        resolve(part.length);
      });
    });
    const total = await eventually('the broken answer to be counted', async () => {
      const now = await wanBytes(imported.key);
      return now > BLOCK_SIZE_BYTES + 100 ? now : null;
    });
    expect(total).toBeGreaterThanOrEqual(BLOCK_SIZE_BYTES + 100 + received);
    expect(total).toBeLessThanOrEqual(2 * BLOCK_SIZE_BYTES + 100);
    const [row] = (await place.server.call('overview', {})).wanCopies.filter(({ key }) => key === imported.key);
    expect(row?.subnet).toBe('127.0.0.0/24');
    expect((await place.server.call('agent', { params: { agentId: agent.agentId } })).directBytes).toBeGreaterThan(0);
  });

  test('beyond what the server sends at a time are answered with 503 and when to come again', async () => {
    const small = await anotherPlace({ maximumBlockAnswers: 1 });
    const other = await small.enrol();
    await small.server.call('createSite', {
      body: { name: 'Slow', subnets: ['127.0.0.0/24'], wanKilobitsPerSecond: 80 },
    });
    const imported = await importPackage(small.server, await sourceFile('busy.bin', randomBytes(BLOCK_SIZE_BYTES)));
    const first = await other.open(`${pathOf(imported)}/blocks/0`);
    expect(first.statusCode).toBe(200);
    const second = await other.request(`${pathOf(imported)}/blocks/0`);
    expect(second.status).toBe(503);
    expect(second.headers['retry-after']).toBe('1');
    first.destroy();
    await eventually('a free place', async () => {
      const probe = await other.open(`${pathOf(imported)}/blocks/0`);
      probe.destroy();
      return probe.statusCode === 200 ? true : null;
    });
  });

  test('to a site share its limit, and feel a changed limit while they run', async () => {
    const limited = await anotherPlace();
    const other = await limited.enrol();
    const draft = { name: 'Branch', subnets: ['127.0.0.0/24'], wanKilobitsPerSecond: 80 };
    const site = await limited.server.call('createSite', { body: draft });
    const imported = await importPackage(limited.server, await sourceFile('slow.bin', randomBytes(BLOCK_SIZE_BYTES)));
    // 2 MiB at 10 KB/s would take three and a half minutes: that it ends shows that the new limit holds for it.
    const answer = await other.open(`${pathOf(imported)}/blocks/0`);
    let received = 0;
    const whole = new Promise((resolve) => answer.on('end', resolve));
    answer.on('data', (part: Buffer) => {
      received += part.length;
    });
    await eventually('the first bytes', () => (received > 0 ? true : null));
    expect(received).toBeLessThan(BLOCK_SIZE_BYTES);
    await limited.server.call('updateSite', {
      params: { id: site.id },
      body: { ...draft, wanKilobitsPerSecond: 0, version: 1 },
    });
    await whole;
    expect(received).toBe(BLOCK_SIZE_BYTES);
  });
});

test('packages, counted bytes and half imports after a restart: what is whole stays, what is half is gone', async () => {
  const other = await anotherPlace();
  const [first, data] = [other.server, other.server.dataFolder];
  const counting = await other.enrol();
  const imported = await importPackage(first, await sourceFile('kept.bin', randomBytes(50_000)));
  await counting.request(`${pathOf(imported)}/blocks/0`);
  counting.close();
  await other.restartServer(async () => {
    await mkdir(path.join(data, 'packages', '.import-dead'));
    await mkdir(path.join(data, 'packages', 'f'.repeat(40)));
  });
  const second = other.server;
  expect((await readdir(path.join(data, 'packages'))).sort()).toEqual([imported.key]);
  expect((await second.call('overview', {})).directBytes).toBe(50_000);
  expect(second.serverId).toBe(first.serverId);
  expect(await second.call('agents', {})).toMatchObject([{ agentId: counting.agentId, directBytes: 50_000 }]);
});
