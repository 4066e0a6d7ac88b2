/** Long enough that guessing is hopeless at the speed that sign-ins are let through; no rule asks for digits or signs. */
export const shortestPassword = 12;
export const longestPassword = 256;

/** Why a password is not taken, as a sentence, or null where it is. Lengths count characters as people see them. */
export function passwordProblem(password: string, accountName: string): string | null {
  const length = [...password].length;
  if (length < shortestPassword) return `Use at least ${shortestPassword} characters.`;
  if (length > longestPassword) return `Use at most ${longestPassword} characters.`;
  const rest = password.toLowerCase().split(accountName.toLowerCase()).join('');
  return rest.trim() === '' ? 'The name of the account is no password.' : null;
}
