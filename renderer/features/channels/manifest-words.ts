import type { ManifestStatus } from '../../../shared/contracts/channels-api.ts';

/** What a manifest does or would do, a line for each package; of a source the line that names it. */
export function manifestLines({ state, imports, added, changed, removed }: ManifestStatus): readonly string[] {
  const is = state === 'dry-run' ? 'would be' : state === 'importing' ? 'is to be' : 'is';
  const named = (what: string, entries: ManifestStatus['added']) =>
    entries.map(({ name, version }) => `“${name}” ${version ?? '(always the newest)'} ${is} ${what}.`);
  return [
    ...imports.map(
      ({ line, source, name, version }) => `Line ${line}: ${source} ${is} imported as “${name}” ${version} and added.`,
    ),
    ...named('added', added),
    ...named('given other terms', changed),
    ...named('taken out', removed),
  ];
}

export function manifestSum({ imports, added, changed, removed, unchanged }: ManifestStatus): string {
  return `${imports.length + added.length} added, ${changed.length} changed, ${removed.length} taken out, ${unchanged} as before.`;
}
