import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRenewalDue } from '../../electron/agent-worker/certificate-renewal.ts';
import { lockDataFolder } from '../../electron/agent-worker/data-folder-lock.ts';
import { PersistenceAdapter } from '../../electron/agent-worker/persistence-adapter.ts';
import { SequenceReserve } from '../../electron/agent-worker/sequence-reserve.ts';
import type { PackageKey } from '../../shared/base/ids.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import { silentLogger, TestAuthority, temporaryFolder } from '../support/agent-fixtures.ts';

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

const entry = (sequence: number): JournalEntry => ({
  sequence,
  atMs: 1,
  key: 'ab'.repeat(20) as PackageKey,
  blocks: 0,
  source: null,
  reason: 'resumed',
  sentence: `entry ${sequence}`,
});

describe('sequence numbers', () => {
  it('go on without a gap after a clean stop', async () => {
    const first = await SequenceReserve.open(folder.path);
    expect(first.first).toEqual({ events: 1, journal: 1 });
    first.used('events', 41);
    await first.close();
    expect((await SequenceReserve.open(folder.path)).first).toEqual({ events: 42, journal: 1 });
  });

  it('are never used twice after a crash', async () => {
    const first = await SequenceReserve.open(folder.path);
    first.used('events', 9_000);
    await first.close();
    // Opened again and lost without `close`: what it may have used is gone for good.
    await SequenceReserve.open(folder.path);
    expect((await SequenceReserve.open(folder.path)).first.events).toBeGreaterThan(9_000 + 5_000);
  });
});

describe('the decision journal', () => {
  it('keeps the newest entries once it has twice as many as the policy allows', async () => {
    const sequences = await SequenceReserve.open(folder.path);
    const journal = await PersistenceAdapter.open(folder.path, sequences, silentLogger);
    for (let sequence = 1; sequence <= 25; sequence++) {
      journal.appendJournal(entry(sequence), 10);
      await journal.flush();
    }
    await sequences.close();
    const lines = (await readFile(path.join(folder.path, 'decision-journal.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual(entry(25));
    expect(JSON.parse(lines[0] ?? '').sequence).toBe(26 - lines.length);
  });
});

describe('a decision journal whose last line was cut off', () => {
  it('goes on with a line of its own', async () => {
    const file = path.join(folder.path, 'decision-journal.jsonl');
    await writeFile(file, `${JSON.stringify(entry(1))}\n{"sequence":`);
    const sequences = await SequenceReserve.open(folder.path);
    const journal = await PersistenceAdapter.open(folder.path, sequences, silentLogger);
    journal.appendJournal(entry(2), 10);
    await journal.flush();
    await sequences.close();
    expect((await readFile(file, 'utf8')).split('\n')).toContain(JSON.stringify(entry(2)));
  });
});

describe('the lock of a data folder', () => {
  it('is taken from an owner that is gone, and from a file that says nothing', async () => {
    const file = path.join(folder.path, 'agent.lock');
    await writeFile(file, JSON.stringify({ pid: 2 ** 22 - 1, startedAt: '1' }));
    await (await lockDataFolder(folder.path)).release();
    await writeFile(file, '{');
    await (await lockDataFolder(folder.path)).release();
  });

  it('is not taken from a process number that another program has now', async () => {
    await writeFile(path.join(folder.path, 'agent.lock'), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
    await (await lockDataFolder(folder.path)).release();
  });

  it('is refused while its owner runs', async () => {
    const lock = await lockDataFolder(folder.path);
    await expect(lockDataFolder(folder.path)).rejects.toMatchObject({ code: 'data-folder-in-use' });
    await lock.release();
  });

  it('says that a folder cannot be written', async () => {
    await writeFile(path.join(folder.path, 'file'), '');
    await expect(lockDataFolder(path.join(folder.path, 'file', 'below'))).rejects.toMatchObject({
      code: 'data-folder-not-writable',
    });
  });
});

describe('the renewal of a certificate', () => {
  it('is due from half of its time on', async () => {
    const dayMs = 86_400_000;
    const { certificatePem } = await (await TestAuthority.create()).enrol();
    expect(isRenewalDue(certificatePem, Date.now() + 14 * dayMs)).toBe(false);
    expect(isRenewalDue(certificatePem, Date.now() + 16 * dayMs)).toBe(true);
  });
});
