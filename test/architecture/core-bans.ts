/**
 * What the core may not use, because its result would depend on the machine, the moment or the runtime. The core gets
 * time, chance and I/O through ports.
 */
import { isNode, type ParsedFile, type SyntaxNode, walk } from './syntax-tree.ts';

export interface CoreBan {
  readonly rule: CoreBanRule;
  readonly line: number;
  readonly what: string;
}

export type CoreBanRule = 'core-promise' | 'core-time' | 'core-random' | 'core-timer' | 'core-float' | 'core-ambient';

/** Names that mean something of the runtime when nothing in the file declares them. */
const bannedGlobals: ReadonlyMap<string, CoreBanRule> = new Map([
  ['Promise', 'core-promise'],
  ['queueMicrotask', 'core-promise'],
  ['Date', 'core-time'],
  ['performance', 'core-time'],
  ['Temporal', 'core-time'],
  ['crypto', 'core-random'],
  ['setTimeout', 'core-timer'],
  ['setInterval', 'core-timer'],
  ['setImmediate', 'core-timer'],
  ['requestAnimationFrame', 'core-timer'],
  ['Intl', 'core-ambient'],
  ['globalThis', 'core-ambient'],
  ['process', 'core-ambient'],
  ['console', 'core-ambient'],
  ['fetch', 'core-ambient'],
  ['WeakRef', 'core-ambient'],
  ['FinalizationRegistry', 'core-ambient'],
  ['Atomics', 'core-ambient'],
  ['SharedArrayBuffer', 'core-ambient'],
  ['eval', 'core-ambient'],
  ['Function', 'core-ambient'],
]);

/**
 * ECMAScript leaves the precision of the others to the implementation. `sqrt` is not on its exact list either, but
 * IEEE 754 fixes it and every engine uses the processor's.
 */
const exactMath: ReadonlySet<string> = new Set([
  'abs',
  'ceil',
  'clz32',
  'floor',
  'fround',
  'imul',
  'max',
  'min',
  'round',
  'sign',
  'sqrt',
  'trunc',
]);

/** Methods whose answer depends on the language or the time zone of the machine. */
const localeMethods: ReadonlySet<string> = new Set([
  'localeCompare',
  'toLocaleLowerCase',
  'toLocaleString',
  'toLocaleUpperCase',
  'toLocaleDateString',
  'toLocaleTimeString',
]);

/** True where an identifier names a property or a key and not a variable. */
function isPropertyName(parent: SyntaxNode | null, field: string): boolean {
  if (parent === null) return false;
  if (field === 'property') return parent.type === 'MemberExpression' && parent.computed !== true;
  if (field === 'key') return parent.computed !== true && parent.shorthand !== true;
  return field === 'right' && parent.type === 'TSQualifiedName';
}

/** `2 ** 32` is a way to write a constant, and exact. */
function isWholeNumber(...operands: readonly unknown[]): boolean {
  return operands.every((operand) => isNode(operand) && Number.isInteger(operand.value));
}

function banOf(node: SyntaxNode, parent: SyntaxNode | null, field: string): Omit<CoreBan, 'line'> | null {
  switch (node.type) {
    case 'AwaitExpression':
      return { rule: 'core-promise', what: 'await' };
    case 'ForOfStatement':
      return node.await === true ? { rule: 'core-promise', what: 'for await' } : null;
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.async === true ? { rule: 'core-promise', what: 'an async function' } : null;
    case 'ForInStatement':
      return { rule: 'core-ambient', what: 'for … in (inherited keys; iterate a Map or a sorted list)' };
    case 'BinaryExpression':
    case 'AssignmentExpression':
      return (node.operator === '**' && !isWholeNumber(node.left, node.right)) || node.operator === '**='
        ? { rule: 'core-float', what: `${node.operator} (its precision is left to the engine)` }
        : null;
    case 'MemberExpression':
      return banOfMember(node);
    case 'Identifier': {
      if (isPropertyName(parent, field)) return null;
      const name = String(node.name);
      const rule = bannedGlobals.get(name);
      if (rule !== undefined) return { rule, what: name };
      // `Math` is judged with its member; on its own it could be taken apart later.
      const isMember = parent?.type === 'MemberExpression' && field === 'object';
      return name === 'Math' && !isMember ? { rule: 'core-float', what: 'Math as a value' } : null;
    }
    default:
      return null;
  }
}

function banOfMember(node: SyntaxNode): Omit<CoreBan, 'line'> | null {
  const name = memberName(node);
  if (name !== null && localeMethods.has(name)) return { rule: 'core-ambient', what: name };
  const isMath = isNode(node.object) && node.object.type === 'Identifier' && node.object.name === 'Math';
  if (!isMath) return null;
  if (name === 'random') return { rule: 'core-random', what: 'Math.random' };
  if (name !== null && exactMath.has(name)) return null;
  return { rule: 'core-float', what: name === null ? 'Math[…]' : `Math.${name}` };
}

function memberName(node: SyntaxNode): string | null {
  if (!isNode(node.property)) return null;
  if (node.computed !== true) return String(node.property.name);
  return typeof node.property.value === 'string' ? node.property.value : null;
}

export function coreBansIn(parsed: ParsedFile): CoreBan[] {
  const found: CoreBan[] = [];
  walk(parsed.program, (node, parent, field) => {
    const ban = banOf(node, parent, field);
    if (ban !== null) found.push({ ...ban, line: parsed.lineOf(node.start) });
  });
  return found;
}
