import type { Policy } from '../../shared/contracts/console-api.ts';
import { chooseNamed } from './name-choice.ts';

/** The policy of this name or id; throws a `CommandFailure` where there is none, or several. */
export function choosePolicy(policies: readonly Policy[], nameOrId: string): Policy {
  return chooseNamed(policies, nameOrId, 'policy', 'policies');
}
