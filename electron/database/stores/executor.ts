import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

/** The database, or a transaction of the write batcher: every function of a store works on either. */
export type Executor = Kysely<Schema>;

/** A sum of no rows is null. */
export function countOf(value: string | number | bigint | null | undefined): number {
  return Number(value ?? 0);
}
