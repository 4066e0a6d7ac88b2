import { appendFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { HttpLogEntry } from '../../shared/contracts/diagnostics.ts';
import { maxHttpLogEntries } from '../../shared/contracts/diagnostics.ts';
import { messageOf } from './agent-failure.ts';
import type { AgentLogger } from './agent-logger.ts';

/** Lines are written together; a crash loses the last second of a log that is for people. */
const flushAfterMs = 1000;
/** About a second of the busiest server; beyond, lines are counted and not kept, because memory is dearer than they are. */
const maxUnwrittenLines = 10_000;
export const logFileBytes = 1_000_000;

const fileName = /^http-(\d{8})\.log$/;

/**
 * The log of the HTTP server for peers: a line a request, in files of 1 MB, the oldest dropped so that all together keep
 * to the policy's *total log size*. Nothing waits for it, and a disk that is full costs lines only.
 */
export class HttpLog {
  readonly #folder: string;
  readonly #logger: AgentLogger;
  readonly #latest: HttpLogEntry[] = [];
  #maxFiles = 10;
  #unwritten: string[] = [];
  #droppedLines = 0;
  #hasFailed = false;
  /** Number and size of the file that is written now; 0 before the first line. */
  #current = { number: 0, sizeBytes: 0 };
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string, logger: AgentLogger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** The newest, newest last. */
  get latest(): readonly HttpLogEntry[] {
    return this.#latest;
  }

  /** 1 MB = 1,000,000 bytes; at least one file. A smaller size drops what is too much with the next line. */
  setTotalSize(megabytes: number): void {
    this.#maxFiles = Math.max(1, Math.floor((megabytes * 1_000_000) / logFileBytes));
  }

  note(entry: HttpLogEntry): void {
    this.#latest.push(entry);
    if (this.#latest.length > maxHttpLogEntries) this.#latest.shift();
    if (this.#unwritten.length >= maxUnwrittenLines) this.#droppedLines++;
    else this.#unwritten.push(lineOf(entry));
    this.#timer ??= setTimeout(() => void this.flush(), flushAfterMs);
  }

  /** Resolves when every line so far is in a file, or is lost. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#writeSafely());
    return this.#writing;
  }

  async #writeSafely(): Promise<void> {
    const lines = this.#unwritten;
    this.#unwritten = [];
    if (lines.length === 0) return;
    try {
      await this.#write(lines);
      this.#hasFailed = false;
    } catch (error) {
      this.#droppedLines += lines.length;
      // Where the file ends now is looked at anew.
      this.#current = { number: 0, sizeBytes: 0 };
      if (!this.#hasFailed) this.#logger.warn({ reason: messageOf(error) }, 'the HTTP log could not be written');
      this.#hasFailed = true;
    }
  }

  async #write(lines: readonly string[]): Promise<void> {
    if (this.#current.number === 0) await this.#findCurrent();
    if (this.#droppedLines > 0) {
      await this.#append(`${new Date().toISOString()} ${this.#droppedLines} lines were not written\n`);
      this.#droppedLines = 0;
    }
    let text = '';
    for (const line of lines) {
      if (this.#current.sizeBytes + text.length + line.length > logFileBytes) {
        await this.#append(text);
        text = '';
        this.#current = { number: this.#current.number + 1, sizeBytes: 0 };
      }
      text += line;
    }
    await this.#append(text);
    await this.#dropOldest();
  }

  /** Lines are ASCII: characters are bytes. */
  async #append(text: string): Promise<void> {
    if (text === '') return;
    await appendFile(this.#fileOf(this.#current.number), text, 'latin1');
    this.#current.sizeBytes += text.length;
  }

  async #findCurrent(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const number = (await this.#numbers()).at(-1) ?? 1;
    const found = await stat(this.#fileOf(number)).catch(() => null);
    this.#current = { number, sizeBytes: found?.size ?? 0 };
  }

  async #dropOldest(): Promise<void> {
    for (const number of await this.#numbers()) {
      if (number <= this.#current.number - this.#maxFiles) await rm(this.#fileOf(number), { force: true });
    }
  }

  async #numbers(): Promise<number[]> {
    const names = await readdir(this.#folder);
    return names
      .flatMap((name) => fileName.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  #fileOf(number: number): string {
    return path.join(this.#folder, `http-${String(number).padStart(8, '0')}.log`);
  }
}

function lineOf(entry: HttpLogEntry): string {
  const { atMs, address, agentId, method, path: asked, status, bytes, durationMs } = entry;
  const time = new Date(atMs).toISOString();
  // Whatever a path holds, a line stays a line.
  const shown = asked.replaceAll(/[^\x21-\x7e]/g, '?');
  return `${time} ${address} ${agentId ?? '-'} ${method} ${shown} ${status} ${bytes} ${durationMs}\n`;
}
