import { Button, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { ImportJob } from '../../../shared/contracts/console-api.ts';
import { formatBytes, formatShare } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Mark } from '../../components/state-mark.tsx';
import { notify } from '../../stores/notice-store.ts';
import { cancelImport, uploadStore } from '../../stores/upload-store.ts';

const useStyles = makeStyles({
  list: { listStyle: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', rowGap: '8px' },
  job: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    columnGap: '16px',
    alignItems: 'center',
    padding: '10px 16px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
  },
  line: { display: 'flex', flexWrap: 'wrap', gap: '0 16px', alignItems: 'baseline' },
  name: { fontWeight: tokens.fontWeightSemibold },
  detail: { color: tokens.colorNeutralForeground2, fontVariantNumeric: 'tabular-nums' },
  bar: { marginTop: '6px' },
});

const activeWords: Record<'scanning' | 'hashing', string> = { scanning: 'Looking at the files', hashing: 'Hashing' };

function isActive(job: ImportJob): job is ImportJob & { state: 'scanning' | 'hashing' } {
  return job.state === 'scanning' || job.state === 'hashing';
}

/** What is being imported now, and what went wrong since the page was opened. */
export function ImportList() {
  const styles = useStyles();
  const jobs = useTopic('imports') ?? [];
  const uploads = useStore(uploadStore, (state) => state.uploads);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const seenActive = useFinishedNotices(jobs);
  const shown = jobs.filter(
    (job) => isActive(job) || (job.state === 'failed' && seenActive.has(job.id) && !dismissed.has(job.id)),
  );
  if (shown.length === 0 && uploads.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Imports">
      {uploads.map((upload) => (
        <ProgressLine
          key={`upload-${upload.id}`}
          name={upload.fileName}
          state="Uploading"
          doneBytes={upload.sentBytes}
          totalBytes={upload.totalBytes}
          onCancel={upload.cancel}
        />
      ))}
      {shown.map((job) =>
        isActive(job) ? (
          <ProgressLine
            key={job.id}
            name={job.name}
            state={activeWords[job.state]}
            doneBytes={job.doneBytes}
            totalBytes={job.totalBytes}
            onCancel={() => void cancelImport(job.id)}
          />
        ) : (
          <li key={job.id} className={styles.job}>
            <div>
              <div className={styles.line}>
                <Text className={styles.name}>{job.name}</Text>
                <Mark tone="bad">Import failed</Mark>
              </div>
              <Text className={styles.detail}>{job.message}</Text>
            </div>
            <Button
              appearance="subtle"
              icon={<DismissRegular />}
              aria-label={`Dismiss the failed import of ${job.name}`}
              onClick={() => setDismissed(new Set([...dismissed, job.id]))}
            />
          </li>
        ),
      )}
    </ul>
  );
}

/**
 * Says once that an import has finished, and remembers which imports were going on while the page was open: an old
 * failure is no news. Bounded by the imports that the server lists.
 */
function useFinishedNotices(jobs: readonly ImportJob[]): ReadonlySet<string> {
  const openedAtMs = useRef(Date.now());
  const told = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (jobs.length === 0) return;
    const isFirst = told.current === null;
    told.current ??= new Set();
    for (const job of jobs) {
      if (isActive(job) || told.current.has(job.id)) continue;
      told.current.add(job.id);
      if (isFirst && job.startedAtMs < openedAtMs.current) continue;
      if (job.state === 'done') notify('success', `“${job.name}” is imported and can be delivered.`);
      if (job.state === 'cancelled') notify('info', `The import of “${job.name}” was cancelled.`);
    }
  }, [jobs]);
  return new Set(
    jobs
      .filter((job) => !told.current?.has(job.id) || job.startedAtMs >= openedAtMs.current - 60_000)
      .map((job) => job.id),
  );
}

interface ProgressLineProps {
  readonly name: string;
  readonly state: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly onCancel: () => void;
}

function ProgressLine({ name, state, doneBytes, totalBytes, onCancel }: ProgressLineProps) {
  const styles = useStyles();
  const isMeasured = totalBytes > 0;
  return (
    <li className={styles.job}>
      <div>
        <div className={styles.line}>
          <Text className={styles.name}>{name}</Text>
          <Text className={styles.detail}>
            {isMeasured
              ? `${state}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)} (${formatShare(doneBytes, totalBytes)})`
              : state}
          </Text>
        </div>
        <ProgressBar
          className={styles.bar}
          aria-label={`${state} ${name}`}
          {...(isMeasured ? { value: doneBytes, max: totalBytes } : {})}
        />
      </div>
      <Button onClick={onCancel}>Cancel</Button>
    </li>
  );
}
