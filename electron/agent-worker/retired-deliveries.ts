import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { PackageKey } from '../../shared/base/ids.ts';
import { packageKeySchema } from '../../shared/contracts/primitives.ts';
import { writeFileDurably } from './durable-files.ts';

/** As many as a configuration has deliveries; the oldest are forgotten first. */
const maxRetired = 10_000;

const retiredSchema = z.array(z.object({ key: packageKeySchema, deliveryId: z.string().max(64) })).max(maxRetired);
export type RetiredDelivery = z.infer<typeof retiredSchema>[number];

/** Deliveries that were fulfilled and whose packages were deleted since, as one small file beside the packages. */
export class RetiredDeliveries {
  readonly #file: string;
  readonly #deliveryIds = new Map<PackageKey, string>();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  async restore(): Promise<void> {
    const text = await readFile(this.#file, 'utf8').catch(() => '[]');
    const parsed = retiredSchema.safeParse(parseJson(text));
    // Unreadable: those packages are fetched once more.
    for (const { key, deliveryId } of parsed.data ?? []) this.#deliveryIds.set(key, deliveryId);
  }

  get all(): readonly RetiredDelivery[] {
    return [...this.#deliveryIds].map(([key, deliveryId]) => ({ key, deliveryId }));
  }

  has(key: PackageKey): boolean {
    return this.#deliveryIds.has(key);
  }

  /** Durable when it resolves. Throws on disk errors. */
  add(key: PackageKey, deliveryId: string): Promise<void> {
    this.#deliveryIds.delete(key);
    this.#deliveryIds.set(key, deliveryId);
    const [oldest] = this.#deliveryIds.keys();
    if (oldest !== undefined && this.#deliveryIds.size > maxRetired) this.#deliveryIds.delete(oldest);
    return this.#write();
  }

  /** Durable when it resolves. Throws on disk errors. */
  async remove(key: PackageKey): Promise<void> {
    if (this.#deliveryIds.delete(key)) await this.#write();
  }

  /** One after the other: two packages may be deleted at the same time. */
  #write(): Promise<void> {
    const write = this.#lastWrite
      .catch(() => undefined)
      .then(() => writeFileDurably(this.#file, JSON.stringify(this.all)));
    this.#lastWrite = write;
    return write;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses null.
    return null;
  }
}
