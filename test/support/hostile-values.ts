import type { z } from 'zod';

/** One thing that can be wrong with one part of a request. */
export interface HostileCase {
  /** `settings.port: a number too large` */
  readonly what: string;
  /** Where it is wrong; '' = the part as a whole. */
  readonly path: string;
  /** Whether a server has to refuse it, or may take it: there are strange names, and people who have them. */
  readonly mustBeRefused: boolean;
  /** A valid part with this wrong in it. Made when it is sent, since some are large, and of whichever part is still unused. */
  valueFrom(valid: unknown): unknown;
  /** An answer to such a value names one of these; what is missing may be said of the field that needs it. */
  wrongFields(value: unknown): readonly string[];
}

const oversizedCharacters = 1_000_000;
const oversizedElements = 100_000;
/** All are tried on the schema, which has to answer and not to throw; so many that it refuses go to the server, which says the same of each. */
const refusedOfKind = 2;
const nestedLevels = 1000;

/** Text that has no place in any field: no database keeps it as it is. */
const unstorableTexts: Readonly<Record<string, string>> = {
  'a NUL': 'a\0b',
  'half a character': 'a\uD800b',
};

const hostileTexts: Readonly<Record<string, string>> = {
  'a way up': '../../../../etc/passwd',
  'a way up on Windows': '..\\..\\windows\\system32',
  SQL: `'; DROP TABLE agents; --`,
  'more SQL': `" OR 1=1; --`,
  'a pattern': '%_*?[a-z]{2}(',
  'a script': '<script>alert(1)</script>',
  'turned letters': '\u202Ecod.exe\u200B\uFEFF',
  emoji: '🙂'.repeat(20),
  'a prototype': '__proto__',
  'a constructor': 'constructor',
  'an escape': '%00%2e%2e%2f',
  'a number that is none': 'NaN',
  'a large number': '1e308',
  'a negative number': '-1',
  'line ends': 'a\r\nset-cookie: b=c',
};

const hostileNumbers: Readonly<Record<string, number>> = {
  negative: -1,
  'a fraction': 0.5,
  'larger than it can be counted': Number.MAX_SAFE_INTEGER + 2,
  'the largest that can be counted': Number.MAX_SAFE_INTEGER,
  'the largest of all': Number.MAX_VALUE,
  'the smallest of all': -Number.MAX_VALUE,
};

const wrongTypes: readonly unknown[] = [null, true, 17, 'text', [], {}];

/**
 * Everything that can be wrong with one part of a request, made of a valid one and its schema: each field missing, of a wrong
 * type, too large, and hostile. What the schema takes and does no harm is left out.
 */
export function hostileCases(schema: z.ZodType, valid: unknown, refusesUnstorable = true): HostileCase[] {
  const cases: HostileCase[] = [];
  const isValid = (value: unknown): boolean => schema.safeParse(value).success;
  for (const { path, value } of fieldsOf(valid)) {
    const withValue = (other: unknown): unknown => replaced(valid, path, other);
    const at = path.join('.');
    const add = (what: string, mustBeRefused: boolean, makeOther: () => unknown): void => {
      cases.push({
        what: `${at || 'the whole'}: ${what}`,
        path: at,
        mustBeRefused,
        valueFrom: (part) => replaced(part, path, makeOther()),
        wrongFields: (wrong) => {
          const { error } = schema.safeParse(wrong);
          return error?.issues.map((issue) => issue.path.map(String).join('.')) ?? [at];
        },
      });
    };
    if (path.length > 0 && !isValid(withValue(undefined))) add('missing', true, () => undefined);
    const addSome = (some: Readonly<Record<string, unknown>>): void => {
      let refused = 0;
      for (const [what, other] of Object.entries(some)) {
        const isTaken = isValid(withValue(other));
        if (isTaken || ++refused <= refusedOfKind) add(what, !isTaken, () => other);
      }
    };
    const isOfType = (other: unknown): boolean =>
      typeof other === typeof value && Array.isArray(other) === Array.isArray(value);
    const wrong = wrongTypes.filter((other) => !isOfType(other) && !isValid(withValue(other)));
    addSome(Object.fromEntries(wrong.map((other) => [`${JSON.stringify(other)} instead`, other])));
    add('nested deeply', true, nested);
    if (typeof value === 'number') addSome(hostileNumbers);
    if (typeof value === 'string') {
      add(`${oversizedCharacters} characters`, true, () => 'x'.repeat(oversizedCharacters));
      for (const [what, text] of Object.entries(unstorableTexts)) {
        add(what, refusesUnstorable || !isValid(withValue(text)), () => text);
      }
      addSome({ ...hostileTexts, nothing: '' });
    }
    if (Array.isArray(value)) {
      const element = typeof value[0] === 'object' ? {} : (value[0] ?? 0);
      add(`${oversizedElements} elements`, true, () => new Array<unknown>(oversizedElements).fill(element));
    }
  }
  return cases;
}

/** Whether an answer to the value names a field with what is wrong. */
export function isNamedIn(
  named: readonly { readonly path: string }[] | undefined,
  { path, wrongFields }: HostileCase,
  value: unknown,
): boolean {
  const isSame = (field: string): boolean => named?.some((one) => isSameField(one.path, field)) === true;
  return isSame(path) || wrongFields(value).some(isSame);
}

/** Whether one is the other, or in it. */
function isSameField(a: string, b: string): boolean {
  return `${a}.`.startsWith(`${b}.`) || `${b}.`.startsWith(`${a}.`);
}

interface Field {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The value itself and everything in it; of a list, the first element alone. */
function fieldsOf(value: unknown, path: readonly string[] = []): Field[] {
  const inside = Array.isArray(value) ? value.slice(0, 1) : value;
  const entries = typeof inside === 'object' && inside !== null ? Object.entries(inside) : [];
  return [{ path, value }, ...entries.flatMap(([key, field]) => fieldsOf(field, [...path, key]))];
}

/** A copy with another value at the path; undefined = without it. */
function replaced(whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(whole)) {
    const changed = whole.map((element, index) => (String(index) === key ? replaced(element, rest, value) : element));
    return value === undefined && rest.length === 0
      ? whole.filter((_element, index) => String(index) !== key)
      : changed;
  }
  const { [key]: before, ...others } = whole as Record<string, unknown>;
  const after = replaced(before, rest, value);
  return after === undefined ? others : { ...others, [key]: after };
}

function nested(): unknown {
  let value: unknown = 0;
  for (let level = 0; level < nestedLevels; level++) value = [value];
  return value;
}
