import { Refusal } from '../refusal.ts';

/** Deeper than anything that the interface knows. */
const maximumDepth = 32;
/** With the flag `u` a whole pair is one character, and not found. */
const noCharacters = /[\0\p{Surrogate}]/u;

/**
 * Refuses text that no database keeps as it was sent: it ends at a NUL here and is an error there, and half of a surrogate
 * pair becomes another character. So that what is answered, audited and stored is always what somebody wrote. Looks at every
 * value of a request that came as JSON or in its address, whatever its schema is.
 */
export function refuseUnreadable(input: unknown, path: readonly string[] = []): void {
  if (typeof input === 'string') {
    if (!noCharacters.test(input)) return;
    throw unreadable(path, 'Leave out the NUL, or whatever else is no character.');
  }
  if (typeof input !== 'object' || input === null) return;
  if (path.length >= maximumDepth) throw unreadable(path, `Use at most ${maximumDepth} levels.`);
  for (const [key, value] of Object.entries(input)) {
    refuseUnreadable(key, path);
    refuseUnreadable(value, [...path, key]);
  }
}

function unreadable(path: readonly string[], message: string): Refusal {
  const field = path.join('.');
  const where = field === '' ? '' : `${field}: `;
  return new Refusal('invalid-request', `The request is not valid. ${where}${message}`, {
    fields: [{ path: field, message }],
  });
}
