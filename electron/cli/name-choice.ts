import { CommandFailure, exitCodes } from './exit-codes.ts';

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * The one of this name or id; throws a `CommandFailure` where there is none, or several.
 *
 * @param one what it is called, such as `policy` @param many the same of several
 */
export function chooseNamed<Item extends Named>(
  items: readonly Item[],
  nameOrId: string,
  one: string,
  many: string,
): Item {
  const found = items.filter(({ id, name }) => id === nameOrId || name === nameOrId);
  const [item, ...others] = found;
  if (item === undefined) throw new CommandFailure(exitCodes.notFound, `There is no ${one} "${nameOrId}".`);
  if (others.length === 0) return item;
  const ids = found.map(({ id }) => id).join(', ');
  throw new CommandFailure(exitCodes.usage, `${found.length} ${many} are called "${nameOrId}"; give an id: ${ids}.`);
}

/** The ids of all, those that are named first and in that order; the others follow as they were. */
export function orderedIds<Item extends Named>(all: readonly Item[], first: readonly Item[]): string[] {
  const ids = first.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw new CommandFailure(exitCodes.usage, 'Name each of them once.');
  return [...ids, ...all.map(({ id }) => id).filter((id) => !ids.includes(id))];
}
