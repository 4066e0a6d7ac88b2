import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatCsv } from '../../../shared/base/csv.ts';
import type { ConsoleRouteName, RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import type { ReportName } from '../../../shared/contracts/report-tables.ts';
import { reportTables } from '../../../shared/contracts/report-tables.ts';
import { directReasonsReport, firstDownloadersReport, wanCopiesReport } from '../statistics/crossing-reports.ts';
import { penetrationReport } from '../statistics/penetration-report.ts';
import { savingsReport, trafficReport } from '../statistics/traffic-reports.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';

/** Where bytes came from, and why. */
export function reportHandlers(parts: HandlerParts): Pick<ConsoleHandlers, ReportName> {
  return {
    trafficReport: ({ query }) => trafficReport(parts, query),
    savingsReport: ({ query }) => savingsReport(parts, query),
    wanCopiesReport: ({ query }) => wanCopiesReport(parts, query),
    firstDownloadersReport: ({ query }) => firstDownloadersReport(parts, query),
    directReasonsReport: ({ query }) => directReasonsReport(parts, query),
    penetrationReport: ({ query }) => penetrationReport(parts, query),
  };
}

/** The answer as a table, where it is a report and whoever asks wants one (`format=csv`, or Accept); else null. */
export function csvOfReport<Name extends ConsoleRouteName>(
  name: Name,
  answer: RouteAnswer<Name>,
  request: FastifyRequest,
): string | null {
  if (!isReport(name)) return null;
  const { format } = request.query as { format?: unknown };
  const accepts = (request.headers.accept ?? '').split(',').map((type) => type.split(';')[0]?.trim());
  if (format !== 'csv' && (format !== undefined || !accepts.includes('text/csv'))) return null;
  // The name says which report it is; the compiler does not follow that from one type to the other.
  const { columns, rows } = (reportTables[name] as (report: unknown) => ReturnType<(typeof reportTables)[ReportName]>)(
    answer,
  );
  return formatCsv(columns, rows);
}

export function sendCsv(reply: FastifyReply, name: string, csv: string): FastifyReply {
  const fileName = `fanout-${name.replace(/Report$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.csv`;
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .send(csv);
}

function isReport(name: ConsoleRouteName): name is ReportName {
  return Object.hasOwn(reportTables, name);
}
