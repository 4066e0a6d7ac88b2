/** Checks one source file against the rules of its layer; the same function for the tree and for planted violations. */
import path from 'node:path';
import { type CoreBanRule, coreBansIn } from './core-bans.ts';
import { electronLayers, type LayerRule, layerOf } from './layer-rules.ts';
import { type ImportedModule, importsOf, parseFile } from './syntax-tree.ts';

export type SourceRule =
  | CoreBanRule
  | 'syntax'
  | 'outside-layers'
  | 'file-name'
  | 'file-size'
  | 'import-layer'
  | 'import-type-only'
  | 'import-extension'
  | 'import-missing'
  | 'import-computed'
  | 'import-node'
  | 'import-electron'
  | 'import-package';

export interface Violation {
  readonly rule: SourceRule;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface SourceFile {
  /** From the root, with `/`. */
  readonly file: string;
  readonly source: string;
}

export const maxLines = 500;

const fileNamePattern = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*\.(ts|tsx|mjs)$/;
const importableExtension = /\.(ts|tsx|mjs|css|json|svg|png)(\?[a-z]+)?$/;

type Report = (rule: SourceRule, line: number, message: string) => void;

/** @param exists whether a path from the root names a file */
export function checkSource({ file, source }: SourceFile, exists: (file: string) => boolean): Violation[] {
  const violations: Violation[] = [];
  const report: Report = (rule, line, message) => violations.push({ rule, file, line, message });

  const lines = source.split('\n').length - (source.endsWith('\n') ? 1 : 0);
  if (lines > maxLines) report('file-size', maxLines, `${lines} lines; ${maxLines} are the most`);

  const isTopLevelConfig = !file.includes('/') && file.endsWith('.config.ts');
  if (isTopLevelConfig) return violations;
  if (file.split('/').some((part, index, all) => !isKebabCase(part, index === all.length - 1))) {
    report('file-name', 1, 'files and folders are named in kebab-case');
  }
  const layer = layerOf(file);
  if (layer === null) {
    report('outside-layers', 1, 'this file is in no layer of layer-rules.ts');
    return violations;
  }

  const parsed = parseFile(file, source);
  for (const error of parsed.errors) report('syntax', 1, error);
  for (const imported of importsOf(parsed)) checkImport(file, layer, imported, exists, report);
  if (layer.isCore) {
    for (const ban of coreBansIn(parsed)) report(ban.rule, ban.line, `${ban.what} is not for the core`);
  }
  return violations;
}

function isKebabCase(part: string, isFile: boolean): boolean {
  return isFile ? fileNamePattern.test(part) : /^[a-z0-9]+(-[a-z0-9]+)*$/.test(part);
}

function checkImport(
  file: string,
  layer: LayerRule,
  imported: ImportedModule,
  exists: (file: string) => boolean,
  report: Report,
): void {
  const { specifier, line } = imported;
  if (specifier === '<computed>') {
    if (layer.folder !== 'test' && layer.folder !== 'build') report('import-computed', line, 'a computed import');
  } else if (specifier.startsWith('.')) {
    checkOwnImport(file, layer, imported, exists, report);
  } else if (specifier.startsWith('node:')) {
    if (!layer.isNode) report('import-node', line, `${layer.folder} may not import ${specifier}`);
  } else if (specifier === 'electron' || specifier.startsWith('electron/')) {
    if (!electronLayers.includes(layer.folder))
      report('import-electron', line, `only ${electronLayers.join(', ')} may`);
  } else if (layer.packages !== 'any' && !layer.packages.some((name) => isWithin(specifier, name))) {
    report('import-package', line, `${layer.folder} may not import ${specifier}`);
  }
}

function isWithin(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}

function checkOwnImport(
  file: string,
  layer: LayerRule,
  { specifier, isTypeOnly, line }: ImportedModule,
  exists: (file: string) => boolean,
  report: Report,
): void {
  if (!importableExtension.test(specifier)) {
    report('import-extension', line, `${specifier}: imports name the file with its extension`);
    return;
  }
  const target = path.posix.join(path.posix.dirname(file), specifier.replace(/\?.*$/, ''));
  if (!exists(target)) report('import-missing', line, `${target} does not exist`);
  const targetLayer = layerOf(target);
  if (targetLayer === layer) return;
  if (targetLayer !== null && layer.imports.includes(targetLayer.folder)) return;
  if (targetLayer !== null && layer.importsTypes?.includes(targetLayer.folder)) {
    if (!isTypeOnly) {
      report('import-type-only', line, `${layer.folder} takes only types from ${targetLayer.folder}: \`import type\``);
    }
    return;
  }
  report('import-layer', line, `${layer.folder} may not import from ${targetLayer?.folder ?? target}`);
}
