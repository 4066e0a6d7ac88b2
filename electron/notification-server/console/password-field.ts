import { passwordProblem } from '../../../shared/server/password-rules.ts';
import type { StoredPassword } from '../../database/stores/account-store.ts';
import type { Passwords } from '../people/passwords.ts';
import { Refusal } from '../refusal.ts';

/** The hash of a new password, or a refusal that names the field it came in. */
export async function hashedOrRefuse(
  passwords: Passwords,
  password: string,
  accountName: string,
  field: string,
): Promise<StoredPassword> {
  const message = passwordProblem(password, accountName);
  if (message !== null) throw new Refusal('invalid-request', message, { fields: [{ path: field, message }] });
  return passwords.hash(password);
}
