import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, DataAreaRegular, ImageRegular, TableRegular } from '@fluentui/react-icons';
import type { RowData } from '@tanstack/react-table';
import { type ReactNode, useId, useRef, useState } from 'react';
import { notify } from '../stores/notice-store.ts';
import { chartPicture, type LegendEntry } from './chart-picture.ts';
import { saveFile, saveTextFile } from './csv.ts';
import { DataTable } from './data-table.tsx';
import { Section } from './page.tsx';
import { Hatching } from './series-swatch.tsx';
import { type TableColumn, tableCsv } from './table-model.ts';

const useStyles = makeStyles({
  legend: { display: 'flex', flexWrap: 'wrap', gap: '4px 24px' },
  entry: { display: 'inline-flex', alignItems: 'center', columnGap: '8px' },
  now: { fontWeight: tokens.fontWeightSemibold, fontVariantNumeric: 'tabular-nums', minWidth: '84px' },
  words: { color: tokens.colorNeutralForeground2 },
});

interface ChartSectionProps<Row extends RowData> {
  readonly title: string;
  readonly hint?: string;
  /** What is shown, of which time, and how much in all. */
  readonly words: string;
  readonly legend: readonly LegendEntry[];
  readonly actions?: ReactNode;
  readonly chart: ReactNode;
  /** There is nothing to draw: the sentence in its place. */
  readonly nothing?: ReactNode;
  readonly noun: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowId: (row: Row) => string;
  readonly sortedBy: { readonly id: string; readonly descending?: boolean };
  readonly onOpen?: (row: Row) => void;
}

/** A chart, the table that it is drawn from, and both as files. */
export function ChartSection<Row extends RowData>(props: ChartSectionProps<Row>) {
  const { title, words, legend, columns, rows, nothing } = props;
  const styles = useStyles();
  const frame = useRef<HTMLDivElement>(null);
  const [isTable, setIsTable] = useState(false);
  const isEmpty = nothing !== undefined;
  const fileName = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  const savePicture = async () => {
    const picture = frame.current === null ? null : await chartPicture(frame.current, { title, words, legend });
    if (picture === null)
      notify('error', 'The chart could not be drawn as a picture. Its table can be exported as CSV.');
    else saveFile(`${fileName}.png`, picture);
  };
  return (
    <Section
      title={title}
      hint={props.hint}
      actions={
        <>
          {props.actions}
          {!isEmpty && !isTable && (
            <>
              <Button
                size="small"
                appearance="subtle"
                icon={<ArrowDownloadRegular />}
                onClick={() => saveTextFile(`${fileName}.csv`, tableCsv(columns, rows))}
              >
                Export CSV
              </Button>
              <Button size="small" appearance="subtle" icon={<ImageRegular />} onClick={() => void savePicture()}>
                Save picture
              </Button>
            </>
          )}
          {!isEmpty && (
            <Button
              size="small"
              appearance="subtle"
              icon={isTable ? <DataAreaRegular /> : <TableRegular />}
              onClick={() => setIsTable(!isTable)}
            >
              {isTable ? 'Show chart' : 'Show table'}
            </Button>
          )}
        </>
      }
    >
      <Text className={styles.words}>{words}</Text>
      {isEmpty && nothing}
      {!isEmpty && isTable && (
        <DataTable
          label={title}
          noun={props.noun}
          columns={columns}
          rows={rows}
          rowId={props.rowId}
          sortedBy={props.sortedBy}
          {...(props.onOpen === undefined ? {} : { onOpen: props.onOpen })}
          maxHeightPx={380}
          empty="Nothing."
        />
      )}
      {!isEmpty && !isTable && (
        <>
          {legend.length > 0 && <Legend entries={legend} />}
          <div ref={frame}>{props.chart}</div>
        </>
      )}
    </Section>
  );
}

function Legend({ entries }: { entries: readonly LegendEntry[] }) {
  const styles = useStyles();
  return (
    <div className={styles.legend}>
      {entries.map((entry) => (
        <span key={entry.label} className={styles.entry}>
          <LegendSign entry={entry} /> {entry.label}
          {entry.now !== undefined && <span className={styles.now}>{entry.now}</span>}
        </span>
      ))}
    </div>
  );
}

function LegendSign({ entry: { look = 'plain', colour } }: { entry: LegendEntry }) {
  const id = useId();
  if (look === 'line' || look === 'dashed' || look === 'dotted') {
    const dashes = { line: undefined, dashed: '6 3', dotted: '2 2' }[look];
    return (
      <svg width="18" height="12" aria-hidden="true">
        <line x1="0" y1="6" x2="18" y2="6" stroke={colour} strokeWidth="2.5" strokeDasharray={dashes} />
      </svg>
    );
  }
  return (
    <svg width="16" height="12" aria-hidden="true">
      {look === 'hatched' && (
        <defs>
          <Hatching id={id} colour={colour} />
        </defs>
      )}
      <rect width="16" height="12" rx="2" fill={look === 'hatched' ? `url(#${id})` : colour} stroke={colour} />
    </svg>
  );
}
