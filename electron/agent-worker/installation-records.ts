import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { InstallationRecord } from '../../shared/contracts/deliveries.ts';
import { installationRecordSchema } from '../../shared/contracts/deliveries.ts';
import { writeFileDurably } from './durable-files.ts';

const recordsSchema = z.array(installationRecordSchema);

/** What was written down of installations, as one small file that outlives a crash whole. */
export class InstallationRecords {
  readonly #file: string;
  readonly #records: Map<string, InstallationRecord>;
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(file: string, records: readonly InstallationRecord[]) {
    this.#file = file;
    this.#records = new Map(records.map((record) => [record.deliveryId, record]));
  }

  /** Throws where the file is there and cannot be read: without it a command might run twice. */
  static async open(dataFolder: string): Promise<InstallationRecords> {
    const file = path.join(dataFolder, 'installations.json');
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    return new InstallationRecords(file, recordsSchema.parse(JSON.parse(text)));
  }

  get all(): readonly InstallationRecord[] {
    return [...this.#records.values()];
  }

  /** Durable when it resolves. Throws on disk errors. */
  save(record: InstallationRecord): Promise<void> {
    this.#records.set(record.deliveryId, record);
    return this.#write();
  }

  /** Durable when it resolves. Throws on disk errors. */
  keepOnly(deliveryIds: readonly string[]): Promise<void> {
    const kept = new Set(deliveryIds);
    for (const deliveryId of [...this.#records.keys()]) if (!kept.has(deliveryId)) this.#records.delete(deliveryId);
    return this.#write();
  }

  #write(): Promise<void> {
    const text = JSON.stringify(this.all);
    const write = this.#lastWrite.catch(() => undefined).then(() => writeFileDurably(this.#file, text, 0o600));
    this.#lastWrite = write;
    return write;
  }
}
