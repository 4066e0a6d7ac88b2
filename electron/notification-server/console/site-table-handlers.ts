import type { SiteImportAnswer } from '../../../shared/contracts/sites-api.ts';
import { Refusal } from '../refusal.ts';
import { changeSites, refuseTooMany } from '../sites/site-changes.ts';
import type { TableProblem } from '../sites/site-table.ts';
import { planImport, sitesAsTable } from '../sites/site-table.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

const mostProblemsTold = 100;

export function siteTableHandlers(parts: HandlerParts): Pick<ConsoleHandlers, 'exportSites' | 'importSites'> {
  return {
    exportSites: () => ({ csv: sitesAsTable(parts.organisation.sites) }),

    importSites: async ({ body: { csv, dryRun }, signedIn: { name: who } }) => {
      let answer: SiteImportAnswer = { applied: false, created: [], updated: [], unchanged: [] };
      await changeSites(parts, who, (sites) => {
        const planned = planImport(csv, sites, { who, atMs: parts.now() });
        refuseTable(planned.problems);
        refuseTooMany(sites.length + planned.created.length);
        const { saved, before } = planned;
        const created = [...planned.created];
        const updated = [...planned.updated];
        answer = { applied: dryRun !== true, created, updated, unchanged: [...planned.unchanged] };
        if (dryRun === true || saved.length === 0) return null;
        const subject = `${created.length} new and ${updated.length} changed sites`;
        return { action: 'import-sites', subject, before, after: saved, saved };
      });
      return answer;
    },
  };
}

function refuseTable(problems: readonly TableProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const fields = problems.slice(0, mostProblemsTold).map(({ line, column, message }) => ({
    path: `csv.${line}.${column}`,
    message: `Line ${line}, ${typeof column === 'number' ? `column ${column}` : column}: ${message}`,
  }));
  const count = problems.length === 1 ? '' : ` (and ${problems.length - 1} more problems)`;
  throw new Refusal('invalid-request', `Nothing was imported. ${fields[0]?.message}${count}`, { fields });
}
