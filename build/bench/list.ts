/** `npm run bench`: says which benches there are, each with the first sentence of its file. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

for (const [name, command] of Object.entries(scripts)) {
  const file = name.startsWith('bench:') ? /build\/bench\/\S+\.ts/.exec(command)?.[0] : undefined;
  if (file === undefined) continue;
  const comment = /\/\*\*(.*?)\*\//s.exec(readFileSync(path.join(root, file), 'utf8'))?.[1] ?? '';
  const sentence =
    comment
      .replaceAll(/\s*\n \*\s*/g, ' ')
      .trim()
      .split('. ')[0] ?? '';
  console.log(`npm run ${name.padEnd(16)} ${sentence}`);
}
