import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { layerRules } from './layer-rules.ts';
import { plantedViolations } from './planted-violations.ts';
import { checkSource, type SourceRule, type Violation } from './source-rules.ts';
import { root, sourceFilesInGit, sourceFilesOnDisk } from './source-tree.ts';

const exists = (file: string) => existsSync(path.join(root, file));
const readText = (file: string) => readFileSync(path.join(root, file), 'utf8');

describe('the layers', () => {
  const files = sourceFilesOnDisk();

  it('are checked in the whole tree', () => {
    const inGit = sourceFilesInGit();
    if (inGit !== null) expect(files).toEqual(inGit);
    for (const folder of ['build/', 'shared/base/', 'shared/contracts/', 'test/architecture/']) {
      expect(files.filter((file) => file.startsWith(folder)).length, folder).toBeGreaterThan(1);
    }
  });

  it('are kept by every source file', () => {
    const violations = files.flatMap((file) => checkSource({ file, source: readText(file) }, exists));
    expect(violations.map(({ rule, file, line, message }) => `${file}:${line} [${rule}] ${message}`)).toEqual([]);
  }, 60_000);

  it('are the same for the compiler: a tsconfig references what the layer may import', () => {
    for (const layer of layerRules) {
      const file = `${layer.folder}/tsconfig.json`;
      if (!exists(file)) continue;
      const { references } = JSON.parse(readText(file)) as { references: readonly { path: string }[] };
      const referenced = references.map((reference) => path.posix.join(layer.folder, reference.path));
      const allowed = [...layer.imports, ...(layer.importsTypes ?? [])];
      const existing = allowed.filter((folder) => exists(`${folder}/tsconfig.json`));
      expect(referenced.sort(), file).toEqual(existing.sort());
    }
  });

  it('are all compiled: the solution references every layer that has files', () => {
    const { references } = JSON.parse(readText('tsconfig.json')) as { references: readonly { path: string }[] };
    const compiled = new Set(references.map((reference) => reference.path));
    const used = layerRules.filter((layer) => files.some((file) => file.startsWith(`${layer.folder}/`)));
    expect(used.map((layer) => layer.folder).filter((folder) => !compiled.has(folder))).toEqual([]);
  });
});

describe('the check of the layers', () => {
  const found = (violations: readonly Violation[]) => [...new Set(violations.map((violation) => violation.rule))];

  it.each(plantedViolations)('finds $rule: $file, $what', ({ file, source, rule }) => {
    expect(found(checkSource({ file, source }, (target) => !target.includes('missing')))).toEqual(
      rule === 'nothing' ? [] : [rule],
    );
  });

  it('has a planted violation for every rule', () => {
    const everyRule: Record<SourceRule, true> = {
      syntax: true,
      'outside-layers': true,
      'file-name': true,
      'file-size': true,
      'import-layer': true,
      'import-type-only': true,
      'import-extension': true,
      'import-missing': true,
      'import-computed': true,
      'import-node': true,
      'import-electron': true,
      'import-package': true,
      'core-promise': true,
      'core-time': true,
      'core-random': true,
      'core-timer': true,
      'core-float': true,
      'core-ambient': true,
    };
    const planted = new Set<string>(plantedViolations.map((violation) => violation.rule));
    expect(Object.keys(everyRule).filter((rule) => !planted.has(rule))).toEqual([]);
  });
});
