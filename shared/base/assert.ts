/** Thrown when the program itself is wrong; bad input is a `Result` instead. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States what the programmer holds to be impossible otherwise. Never use it on input from outside. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Closes a `switch` over a union: the compiler rejects it as soon as a case is missing. */
export function assertNever(value: never): never {
  throw new AssertionError(`unexpected value ${JSON.stringify(value)}`);
}
