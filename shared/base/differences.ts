/** Deeper values are compared as a whole. */
const maximumDepth = 6;
const maximumDifferences = 20;

/**
 * Where two values of JSON differ, as paths such as `settings.maxUpload`; '' = as a whole. The first 20 in the order of the
 * first value. Properties that are undefined count as missing.
 */
export function differences(first: unknown, second: unknown): string[] {
  const found: string[] = [];
  compare(first, second, '', 0, found);
  return found.slice(0, maximumDifferences);
}

function compare(first: unknown, second: unknown, path: string, depth: number, found: string[]): void {
  if (found.length >= maximumDifferences) return;
  if (depth >= maximumDepth || !isRecord(first) || !isRecord(second)) {
    if (!isSame(first, second)) found.push(path);
    return;
  }
  for (const key of new Set([...Object.keys(first), ...Object.keys(second)])) {
    compare(first[key], second[key], path === '' ? key : `${path}.${key}`, depth + 1, found);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The order of properties does not count, that of lists does. */
function isSame(first: unknown, second: unknown): boolean {
  if (Array.isArray(first) && Array.isArray(second)) {
    return first.length === second.length && first.every((item, index) => isSame(item, second[index]));
  }
  if (isRecord(first) && isRecord(second)) {
    return [...new Set([...Object.keys(first), ...Object.keys(second)])].every((key) =>
      isSame(first[key], second[key]),
    );
  }
  return Object.is(first, second);
}
