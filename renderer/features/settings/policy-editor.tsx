import {
  Button,
  CounterBadge,
  Field,
  Input,
  Link,
  MessageBar,
  MessageBarBody,
  makeStyles,
  Tab,
  TabList,
  Text,
  Tooltip,
  tokens,
} from '@fluentui/react-components';
import { EyeRegular, SaveRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import { FormProvider, useController } from 'react-hook-form';
import { type Policy, policyDraftSchema } from '../../../shared/contracts/console-api.ts';
import {
  type SettingDescriptor,
  type SettingTab,
  settingDescriptors,
  settingTabLabels,
  settingTabs,
} from '../../../shared/contracts/setting-descriptors.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { narrow } from '../../app/layout.ts';
import { useLeaveGuard } from '../../components/leave-guard.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { useMay } from '../../components/use-answer.ts';
import { replacePath } from '../../stores/route-store.ts';
import { auditPath } from '../audit/audit-paths.ts';
import { ConflictDialog } from './conflict-dialog.tsx';
import { comparisonPath } from './policy-comparison.ts';
import { draftOf, type PolicyFormValues, problemsOfSetting, warningsOf } from './policy-form.ts';
import { type ImpactSubject, PreviewImpact } from './preview-impact.tsx';
import { SettingRow } from './setting-row.tsx';
import { policyPath } from './settings-paths.ts';
import { TargetField } from './target-field.tsx';
import { type PolicyEditing, usePolicyEditing } from './use-policy-editing.ts';

const useStyles = makeStyles({
  editor: { display: 'flex', flexDirection: 'column', minWidth: 0, minHeight: 0 },
  head: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 280px) minmax(0, 1fr)',
    columnGap: '24px',
    alignItems: 'start',
    padding: '12px 16px',
    margin: 0,
    border: 'none',
    minWidth: 0,
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)', rowGap: '8px' },
  },
  notice: { margin: '0 16px 8px' },
  tabs: { padding: '0 8px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  tabLabel: { display: 'inline-flex', alignItems: 'center', columnGap: '6px' },
  body: { flexGrow: 1, overflowY: 'auto', minHeight: '160px' },
  section: {
    margin: 0,
    padding: '12px 16px 4px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
  },
  foot: {
    display: 'flex',
    alignItems: 'center',
    flexWrap: 'wrap',
    gap: '8px 12px',
    padding: '10px 16px',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    borderBottomRightRadius: tokens.borderRadiusLarge,
  },
  settings: { margin: 0, padding: 0, border: 'none', minWidth: 0 },
  version: { flexGrow: 1, flexBasis: '200px', color: tokens.colorNeutralForeground2 },
  quiet: { color: tokens.colorNeutralForeground2 },
  button: { flexShrink: 0, whiteSpace: 'nowrap' },
});

interface PolicyEditorProps {
  readonly policy: Policy;
  readonly sites: readonly Site[];
  readonly tab: string;
}

/** One policy; give it the policy's id as key. */
export function PolicyEditor({ policy, sites, tab }: PolicyEditorProps) {
  const styles = useStyles();
  const editing = usePolicyEditing(policy);
  const { form, base, isDirty, problems } = editing;
  const shownTab = settingTabs.find((id) => id === tab) ?? 'downloads';
  const warnings = warningsOf(editing.values, policy);
  const mayChange = useMay('updatePolicy');
  useLeaveGuard(isDirty, policyPath(policy.id));

  return (
    <FormProvider {...form}>
      <form
        className={styles.editor}
        aria-label={`Policy ${base.name}`}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void editing.save();
        }}
      >
        <fieldset className={styles.head} disabled={!mayChange}>
          <NameField isGlobal={policy.isGlobal} problem={problems.get('name')} />
          <TargetField
            policyId={policy.id}
            isGlobal={policy.isGlobal}
            sites={sites}
            appliesToAgents={policy.appliesToAgents}
          />
        </fieldset>
        {policy.version > base.version && isDirty && (
          <MessageBar intent="warning" className={styles.notice}>
            <MessageBarBody>
              {policy.updatedBy} saved version {policy.version} meanwhile. When you save, both sides are shown.
            </MessageBarBody>
          </MessageBar>
        )}
        <TabList
          className={styles.tabs}
          selectedValue={shownTab}
          onTabSelect={(_event, data) => replacePath(policyPath(policy.id, String(data.value)))}
        >
          {settingTabs.map((id) => (
            <Tab key={id} value={id}>
              <TabLabel label={settingTabLabels[id]} problems={problemsIn(id, problems)} />
            </Tab>
          ))}
        </TabList>
        <div className={styles.body} role="tabpanel" aria-label={settingTabLabels[shownTab]}>
          {sectionsOf(shownTab).map(({ section, descriptors }) => (
            <fieldset key={section} aria-label={section} className={styles.settings} disabled={!mayChange}>
              <h3 className={styles.section}>{section}</h3>
              {descriptors.map((descriptor) => {
                const { whole, items } = problemsOfSetting(descriptor.key, problems);
                return (
                  <SettingRow
                    key={descriptor.key}
                    descriptor={descriptor}
                    problem={whole}
                    itemProblems={items}
                    warnings={warnings.get(descriptor.key) ?? []}
                  />
                );
              })}
            </fieldset>
          ))}
        </div>
        <EditorFoot editing={editing} mayChange={mayChange} />
      </form>
      {editing.conflict !== null && (
        <ConflictDialog
          conflict={editing.conflict}
          sites={sites}
          isBusy={editing.isSaving}
          onMerge={(takeTheirs) => void editing.merge(takeTheirs)}
          onTakeAllTheirs={editing.takeTheirs}
          onCancel={editing.closeConflict}
        />
      )}
    </FormProvider>
  );
}

const previewWords =
  'Plays the change on a simulated copy of your network before anybody has it: who downloads from where, how much crosses each WAN link, how long it takes.';

function EditorFoot({ editing, mayChange }: { editing: PolicyEditing; mayChange: boolean }) {
  const styles = useStyles();
  const { base, isDirty, isSaving, problems } = editing;
  const side = { policyId: base.id, version: null };
  const [previewed, setPreviewed] = useState<ImpactSubject | null>(null);
  return (
    <div className={styles.foot}>
      {previewed !== null && <PreviewImpact subject={previewed} onClose={() => setPreviewed(null)} />}
      <Text size={200} className={styles.version} data-version={base.version}>
        Version {base.version} · saved by {base.updatedBy} <RelativeTime atMs={base.updatedAtMs} />
        {problems.size > 0 &&
          ` · ${problems.size === 1 ? '1 field has' : `${problems.size} fields have`} to be corrected`}
        {' · '}
        <Link href={`#${auditPath(base.name)}`}>History</Link>
        {' · '}
        <Link href={`#${comparisonPath({ left: side, right: null, isAll: false })}`}>Compare</Link>
      </Text>
      {mayChange ? (
        <>
          <Tooltip relationship="description" withArrow content={previewWords}>
            <Button
              className={styles.button}
              icon={<EyeRegular />}
              disabledFocusable={problems.size > 0}
              onClick={() => setPreviewed(previewOf(editing))}
            >
              Preview impact
            </Button>
          </Tooltip>
          <Button className={styles.button} disabledFocusable={!isDirty || isSaving} onClick={editing.discard}>
            Discard
          </Button>
          <Button
            type="submit"
            className={styles.button}
            appearance="primary"
            icon={<SaveRegular />}
            // What was just pressed keeps the focus while there is nothing more to do.
            disabledFocusable={!isDirty || isSaving || problems.size > 0}
          >
            Save changes
          </Button>
        </>
      ) : (
        <Text size={200} className={styles.quiet}>
          Administrators change policies.
        </Text>
      )}
    </div>
  );
}

/** What is typed at this moment; null where it is no policy. */
function previewOf({ values, base, isDirty }: PolicyEditing): ImpactSubject | null {
  const edited = policyDraftSchema.safeParse(values);
  if (!edited.success) return null;
  const { name } = edited.data;
  return { policyId: base.id, name, edited: edited.data, saved: isDirty ? draftOf(base) : null };
}

function NameField({ isGlobal, problem }: { isGlobal: boolean; problem: string | undefined }) {
  const { field } = useController<PolicyFormValues, 'name'>({ name: 'name' });
  return (
    <Field
      label="Name"
      {...problemOf(problem)}
      {...(isGlobal ? { hint: 'Global is always last and matches every agent.' } : {})}
    >
      <Input value={field.value} readOnly={isGlobal} onChange={(_event, data) => field.onChange(data.value)} />
    </Field>
  );
}

function TabLabel({ label, problems }: { label: string; problems: number }) {
  const styles = useStyles();
  return (
    <span className={styles.tabLabel}>
      {label}
      {problems > 0 && (
        <CounterBadge count={problems} color="danger" size="small" aria-label={`${problems} to be corrected`} />
      )}
    </span>
  );
}

function problemsIn(tab: SettingTab, problems: ReadonlyMap<string, string>): number {
  return settingDescriptors
    .filter((descriptor) => descriptor.tab === tab)
    .map(({ key }) => problemsOfSetting(key, problems))
    .reduce((count, { whole, items }) => count + items.size + (whole === undefined ? 0 : 1), 0);
}

function sectionsOf(tab: SettingTab) {
  const sections = new Map<string, SettingDescriptor[]>();
  for (const descriptor of settingDescriptors) {
    if (descriptor.tab !== tab) continue;
    const section = sections.get(descriptor.section) ?? [];
    section.push(descriptor);
    sections.set(descriptor.section, section);
  }
  return [...sections].map(([section, descriptors]) => ({ section, descriptors }));
}
