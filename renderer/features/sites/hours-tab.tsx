import { Button, Field, Input, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMemo, useState } from 'react';
import {
  formatSchedule,
  hoursPerWeek,
  parseSchedule,
  type ScheduleCell,
} from '../../../shared/base/bandwidth-schedule.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { siteSchema } from '../../../shared/contracts/sites-api.ts';
import { type ConsoleChange, changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { useNowMs } from '../../components/hooks.ts';
import { useLeaveGuard } from '../../components/leave-guard.ts';
import { problemOf } from '../../components/target-editor.tsx';
import { useMay } from '../../components/use-answer.ts';
import { storedInConflict } from '../../stores/save-conflict.ts';
import { HoursBrush } from './hours-brush.tsx';
import { HoursGrid } from './hours-grid.tsx';
import { canonicalHours, cellWords, hourOfWeekIn, hoursWords, hourWords, linkWords, painted } from './hours-words.ts';
import { takeSaved } from './site-dialog.tsx';
import { unchangedPart } from './site-form.ts';
import { sitePath } from './site-paths.ts';

const useStyles = makeStyles({
  body: { display: 'flex', flexDirection: 'column', rowGap: '10px' },
  hint: { color: tokens.colorNeutralForeground2 },
  scroll: { overflowX: 'auto', padding: '4px' },
  // In reach whatever the height of the window.
  buttons: {
    position: 'sticky',
    bottom: '-16px',
    display: 'flex',
    gap: '8px',
    margin: '0 -16px -16px',
    padding: '10px 16px',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
  },
});

const directions = {
  in: {
    field: 'acquisitionSchedule',
    link: 'wanKilobitsPerSecond',
    tab: 'hours-in',
    label: 'Hours of the link in',
    hint: 'How much of the link into the site the Notification Server and Package Servers of sites above may use together.',
  },
  out: {
    field: 'distributionSchedule',
    link: 'wanOutKilobitsPerSecond',
    tab: 'hours-out',
    label: 'Hours of the link out',
    hint: 'How much of the link out of the site its Package Servers may use for other sites.',
  },
} as const;

const wholeWeek: readonly ScheduleCell[] = new Array<ScheduleCell>(hoursPerWeek).fill({
  kind: 'percent',
  percent: 100,
});

/** What is painted or typed, and the site as it was when that began; null = nothing was changed. */
type Draft = { readonly text: string; readonly base: Site } | null;

/** One schedule as a grid and as rules: each hour of any rules is a cell, so that nothing is lost between them. */
export function HoursTab({ site, direction }: { site: Site; direction: keyof typeof directions }) {
  const styles = useStyles();
  const { field, link, tab, label, hint } = directions[direction];
  const mayUpdate = useMay('updateSite');
  const [draft, setDraft] = useState<Draft>(null);
  const [brush, setBrush] = useState<ScheduleCell | null>(
    site[link] === 0 ? { kind: 'closed' } : { kind: 'percent', percent: 25 },
  );
  const [isBusy, setIsBusy] = useState(false);
  const [conflict, setConflict] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const text = draft?.text ?? site[field];
  const parsed = useMemo(() => parseSchedule(text), [text]);
  const [lastCells, setLastCells] = useState(wholeWeek);
  const cells = parsed.ok ? parsed.value : lastCells;
  const isDirty = draft !== null && canonicalHours(text) !== draft.base[field];
  useLeaveGuard(isDirty, sitePath(site.id, tab));

  const change = (next: string) => {
    // While a rule is half typed, the grid shows what held before.
    if (parsed.ok) setLastCells(parsed.value);
    setRefusal(null);
    setDraft({ text: next, base: draft?.base ?? site });
  };
  const discard = () => {
    setDraft(null);
    setConflict(null);
    setRefusal(null);
  };
  const send = async (base: Site): Promise<ConsoleChange<'updateSite'>> => {
    const body = { ...unchangedPart(base), [field]: text };
    try {
      return await changeConsole('updateSite', { params: { id: site.id }, body });
    } catch (error) {
      const stored = storedInConflict(error, siteSchema);
      if (stored === null) throw error;
      // Whoever changed something else of the site is in nobody's way.
      if (stored[field] === base[field]) return send(stored);
      setDraft({ text, base: stored });
      setConflict(
        `${stored.updatedBy} saved other hours meanwhile: ${hoursWords(stored[field])}. Yours are kept here; save again to put them in their place.`,
      );
      throw error;
    }
  };
  const save = async () => {
    if (draft === null || !parsed.ok) return;
    setIsBusy(true);
    setRefusal(null);
    try {
      const { answer, changes } = await send(draft.base);
      takeSaved(answer);
      discard();
      notifyChange(`The hours of “${site.name}” are saved.`, changes);
    } catch (error) {
      if (storedInConflict(error, siteSchema) === null) setRefusal(messageOf(error));
    } finally {
      setIsBusy(false);
    }
  };

  return (
    <div className={styles.body}>
      <Text className={styles.hint}>
        {hint} The link: {linkWords(site[link])}. Clocks of {site.timeZone}.{' '}
        <NowWords site={site} cells={cells} link={link} />
      </Text>
      {conflict !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{conflict}</MessageBarBody>
        </MessageBar>
      )}
      {refusal !== null && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{refusal}</MessageBarBody>
        </MessageBar>
      )}
      {mayUpdate && <HoursBrush brush={brush} onChange={setBrush} hasSpeed={site[link] > 0} />}
      <div className={styles.scroll}>
        <HoursGrid
          label={label}
          cells={cells}
          linkKilobitsPerSecond={site[link]}
          {...(mayUpdate && brush !== null && parsed.ok
            ? { onPaint: (hours: ReadonlySet<number>) => change(painted(text, hours, brush)) }
            : {})}
        />
      </div>
      <Field
        label="The same as rules"
        hint="Such as: mon-fri 08-18 25%; sat 2000kbit/s; sun closed. A later rule wins; empty = the whole link."
        {...problemOf(parsed.ok ? null : parsed.error)}
      >
        <Input
          value={text}
          readOnly={!mayUpdate}
          onChange={(_event, { value }) => change(value)}
          onBlur={() => draft !== null && parsed.ok && change(formatSchedule(parsed.value))}
        />
      </Field>
      {mayUpdate && (
        <div className={styles.buttons}>
          <Button appearance="primary" disabled={!isDirty || !parsed.ok || isBusy} onClick={() => void save()}>
            Save hours
          </Button>
          <Button disabled={draft === null || isBusy} onClick={discard}>
            Discard
          </Button>
        </div>
      )}
    </div>
  );
}

function NowWords(props: {
  site: Site;
  cells: readonly ScheduleCell[];
  link: 'wanKilobitsPerSecond' | 'wanOutKilobitsPerSecond';
}) {
  const hour = hourOfWeekIn(props.site.timeZone, useNowMs());
  const cell = hour === null ? undefined : props.cells[hour];
  if (hour === null || cell === undefined) return null;
  return (
    <>
      Now, {hourWords(hour)}: {cellWords(cell, props.site[props.link])}.
    </>
  );
}
