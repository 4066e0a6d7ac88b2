import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import {
  type DesktopPreferenceChanges,
  type DesktopPreferences,
  defaultDesktopPreferences,
  desktopPreferencesSchema,
} from '../../shared/contracts/desktop-preferences.ts';

/** What a person has chosen on this computer, in one file; one that cannot be read counts as nothing chosen. */
export class PreferenceFile {
  readonly #file: string;
  #current: DesktopPreferences;
  readonly #listeners: ((current: DesktopPreferences) => void)[] = [];

  constructor(file: string) {
    this.#file = file;
    this.#current = { ...defaultDesktopPreferences, ...readChoices(file) };
  }

  get current(): DesktopPreferences {
    return this.#current;
  }

  onChange(listener: (current: DesktopPreferences) => void): void {
    this.#listeners.push(listener);
  }

  /** Throws where the file cannot be written; then nothing has changed. */
  change(changes: DesktopPreferenceChanges): DesktopPreferences {
    const next = { ...this.#current, ...withoutGaps(changes) };
    writeFileSync(`${this.#file}.new`, JSON.stringify(next, null, 2));
    renameSync(`${this.#file}.new`, this.#file);
    this.#current = next;
    for (const listener of this.#listeners) listener(next);
    return next;
  }
}

/** Each by itself: a choice that this version does not know takes none of the others with it. */
function readChoices(file: string): Partial<DesktopPreferences> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {}; // the first start
  }
  try {
    const stored: unknown = JSON.parse(text);
    const known = Object.entries(desktopPreferencesSchema.shape).filter(([name, schema]) => {
      return schema.safeParse((stored as Record<string, unknown> | null)?.[name]).success;
    });
    return Object.fromEntries(known.map(([name]) => [name, (stored as Record<string, unknown>)[name]]));
  } catch (error) {
    console.error(`The preferences in ${file} cannot be read and are left aside: ${String(error)}`);
    return {};
  }
}

function withoutGaps(changes: DesktopPreferenceChanges): Partial<DesktopPreferences> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
