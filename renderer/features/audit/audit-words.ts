import { differences } from '../../../shared/base/differences.ts';

/** `update-site-settings` as people say it: "Update site settings". */
export function actionWords(action: string): string {
  const words = action.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value of a change in one line; what is long is cut. */
export function valueWords(value: unknown): string {
  if (value === undefined) return 'not there';
  if (value === null) return 'none';
  if (value === true) return 'on';
  if (value === false) return 'off';
  if (typeof value === 'string') return value === '' ? 'empty' : shortened(value);
  return shortened(JSON.stringify(value));
}

const longestValue = 300;

function shortened(text: string): string {
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;
}

/** The value at a path such as `settings.maxUpload`; '' = as a whole. Undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  return path.split('.').reduce<unknown>((at, key) => {
    return isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }, value);
}

/** The fields that differ; of what was made or deleted all of them, those of a part by themselves. */
export function changedPaths(before: unknown, after: unknown): readonly string[] {
  if (before !== null && after !== null) return differences(before, after);
  return Object.entries(Object(after ?? before)).flatMap(([key, value]) =>
    isRecord(value) ? Object.keys(value).map((inner) => `${key}.${inner}`) : [key],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
