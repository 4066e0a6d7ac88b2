import type { WriteTransaction } from '../../database/write-batcher.ts';
import type { OrganisationPart } from '../organisation.ts';

/** One thing as an entry of the audit trail holds it before or after a change; null = it was not there. */
export type State = unknown;

export interface RevertContext {
  readonly transaction: WriteTransaction;
  readonly who: string;
  readonly atMs: number;
}

/** How changes of one kind are taken back. Everything happens in one transaction, so that nobody gets in between. */
export interface Revertible<Known> {
  /** In the audit trail the change back is called `revert-<noun>`. */
  readonly noun: string;
  /** What has to be read again afterwards. */
  readonly part: OrganisationPart;
  /** Null where an entry holds what this version cannot read. */
  read(state: State): Known | null;
  /** What is stored now of the thing that the states are about. */
  present(context: RevertContext, about: Known): Promise<Known | null>;
  /** What counts: without versions, times and whatever else changes by itself. */
  essence(known: Known): unknown;
  /** Makes the present one what it was, and gives what is stored then. Throws refusals. */
  restore(context: RevertContext, wanted: Known | null, present: Known | null): Promise<Known | null>;
}
