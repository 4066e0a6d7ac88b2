import type { z } from 'zod';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';

/** What is stored now, where the error says that the saved version was stale. */
export function storedInConflict<Schema extends z.ZodType>(error: unknown, schema: Schema): z.infer<Schema> | null {
  if (!(error instanceof ConsoleRequestError) || error.details.code !== 'version-conflict') return null;
  const stored = schema.safeParse(error.details.current);
  return stored.success ? stored.data : null;
}

/** The problem of each field that the server named, the first of each; what lies inside a field counts as the field. */
export function fieldProblemsOf(error: unknown): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  if (!(error instanceof ConsoleRequestError)) return problems;
  for (const { path, message } of error.details.fields ?? []) {
    const [field = ''] = path.split('.');
    if (!problems.has(field)) problems.set(field, message);
  }
  return problems;
}

/** What was typed on top of what somebody else saved meanwhile. */
interface Rebased<Form> {
  /** My changes, and theirs where I had changed nothing. */
  readonly form: Form;
  /** What they changed. */
  readonly theirs: readonly (keyof Form)[];
  /** Of that, what I had changed to something else: mine stays in the form. */
  readonly contested: readonly (keyof Form)[];
}

/** Flat forms only: fields are compared as wholes. */
function rebased<Form extends object>(base: Form, mine: Form, stored: Form): Rebased<Form> {
  const keys = Object.keys(base) as (keyof Form)[];
  const theirs = keys.filter((key) => !isSame(base[key], stored[key]));
  const contested = theirs.filter((key) => !isSame(base[key], mine[key]) && !isSame(mine[key], stored[key]));
  const isTheirs = (key: keyof Form) => theirs.includes(key) && !contested.includes(key);
  const form = Object.fromEntries(keys.map((key) => [key, (isTheirs(key) ? stored : mine)[key]]));
  return { form: form as Form, theirs, contested };
}

interface EditedForm<Stored, Form> {
  readonly schema: z.ZodType<Stored>;
  readonly formOf: (stored: Stored) => Form;
  /** What the form began from; null = it is for a new one. */
  readonly base: Stored | null;
  readonly mine: Form;
  readonly labels: Record<keyof Form, string>;
}

/** What a form goes on with after somebody else saved first. */
interface SaveConflict<Stored, Form> {
  /** What the form begins from now. */
  readonly stored: Stored;
  readonly form: Form;
  /** For the person, above the form. */
  readonly sentence: string;
}

/** Null where the save failed for another reason. */
export function saveConflictOf<Stored extends { readonly updatedBy: string }, Form extends object>(
  error: unknown,
  { schema, formOf, base, mine, labels }: EditedForm<Stored, Form>,
): SaveConflict<Stored, Form> | null {
  const stored = storedInConflict(error, schema);
  if (stored === null || base === null) return null;
  const merged = rebased(formOf(base), mine, formOf(stored));
  return { stored, form: merged.form, sentence: conflictWords(stored.updatedBy, merged, labels) };
}

/** The sentence that a person reads above the form. */
function conflictWords<Form>(
  who: string,
  { theirs, contested }: Rebased<Form>,
  labels: Record<keyof Form, string>,
): string {
  const list = (keys: readonly (keyof Form)[]) => keys.map((key) => labels[key].toLowerCase()).join(', ');
  const changed = theirs.length === 0 ? 'something that this form does not show' : list(theirs);
  const kept =
    contested.length === 0
      ? 'Your changes are kept beside it.'
      : `Yours of ${list(contested)} still stands here and would replace it.`;
  return `${who} saved this since you opened it and changed ${changed}. ${kept} Save again to go on.`;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
