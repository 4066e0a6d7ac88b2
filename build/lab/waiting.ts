/** Waits until `read` gives a value that is not null; rejects after `withinMs` with what was waited for. */
export async function eventually<Value>(
  what: string,
  read: () => Value | null | Promise<Value | null>,
  withinMs = 10_000,
  pollMs = 50,
): Promise<Value> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value !== null) return value;
    if (performance.now() > endMs) throw new Error(`waited ${withinMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
