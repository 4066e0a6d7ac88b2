const reservedNames = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not be in a path.
const forbiddenCharacters = /[\u0000-\u001f\u007f<>:"|?*\\]/;

/**
 * Why `path` may not be in a package, or null. The rules of the strictest file system hold everywhere, so that what one
 * computer accepts every other can store. Checked at import and again at the agent.
 */
export function packagePathProblem(path: string): string | null {
  if (path.length === 0) return 'the path is empty';
  if (path.length > 1024) return 'the path is longer than 1,024 characters';
  if (path.startsWith('/') || path.startsWith('\\')) return 'the path is absolute';
  if (/^[A-Za-z]:/.test(path)) return 'the path has a drive letter';
  for (const part of path.split('/')) {
    if (part === '') return 'the path has an empty part';
    if (part === '.' || part === '..') return 'the path has a part "." or ".."';
    if (part.length > 255) return `the name "${part.slice(0, 40)}…" is longer than 255 characters`;
    if (forbiddenCharacters.test(part)) return `the name "${part}" has a character that not every system allows`;
    if (part.endsWith('.') || part.endsWith(' ')) return `the name "${part}" ends with a dot or a space`;
    if (reservedNames.test(part)) return `the name "${part}" is reserved on Windows`;
  }
  return null;
}

/**
 * Why these paths may not be together in a package, or null: every single rule, names that differ in case only, and a
 * file whose path is a folder of another. Linear in the number of paths.
 */
export function packagePathsProblem(paths: readonly string[]): string | null {
  const seen = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const path of paths) {
    const problem = packagePathProblem(path);
    if (problem !== null) return `"${path}": ${problem}`;
    const folded = path.normalize('NFC').toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) return `"${path}" and "${other}" are the same name on systems that ignore case`;
    seen.set(folded, path);
    for (let at = folded.indexOf('/'); at >= 0; at = folded.indexOf('/', at + 1))
      folders.set(folded.slice(0, at), path);
  }
  for (const [folded, path] of seen) {
    const inside = folders.get(folded);
    if (inside !== undefined) return `"${path}" is a file and a folder of "${inside}"`;
  }
  return null;
}
