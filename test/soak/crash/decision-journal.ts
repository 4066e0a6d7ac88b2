import { readFile } from 'node:fs/promises';

/** Sequences of the decision journal rise, over all lives; only the last line may be torn. */
export async function problemOfJournal(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  let last = 0;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const entry = parsed(line);
    if (entry === null) continue;
    if (entry.sequence <= last) return `the decision journal has sequence ${entry.sequence} after ${last}`;
    last = entry.sequence;
  }
  return null;
}

function parsed(line: string): { readonly sequence: number } | null {
  try {
    return JSON.parse(line) as { sequence: number };
  } catch {
    // Torn on purpose, by `damage`; counted by whoever cares.
    return null;
  }
}
