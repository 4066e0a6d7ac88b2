import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PersistencePort } from '../../shared/agent/ports.ts';
import type { JournalEntry } from '../../shared/contracts/journal.ts';
import { messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';
import { writeFileDurably } from './durable-files.ts';
import type { SequenceReserve } from './sequence-reserve.ts';

/** Entries are written together; a crash loses the last moment of a journal that is for people. */
const flushAfterMs = 500;
/** More than a busy download makes in `flushAfterMs`; beyond, the oldest are dropped as the policy drops them. */
const maxUnwritten = 20_000;

/** Persistence port: the decision journal as a file of JSON lines, cut to the policy's size when it has twice as many. */
export class PersistenceAdapter implements PersistencePort {
  readonly #file: string;
  readonly #sequences: SequenceReserve;
  readonly #logger: AgentLogger;
  #lines: number;
  /** The last line was cut off, by a power failure: it must not swallow the next one. */
  #isTorn: boolean;
  #unwritten: string[] = [];
  #keepEntries = 2000;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, text: string, sequences: SequenceReserve, logger: AgentLogger) {
    this.#file = file;
    this.#lines = linesOf(text).length;
    this.#isTorn = text !== '' && !text.endsWith('\n');
    this.#sequences = sequences;
    this.#logger = logger;
  }

  static async open(dataFolder: string, sequences: SequenceReserve, logger: AgentLogger): Promise<PersistenceAdapter> {
    const file = path.join(dataFolder, 'decision-journal.jsonl');
    return new PersistenceAdapter(file, await readText(file), sequences, logger);
  }

  appendJournal(entry: JournalEntry, keepEntries: number): void {
    this.#keepEntries = keepEntries;
    this.#logger.debug({ key: entry.key, reason: entry.reason }, entry.sentence);
    this.#sequences.used('journal', entry.sequence);
    this.#unwritten.push(JSON.stringify(entry));
    if (this.#unwritten.length > maxUnwritten) this.#unwritten.shift();
    this.#timer ??= setTimeout(() => void this.flush(), flushAfterMs);
  }

  /** Resolves when everything given so far is in the file. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing
      .then(() => this.#write())
      .catch((error: unknown) => {
        // The journal explains downloads; it must never stop one.
        this.#logger.warn({ reason: messageOf(error) }, 'the decision journal could not be written');
      });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const lines = this.#unwritten;
    this.#unwritten = [];
    if (lines.length === 0) return;
    if (this.#lines + lines.length <= 2 * this.#keepEntries) {
      await appendFile(this.#file, `${this.#isTorn ? '\n' : ''}${lines.join('\n')}\n`);
      this.#isTorn = false;
      this.#lines += lines.length;
      return;
    }
    const kept = [...linesOf(await readText(this.#file)), ...lines].slice(-this.#keepEntries);
    await writeFileDurably(this.#file, `${kept.join('\n')}\n`);
    this.#lines = kept.length;
  }
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => '');
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
