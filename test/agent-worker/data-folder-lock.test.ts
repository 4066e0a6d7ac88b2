import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentFailure } from '../../electron/agent-worker/agent-failure.ts';
import { lockDataFolder } from '../../electron/agent-worker/data-folder-lock.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { temporaryFolder } from '../support/agent-fixtures.ts';

describe('the lock of a data folder', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  const takenAtOnce = async (times: number) => {
    const attempts = Array.from({ length: times }, () => lockDataFolder(folder.path));
    const taken = (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled');
    return taken.map((each) => (each as Awaited<PromiseFulfilledResult<{ release(): Promise<void> }>>).value);
  };

  it('is tried again where only room is missing', () => {
    const failure = (code: string) =>
      new AgentFailure('data-folder-not-writable', 'no', Object.assign(new Error('no'), { code }));
    expect([failure('EACCES').isFinal, failure('ENOSPC').isFinal]).toEqual([true, false]);
  });

  it('is had by one of several that come in the same moment', async () => {
    for (let turn = 0; turn < 20; turn++) {
      const taken = await takenAtOnce(4);
      expect(taken).toHaveLength(1);
      await taken[0]?.release();
    }
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('is had by one of several that find what a crash has left', async () => {
    // Process 1 runs, and began at another time.
    const left = JSON.stringify({ pid: 1, startedAt: 'never' });
    for (let turn = 0; turn < 20; turn++) {
      await writeFile(path.join(folder.path, 'agent.lock'), turn % 2 === 0 ? left : left.slice(0, 9));
      const taken = await takenAtOnce(4);
      expect(taken).toHaveLength(1);
      expect(await readFile(path.join(folder.path, 'agent.lock'), 'utf8')).toContain(`"pid":${process.pid},`);
      await taken[0]?.release();
    }
    expect(await readdir(folder.path)).toEqual([]);
  });
});
