/** Options of the scripts for developers: a mistake is one line, and `--help` says what the comment at the top of the file says. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';

/** As `parseArgs`. Ends the process with 0 after `--help`, and with 2 after a mistake. */
export function scriptOptions<const Config extends ParseArgsConfig>(file: string, config: Config) {
  const words = config.args ?? process.argv.slice(2);
  if (words.includes('--help') || words.includes('-h')) {
    console.log(headComment(file));
    process.exit(0);
  }
  try {
    return parseArgs(config);
  } catch (error) {
    return complain((error instanceof Error ? error.message : String(error)).replaceAll('\n', ' '));
  }
}

/** A whole number that an option gives. */
export function wholeNumber(option: string, text: string, lowest: number): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= lowest) return value;
  return complain(`--${option} needs a whole number from ${lowest} on, not "${text}".`);
}

export function complain(problem: string): never {
  console.error(`${problem} See --help.`);
  process.exit(2);
}

/** What a script says of itself, without the stars. */
export function headComment(file: string): string {
  const comment = /\/\*\*\n?(.*?)\n? \*\//s.exec(readFileSync(file, 'utf8'))?.[1] ?? '';
  return comment
    .split('\n')
    .map((line) => line.replace(/^ ?\* ?/, ''))
    .join('\n')
    .trim();
}
