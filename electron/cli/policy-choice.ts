import type { Policy } from '../../shared/contracts/console-api.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** The policy of this name or id; throws a `CommandFailure` where there is none, or several. */
export function choosePolicy(policies: readonly Policy[], nameOrId: string): Policy {
  const found = policies.filter(({ id, name }) => id === nameOrId || name === nameOrId);
  const [policy, ...others] = found;
  if (policy === undefined) throw new CommandFailure(exitCodes.notFound, `There is no policy "${nameOrId}".`);
  if (others.length === 0) return policy;
  const ids = found.map(({ id }) => id).join(', ');
  throw new CommandFailure(exitCodes.usage, `${found.length} policies are called "${nameOrId}"; give an id: ${ids}.`);
}
