import { isNode, literalText, parseFile, type SyntaxNode, walk } from '../architecture/syntax-tree.ts';

export interface FoundTest {
  /** As it stands in the file: `%s` for what a table of cases fills in. */
  readonly title: string;
  /** What is given a value in the test or in its table of cases: `key` of `{ key: value }`. */
  readonly namedProperties: ReadonlySet<string>;
}

/** Every `it` and `test` of a file, those with a table or a condition (`it.each(…)(…)`, `it.runIf(…)(…)`) included. */
export function testsIn(file: string, source: string): FoundTest[] {
  const found: FoundTest[] = [];
  walk(parseFile(file, source).program, (node) => {
    const title = titleOf(node);
    if (title !== null) found.push({ title, namedProperties: namedPropertiesOf(node) });
  });
  return found;
}

function titleOf(node: SyntaxNode): string | null {
  if (node.type !== 'CallExpression' || !['it', 'test'].includes(calledName(node.callee))) return null;
  const [title, body] = node.arguments as readonly unknown[];
  // The call of `it.each` itself has no body.
  return body === undefined ? null : literalText(title);
}

/** `it` of `it`, `it.each` and `it.each(table)`. */
function calledName(callee: unknown): string {
  if (!isNode(callee)) return '';
  if (callee.type === 'MemberExpression') return calledName(callee.object);
  if (callee.type === 'CallExpression') return calledName(callee.callee);
  return typeof callee.name === 'string' ? callee.name : '';
}

function namedPropertiesOf(test: SyntaxNode): Set<string> {
  const names = new Set<string>();
  walk(test, ({ type, key }, parent) => {
    if (type !== 'Property' || parent?.type !== 'ObjectExpression' || !isNode(key)) return;
    if (typeof key.name === 'string') names.add(key.name);
  });
  return names;
}
