import { Field, Input, makeStyles, Select, Textarea } from '@fluentui/react-components';
import { useId, useMemo, useState } from 'react';
import { locationTypes } from '../../../shared/contracts/conditions.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { siteSchema } from '../../../shared/contracts/sites-api.ts';
import { askAgain } from '../../api/answers.ts';
import { changeConsole } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { NumberInput } from '../../components/number-input.tsx';
import { SiteSelect } from '../../components/site-select.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { fieldProblemsOf, saveConflictOf } from '../../stores/save-conflict.ts';
import { withAllBelow } from '../../stores/site-tree.ts';
import {
  draftOfForm,
  formOfSite,
  formProblems,
  siteFormLabels as labels,
  locationTypeHints,
  locationTypeOf,
  locationTypeWords,
  newSiteForm,
  type SiteForm,
} from './site-form.ts';
import { sitePath } from './site-paths.ts';

const useStyles = makeStyles({
  pair: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)',
    gap: '12px',
    alignItems: 'start',
    '& .fui-Input, & .fui-Select': { width: '100%', minWidth: 0 },
  },
});

interface SiteDialogProps {
  readonly sites: readonly Site[];
  /** Null = a new one. */
  readonly site: Site | null;
  /** Of a new one. */
  readonly parentId?: string | null;
  readonly subnets?: readonly string[];
  readonly onClose: () => void;
}

export function SiteDialog({ sites, site, parentId = null, subnets = [], onClose }: SiteDialogProps) {
  const styles = useStyles();
  /** What the form began from: the site as it was opened, or as somebody else saved it since. */
  const [base, setBase] = useState(site);
  const [form, setForm] = useState(() => (site === null ? newSiteForm(parentId, subnets) : formOfSite(site)));
  const [isChecked, setIsChecked] = useState(false);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const problems = useMemo(() => formProblems(form), [form]);
  const excluded = useMemo(() => (site === null ? new Set<string>() : withAllBelow(sites, site.id)), [sites, site]);
  const zoneListId = useId();
  const set = (change: Partial<SiteForm>) => {
    setForm((current) => ({ ...current, ...change }));
    setRefused((current) => new Map([...current].filter(([field]) => !(field in change))));
  };
  const problem = (field: keyof SiteForm) => problemOf(refused.get(field) ?? (isChecked ? problems.get(field) : null));

  const submit = async () => {
    try {
      const body = draftOfForm(form);
      const { answer: saved, changes } =
        base === null
          ? await changeConsole('createSite', { body })
          : await changeConsole('updateSite', { params: { id: base.id }, body: { ...body, version: base.version } });
      takeSaved(saved);
      if (base === null) navigate(sitePath(saved.id));
      notifyChange(base === null ? `“${saved.name}” is added.` : `“${saved.name}” is saved.`, changes);
    } catch (error) {
      setRefused(fieldProblemsOf(error));
      const conflict = saveConflictOf(error, { schema: siteSchema, formOf: formOfSite, base, mine: form, labels });
      if (conflict === null) throw error;
      setForm(conflict.form);
      setBase(conflict.stored);
      throw new Error(conflict.sentence);
    }
  };

  return (
    <FormDialog
      title={site === null ? 'Add a site' : `Edit “${site.name}”`}
      submitLabel={site === null ? 'Add site' : 'Save site'}
      typed={form}
      onCheck={() => {
        setIsChecked(true);
        return problems.size === 0;
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className={styles.pair}>
        <Field label={labels.name} required {...problem('name')}>
          <Input value={form.name} onChange={(_event, { value }) => set({ name: value })} />
        </Field>
        <Field label={labels.parentId} {...problem('parentId')}>
          <SiteSelect
            sites={sites}
            excluded={excluded}
            topLabel="No site: at the top"
            value={form.parentId}
            onChange={(value) => set({ parentId: value })}
          />
        </Field>
      </div>
      <Field label={labels.subnets} hint="One a line, such as 10.1.2.0/24." {...problem('subnets')}>
        <Textarea
          value={form.subnets}
          rows={4}
          resize="vertical"
          onChange={(_event, { value }) => set({ subnets: value })}
        />
      </Field>
      <div className={styles.pair}>
        {(['wanKilobitsPerSecond', 'wanOutKilobitsPerSecond'] as const).map((field) => (
          <Field key={field} label={labels[field]} hint="0 = unlimited" {...problem(field)}>
            <NumberInput
              number={form[field]}
              unit="kbit/s"
              isInvalid={isChecked && problems.has(field)}
              onChange={(value) => set({ [field]: value })}
            />
          </Field>
        ))}
        <Field label={labels.locationType} hint={locationTypeHints[form.locationType]} {...problem('locationType')}>
          <Select
            value={form.locationType}
            onChange={(_event, { value }) => set({ locationType: locationTypeOf(value) })}
          >
            {locationTypes.map((type) => (
              <option key={type} value={type}>
                {locationTypeWords[type]}
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label={labels.sharesLan}
          hint="Then its computers are peers across its subnets, and one copy crosses the WAN for all."
          {...problem('sharesLan')}
        >
          <Select
            value={form.sharesLan}
            onChange={(_event, { value }) => set({ sharesLan: value === 'yes' || value === 'no' ? value : 'default' })}
          >
            {site === null && <option value="default">In an office, where its subnets can be</option>}
            <option value="yes">Yes</option>
            <option value="no">No</option>
          </Select>
        </Field>
        <Field label={labels.timeZone} hint="Its hours follow these clocks." {...problem('timeZone')}>
          <Input
            value={form.timeZone}
            list={zoneListId}
            placeholder="Europe/Berlin"
            onChange={(_event, { value }) => set({ timeZone: value })}
          />
        </Field>
      </div>
      <datalist id={zoneListId}>
        {timeZones.map((zone) => (
          <option key={zone} value={zone} />
        ))}
      </datalist>
    </FormDialog>
  );
}

const timeZones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** At once, so that nobody sees the old value until the feed repeats it. */
export function takeSaved(saved: Site): void {
  replaceInFeed('sites', (sites) => [...sites.filter(({ id }) => id !== saved.id), saved]);
  askAgain('unassignedSubnets', 'packageServers');
}
