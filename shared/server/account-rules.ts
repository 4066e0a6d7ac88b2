import type { Role } from '../contracts/people-api.ts';

interface AccountStanding {
  readonly id: string;
  readonly role: Role;
  readonly isDisabled: boolean;
}

/**
 * Whether the accounts would be left without an enabled administrator by a change of one of them (`after`; null = it is
 * removed). False where there is none before either: the first account may be anybody's.
 */
export function losesLastAdministrator(
  accounts: readonly AccountStanding[],
  id: string,
  after: Omit<AccountStanding, 'id'> | null,
): boolean {
  const others = accounts.filter((account) => account.id !== id);
  if (!accounts.some(isAdministrator) || others.some(isAdministrator)) return false;
  return after === null || !isAdministrator(after);
}

function isAdministrator({ role, isDisabled }: Omit<AccountStanding, 'id'>): boolean {
  return role === 'administrator' && !isDisabled;
}
