import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpLog, logFileBytes } from '../../electron/agent-worker/http-log.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { HttpLogEntry } from '../../shared/contracts/diagnostics.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { randomId, silentLogger, temporaryFolder } from '../support/agent-fixtures.ts';

describe('the log of the HTTP server', () => {
  let folder: TemporaryFolder;
  let logFolder: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    logFolder = path.join(folder.path, 'http-log');
  });
  afterEach(() => folder.remove());

  const entry = (more: Partial<HttpLogEntry> = {}): HttpLogEntry => ({
    atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    address: '127.0.0.9',
    agentId: null,
    method: 'GET',
    path: '/peer/v1/packages',
    status: 200,
    bytes: 17,
    durationMs: 4,
    ...more,
  });
  const files = async (): Promise<string[]> => (await readdir(logFolder)).sort();
  const linesOf = async (file: string): Promise<string[]> =>
    (await readFile(path.join(logFolder, file), 'latin1')).split('\n').filter((line) => line !== '');
  /** Enough for a little more than one file. */
  const fillFile = async (log: HttpLog): Promise<void> => {
    for (let count = 0; count < 4000; count++) log.note(entry({ path: `/${'a'.repeat(199)}`, bytes: count }));
    await log.flush();
  };

  it('has one line a request, whatever the request holds', async () => {
    const log = new HttpLog(logFolder, silentLogger);
    const agentId = randomId() as AgentId;
    log.note(entry({ agentId }));
    log.note(entry({ path: '/a b\r\n2026 faked\u0000', status: 404, bytes: 0 }));
    await log.flush();
    expect(await linesOf('http-00000001.log')).toEqual([
      `2026-01-02T03:04:05.678Z 127.0.0.9 ${agentId} GET /peer/v1/packages 200 17 4`,
      '2026-01-02T03:04:05.678Z 127.0.0.9 - GET /a?b??2026?faked? 404 0 4',
    ]);
  });

  it('goes to files of 1 MB, of which the oldest are dropped', async () => {
    const log = new HttpLog(logFolder, silentLogger);
    log.setTotalSize(2);
    for (let count = 0; count < 3; count++) await fillFile(log);
    expect(await files()).toEqual(['http-00000003.log', 'http-00000004.log']);
    for (const file of await files()) {
      expect((await stat(path.join(logFolder, file))).size).toBeLessThanOrEqual(logFileBytes);
    }
    expect((await linesOf('http-00000004.log')).at(-1)).toContain(' 200 3999 4');
    log.setTotalSize(1);
    log.note(entry());
    await log.flush();
    expect(await files()).toEqual(['http-00000004.log']);
  });

  it('goes on in the newest file after a restart', async () => {
    await mkdir(logFolder);
    await writeFile(path.join(logFolder, 'http-00000007.log'), 'a line of before\n');
    const log = new HttpLog(logFolder, silentLogger);
    log.note(entry());
    await log.flush();
    expect((await linesOf('http-00000007.log')).length).toBe(2);
  });

  it('loses lines where the disk takes none, says how many, and goes on when it does again', async () => {
    // A file where the folder should be: writing fails as it does on a full disk.
    await writeFile(logFolder, '');
    let warnings = 0;
    const log = new HttpLog(logFolder, { ...silentLogger, warn: () => warnings++ });
    for (let count = 0; count < 3; count++) {
      log.note(entry());
      await log.flush();
    }
    expect(warnings).toBe(1);
    await rm(logFolder);
    log.note(entry({ bytes: 99 }));
    await log.flush();
    const lines = await linesOf('http-00000001.log');
    expect(lines[0]).toMatch(/ 3 lines were not written$/);
    expect(lines[1]).toContain(' 200 99 4');
  });

  it('keeps the newest hundred for the diagnostics page', () => {
    const log = new HttpLog(logFolder, silentLogger);
    for (let count = 0; count < 250; count++) log.note(entry({ bytes: count }));
    expect(log.latest.length).toBe(100);
    expect(log.latest.at(-1)?.bytes).toBe(249);
    return log.flush();
  });
});
