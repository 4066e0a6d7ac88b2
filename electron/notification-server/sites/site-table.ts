import { isDeepStrictEqual } from 'node:util';
import { formatCsv } from '../../../shared/base/csv.ts';
import type { SiteColumn, SiteDraft } from '../../../shared/contracts/sites-api.ts';
import { siteColumns, siteDraftSchema } from '../../../shared/contracts/sites-api.ts';
import { sitesInTreeOrder } from '../../../shared/server/site-rules.ts';
import type { StoredSite } from '../../database/stores/site-store.ts';
import { parseCsv } from '../csv-reader.ts';
import type { Saver } from './site-changes.ts';
import { problemsOfSites, siteOfDraft } from './site-changes.ts';

/** Sites as a table that spreadsheets read and write. */

export interface TableProblem {
  readonly line: number;
  /** The name of a column, or the number of a cell where the table itself is broken. */
  readonly column: SiteColumn | number;
  readonly message: string;
}

interface SiteRow {
  readonly line: number;
  readonly draft: SiteDraft;
  /** Columns that say something of this site. */
  readonly given: ReadonlySet<string>;
  /** Null = at the top, missing = where it is. */
  readonly parentName: string | null | undefined;
}

export interface PlannedImport {
  readonly problems: readonly TableProblem[];
  /** Parents before the sites below them. */
  readonly saved: readonly StoredSite[];
  /** The saved ones that are not new, as they were. */
  readonly before: readonly StoredSite[];
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
}

const yes: readonly string[] = ['yes', 'true'];
const no: readonly string[] = ['no', 'false'];

export function sitesAsTable(sites: readonly StoredSite[]): string {
  const names = new Map(sites.map(({ id, name }) => [id, name]));
  return formatCsv(
    siteColumns,
    sitesInTreeOrder(sites).map(({ site }) =>
      siteColumns.map((column) => {
        switch (column) {
          case 'parent':
            return site.parentId === null ? '' : (names.get(site.parentId) ?? '');
          case 'subnets':
            return site.subnets.join(' ');
          case 'sharesLan':
            return site.sharesLan ? 'yes' : 'no';
          default:
            return site[column];
        }
      }),
    ),
  );
}

/** What an import of the table would do to the sites: all of it, or nothing where there are problems. */
export function planImport(csv: string, sites: readonly StoredSite[], saver: Saver): PlannedImport {
  const { rows, problems } = readRows(csv);
  const known = new Map(sites.map((site) => [site.name, site]));
  const lines = new Map<string, number>();
  const after = new Map(known);
  for (const { line, draft, given } of rows) {
    const first = lines.get(draft.name);
    if (first !== undefined) problems.push({ line, column: 'name', message: `Line ${first} names this site, too.` });
    lines.set(draft.name, line);
    const before = known.get(draft.name) ?? null;
    const subnets = given.has('subnets') ? draft.subnets : (before?.subnets ?? []);
    const wanKilobitsPerSecond = given.has('wanKilobitsPerSecond')
      ? draft.wanKilobitsPerSecond
      : (before?.wanKilobitsPerSecond ?? 0);
    after.set(draft.name, siteOfDraft({ ...draft, subnets, wanKilobitsPerSecond }, before, saver));
  }
  for (const { line, draft, parentName } of rows) {
    const site = after.get(draft.name);
    if (site === undefined || parentName === undefined) continue;
    const parentId = parentName === null ? null : after.get(parentName)?.id;
    if (parentId === undefined) problems.push({ line, column: 'parent', message: `There is no site "${parentName}".` });
    else after.set(draft.name, { ...site, parentId });
  }
  const changed = [...lines.keys()].flatMap((name) => {
    const [before, site] = [known.get(name), after.get(name)];
    return site === undefined || (before !== undefined && isSame(before, site)) ? [] : [site];
  });
  const changedIds = new Set(changed.map(({ id }) => id));
  const others = sites.filter(({ id }) => !changedIds.has(id));
  if (problems.length === 0) {
    const nameOf = new Map(changed.map(({ id, name }) => [id, name]));
    for (const { siteId, path, message } of problemsOfSites(changed, others)) {
      problems.push({ line: lines.get(nameOf.get(siteId) ?? '') ?? 1, column: columnOf(path), message });
    }
  }
  const isNew = ({ id }: StoredSite): boolean => !sites.some((site) => site.id === id);
  const names = (list: readonly StoredSite[]): string[] => list.map(({ name }) => name);
  return {
    problems: problems.sort((a, b) => a.line - b.line),
    saved: sitesInTreeOrder([...others, ...changed]).flatMap(({ site }) => (changedIds.has(site.id) ? [site] : [])),
    before: sites.filter(({ id }) => changedIds.has(id)),
    created: names(changed.filter(isNew)),
    updated: names(changed.filter((site) => !isNew(site))),
    unchanged: [...lines.keys()].filter((name) => !changed.some((site) => site.name === name)),
  };
}

function readRows(csv: string): { readonly rows: readonly SiteRow[]; readonly problems: TableProblem[] } {
  const parsed = parseCsv(csv);
  if (!parsed.ok) {
    const { line, cell, message } = parsed.error;
    return { rows: [], problems: [{ line, column: cell, message }] };
  }
  const [header, ...records] = parsed.value;
  if (header === undefined) return { rows: [], problems: [{ line: 1, column: 1, message: 'The table is empty.' }] };
  const problems: TableProblem[] = [];
  const columns = header.cells.map((cell, index) => {
    const column = siteColumns.find((name) => name === cell.trim());
    const words = header.cells.indexOf(cell) < index ? 'is there twice' : 'is no column';
    if (column === undefined || header.cells.indexOf(cell) < index) {
      const message = `"${cell.slice(0, 40)}" ${words}; the columns are ${siteColumns.join(', ')}, separated by commas.`;
      problems.push({ line: header.line, column: column ?? index + 1, message });
    }
    return column;
  });
  if (!columns.includes('name')) {
    problems.push({ line: header.line, column: 'name', message: 'The first line has to name the column "name".' });
  }
  if (problems.length > 0) return { rows: [], problems };
  const rows = records.flatMap(({ line, cells }): SiteRow[] => {
    if (cells.length !== columns.length) {
      const message = `This line has ${cells.length} cells, and the first line ${columns.length}.`;
      problems.push({ line, column: 1, message });
      return [];
    }
    const byColumn = new Map(columns.flatMap((name, index) => (name ? [[name, (cells[index] ?? '').trim()]] : [])));
    const row = readRow(line, byColumn as ReadonlyMap<SiteColumn, string>);
    problems.push(...row.problems);
    return row.row === null ? [] : [row.row];
  });
  return { rows, problems };
}

/** A missing column and an empty cell leave things as they are; but no parent, no subnets and no schedule can be meant. */
function readRow(
  line: number,
  cells: ReadonlyMap<SiteColumn, string>,
): { readonly row: SiteRow | null; readonly problems: readonly TableProblem[] } {
  const values: Record<string, unknown> = {};
  for (const [column, text] of cells) {
    if (column === 'parent') continue;
    const canBeEmpty = column === 'subnets' || column === 'acquisitionSchedule' || column === 'distributionSchedule';
    if (text !== '' || canBeEmpty || column === 'name') values[column] = cellValue(column, text);
  }
  const parsed = siteDraftSchema.safeParse({ subnets: [], wanKilobitsPerSecond: 0, ...values });
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => {
      return { line, column: columnOf(path.map(String).join('.')), message };
    });
    return { row: null, problems };
  }
  const parent = cells.get('parent');
  const given = new Set(Object.keys(values));
  return { row: { line, draft: parsed.data, given, parentName: parent === '' ? null : parent }, problems: [] };
}

function cellValue(column: SiteColumn, text: string): unknown {
  switch (column) {
    case 'subnets':
      return text.split(/[\s;]+/).filter((subnet) => subnet !== '');
    case 'wanKilobitsPerSecond':
    case 'wanOutKilobitsPerSecond':
      return /^\d{1,12}$/.test(text) ? Number(text) : text;
    case 'sharesLan':
      if (yes.includes(text.toLowerCase())) return true;
      return no.includes(text.toLowerCase()) ? false : text;
    default:
      return text;
  }
}

function columnOf(path: string): SiteColumn {
  const field = path.split('.')[0] ?? '';
  return field === 'parentId' ? 'parent' : (siteColumns.find((column) => column === field) ?? 'name');
}

function isSame(before: StoredSite, after: StoredSite): boolean {
  const { version, updatedAtMs, updatedBy } = before;
  return isDeepStrictEqual(before, { ...after, version, updatedAtMs, updatedBy });
}
