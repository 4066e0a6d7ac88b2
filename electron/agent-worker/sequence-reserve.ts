import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from './durable-files.ts';

const storedSchema = z.object({ events: z.number().int().min(1), journal: z.number().int().min(1) });
export type SequenceName = keyof z.infer<typeof storedSchema>;

/** Numbers set aside at a time: one write to disk per so many events, and a gap of at most so many after a crash. */
const step = 10_000;

/**
 * Sequence numbers that are never used twice, over crashes too: what is on disk is a number that no life has reached yet.
 */
export class SequenceReserve {
  readonly #file: string;
  /** The first number of this life. */
  readonly first: Readonly<Record<SequenceName, number>>;
  readonly #used: Record<SequenceName, number>;
  readonly #reserved: Record<SequenceName, number>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, first: Record<SequenceName, number>) {
    this.#file = file;
    this.first = { ...first };
    this.#used = { ...first };
    this.#reserved = { events: first.events + step, journal: first.journal + step };
  }

  static async open(dataFolder: string): Promise<SequenceReserve> {
    const file = path.join(dataFolder, 'sequences.json');
    const text = await readFile(file, 'utf8').catch(() => null);
    const reserve = new SequenceReserve(
      file,
      text === null ? { events: 1, journal: 1 } : storedSchema.parse(JSON.parse(text)),
    );
    await writeFileDurably(file, JSON.stringify(reserve.#reserved));
    return reserve;
  }

  /** `sequence` was given away. Sets further numbers aside well before they run out. */
  used(name: SequenceName, sequence: number): void {
    this.#used[name] = Math.max(this.#used[name], sequence + 1);
    if (this.#used[name] + step / 2 < this.#reserved[name]) return;
    this.#reserved[name] = this.#used[name] + step;
    this.#write(this.#reserved);
  }

  /** After a clean stop the next life goes on without a gap. */
  async close(): Promise<void> {
    this.#write(this.#used);
    await this.#writing;
  }

  #write(numbers: Record<SequenceName, number>): void {
    const text = JSON.stringify(numbers);
    // A failed write leaves a lower number on disk: the next one, half a step later, puts it right.
    this.#writing = this.#writing.then(() => writeFileDurably(this.#file, text)).catch(() => undefined);
  }
}
