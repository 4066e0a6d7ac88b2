import {
  Field,
  Input,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Radio,
  RadioGroup,
  Switch,
} from '@fluentui/react-components';
import { useMemo, useState } from 'react';
import type { SiteSettingsRule } from '../../../shared/contracts/site-settings.ts';
import { siteSettingsRuleSchema, siteSettingsWarnings } from '../../../shared/contracts/site-settings.ts';
import { askAgain } from '../../api/answers.ts';
import { changeConsole } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { CheckList } from '../../components/check-list.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { navigate } from '../../stores/route-store.ts';
import { saveConflictOf } from '../../stores/save-conflict.ts';
import { siteNodes } from '../../stores/site-tree.ts';
import {
  draftOfForm,
  formOfRule,
  siteSettingsLabels as labels,
  newSiteSettingsForm,
  reachWords,
  type SiteSettingsForm,
  siteReaches,
  siteSettingsProblems,
} from './site-settings-form.ts';
import { siteSettingsPath } from './site-settings-paths.ts';

const useStyles = makeStyles({ number: { width: '200px' } });

interface SiteSettingsDialogProps {
  /** Null = a new one, last in the order. */
  readonly rule: SiteSettingsRule | null;
  readonly onClose: () => void;
}

export function SiteSettingsDialog({ rule, onClose }: SiteSettingsDialogProps) {
  const styles = useStyles();
  const sites = useTopic('sites');
  /** What the form began from: the rule as it was opened, or as somebody else saved it since. */
  const [base, setBase] = useState(rule);
  const [form, setForm] = useState(() => (rule === null ? newSiteSettingsForm : formOfRule(rule)));
  const [isChecked, setIsChecked] = useState(false);
  const problems = useMemo(() => siteSettingsProblems(form), [form]);
  const items = useMemo(
    () =>
      siteNodes(sites ?? [], [], []).map(({ site, depth }) => {
        return { id: site.id, name: `${'\u2003'.repeat(depth)}${site.name}` };
      }),
    [sites],
  );
  const set = (change: Partial<SiteSettingsForm>) => setForm((current) => ({ ...current, ...change }));
  const problem = (field: keyof SiteSettingsForm) => problemOf(isChecked ? problems.get(field) : null);

  const submit = async () => {
    const body = draftOfForm(form);
    try {
      const { answer: saved, changes } =
        base === null
          ? await changeConsole('createSiteSettings', { body })
          : await changeConsole('updateSiteSettings', {
              params: { id: base.id },
              body: { ...body, version: base.version },
            });
      askAgain('siteSettings', 'effectiveSettings');
      if (base === null) navigate(siteSettingsPath(saved.id));
      notifyChange(
        base === null ? `“${saved.name}” is added, last in the order.` : `“${saved.name}” is saved.`,
        changes,
      );
    } catch (error) {
      const conflict = saveConflictOf(error, {
        schema: siteSettingsRuleSchema,
        formOf: formOfRule,
        base,
        mine: form,
        labels,
      });
      if (conflict === null) throw error;
      setForm(conflict.form);
      setBase(conflict.stored);
      askAgain('siteSettings');
      throw new Error(conflict.sentence);
    }
  };

  return (
    <FormDialog
      title={rule === null ? 'Add site settings' : `Edit “${rule.name}”`}
      submitLabel={rule === null ? 'Add site settings' : 'Save site settings'}
      typed={form}
      onCheck={() => {
        setIsChecked(true);
        return problems.size === 0;
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field label={labels.name} required {...problem('name')}>
        <Input value={form.name} onChange={(_event, { value }) => set({ name: value })} />
      </Field>
      <Field label={labels.reach} {...problem('siteIds')}>
        <RadioGroup
          value={form.reach}
          onChange={(_event, { value }) => {
            const reach = siteReaches.find((candidate) => candidate === value);
            if (reach !== undefined) set({ reach });
          }}
        >
          {siteReaches.map((reach) => (
            <Radio key={reach} value={reach} label={reachWords[reach]} />
          ))}
        </RadioGroup>
      </Field>
      {form.reach !== 'all' && (
        <CheckList
          legend={labels.siteIds}
          items={items}
          chosen={form.siteIds}
          onChange={(siteIds) => set({ siteIds })}
          empty="There are no sites. Add them on the page Sites."
        />
      )}
      <Field
        label={labels.sharedOutboundKilobytesPerSecond}
        hint="To other sites and computers outside of it, all Package Servers of a site together. 0 = unlimited. The smallest of this, the limits of the site and its hours holds."
        {...problem('sharedOutboundKilobytesPerSecond')}
      >
        <NumberInput
          className={styles.number}
          number={form.sharedOutboundKilobytesPerSecond}
          unit="KB/s"
          isInvalid={isChecked && problems.has('sharedOutboundKilobytesPerSecond')}
          onChange={(value) => set({ sharedOutboundKilobytesPerSecond: value })}
        />
      </Field>
      <Field hint="Computers of these sites take packages from Package Servers and from peers. A Package Server that has no other source may still ask it.">
        <Switch
          label={labels.preventNotificationServer}
          checked={form.preventNotificationServer}
          onChange={(_event, { checked }) => set({ preventNotificationServer: checked })}
        />
      </Field>
      <Field hint="Computers of these sites keep to the Package Servers of their own site.">
        <Switch
          label={labels.preventForeignPackageServers}
          checked={form.preventForeignPackageServers}
          onChange={(_event, { checked }) => set({ preventForeignPackageServers: checked })}
        />
      </Field>
      {siteSettingsWarnings(form).map((warning) => (
        <MessageBar key={warning} intent="warning" layout="multiline">
          <MessageBarBody>{warning}</MessageBarBody>
        </MessageBar>
      ))}
    </FormDialog>
  );
}
