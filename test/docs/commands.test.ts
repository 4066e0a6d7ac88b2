import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { runFanoutHere } from '../cli/fanout-here.ts';

const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/administrator.md'), 'utf8');

/** Of the table: `site list`, `show` … in one row are `site list`, `site show` …; a row without a second word is one command or several. */
function documentedCommands(): Set<string> {
  const table = text.slice(text.indexOf('## All commands'));
  const rows = [...table.matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  return new Set(
    rows.flatMap((cell) => {
      const words = [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
      const group = words.find((word) => word.includes(' '))?.replace(/ \S+$/, '');
      return words.map((word) => (group === undefined || word.startsWith(group) ? word : `${group} ${word}`));
    }),
  );
}

/** As its help lists them; without what only Fanout itself calls. */
async function commandsBelow(...above: string[]): Promise<string[]> {
  const { stdout } = await runFanoutHere([...above, '--help']);
  const list = stdout.split('\nCommands:\n')[1]?.split('\n\n')[0] ?? '';
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
  const below = await Promise.all(names.map((name) => commandsBelow(...above, name)));
  const isCommandToo = above.length > 0 && (names.length === 0 || ['agent', 'fleet'].includes(above.join(' ')));
  return [...(isCommandToo ? [above.join(' ')] : []), ...below.flat()];
}

it('the table of all commands has every command, and no other', async () => {
  expect([...documentedCommands()].sort()).toEqual((await commandsBelow()).sort());
});
