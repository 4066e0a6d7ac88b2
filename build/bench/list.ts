/** `npm run bench`: says which benches there are, each with the first sentence of its file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { headComment } from '../script-options.ts';

const root = path.resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

for (const [name, command] of Object.entries(scripts)) {
  const file = name.startsWith('bench:') ? /(?:build|test)\/bench\/\S+\.ts/.exec(command)?.[0] : undefined;
  if (file === undefined) continue;
  const [sentence = ''] = headComment(path.join(root, file)).replaceAll('\n', ' ').split('. ');
  console.log(`npm run ${name.padEnd(16)} ${sentence}`);
}
