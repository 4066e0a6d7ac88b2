import { useNowMs } from '../../components/hooks.ts';
import { type ReportAddress, type ReportQuestion, reportQuery } from './report-address.ts';
import type { KnownNames } from './report-words.ts';

export interface ReportProps {
  readonly address: ReportAddress;
  readonly known: KnownNames;
}

/** A report is made again every minute while it is open. */
export const reportEvery = { everyMs: 60_000 };

/** What an address asks of a report, now. */
export function useReportQuery(address: ReportAddress): ReportQuestion {
  return reportQuery(address, useNowMs());
}
