/** Reads a source file into a syntax tree and finds what it imports. Judges nothing. */
import { parseSync } from 'oxc-parser';

/** A node of the ESTree; the checks look at few kinds and few fields. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

export interface ImportedModule {
  readonly specifier: string;
  /** Nothing of it exists at run time: `import type`, `export type … from`, `import('…')` in a type. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

export interface ParsedFile {
  readonly program: SyntaxNode;
  readonly errors: readonly string[];
  lineOf(offset: number): number;
}

export function parseFile(file: string, source: string): ParsedFile {
  const { program, errors } = parseSync(file, source);
  if (!isNode(program)) throw new Error(`${file} has no syntax tree`);
  return {
    program,
    errors: errors.map((error) => error.message),
    lineOf: (offset) => source.slice(0, offset).split('\n').length,
  };
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Visits every node, parents first. `field` is the parent's field in which the node stands. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null, field: string) => void,
  parent: SyntaxNode | null = null,
  field = '',
): void {
  visit(node, parent, field);
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node, name);
    }
  }
}

/** The text of a string literal (or of a template without parts), else null. */
export function literalText(value: unknown): string | null {
  if (!isNode(value)) return null;
  if (value.type === 'Literal' && typeof value.value === 'string') return value.value;
  const quasis = value.type === 'TemplateLiteral' ? (value.quasis as readonly { value: { cooked: string } }[]) : [];
  return quasis.length === 1 ? (quasis[0]?.value.cooked ?? null) : null;
}

function isRequire(node: SyntaxNode): boolean {
  return node.type === 'CallExpression' && isNode(node.callee) && node.callee.name === 'require';
}

/**
 * Every module that a file names, in all the ways there are. A dynamic import whose module is computed is reported with
 * the specifier `<computed>`, since nothing could be said about it.
 */
export function importsOf({ program, lineOf }: ParsedFile): ImportedModule[] {
  const found: ImportedModule[] = [];
  const add = (node: SyntaxNode, source: unknown, isTypeOnly: boolean) =>
    found.push({ specifier: literalText(source) ?? '<computed>', isTypeOnly, line: lineOf(node.start) });
  walk(program, (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
        add(node, node.source, node.importKind === 'type');
        break;
      case 'ExportAllDeclaration':
        add(node, node.source, node.exportKind === 'type');
        break;
      case 'ExportNamedDeclaration':
        if (node.source !== null) add(node, node.source, node.exportKind === 'type');
        break;
      case 'ImportExpression':
        add(node, node.source, false);
        break;
      case 'TSImportType':
        add(node, node.source, true);
        break;
      case 'TSExternalModuleReference':
        add(node, node.expression, false);
        break;
      default:
        if (isRequire(node)) add(node, (node.arguments as readonly unknown[])[0], false);
    }
  });
  return found;
}
