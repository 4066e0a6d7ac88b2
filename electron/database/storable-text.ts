/**
 * Text ends at a NUL in SQLite and has none in PostgreSQL. A computer that calls itself so must not keep its events from
 * being stored: the character stays visible as U+FFFD.
 */
export function storable(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
}
