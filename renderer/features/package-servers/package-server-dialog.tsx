import { Combobox, Field, makeStyles, Option, Switch } from '@fluentui/react-components';
import { useMemo, useState } from 'react';
import type { AgentSummary } from '../../../shared/contracts/console-api.ts';
import type { PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import { packageServerSchema } from '../../../shared/contracts/package-servers-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { useTopic } from '../../components/hooks.ts';
import { NumberInput } from '../../components/number-input.tsx';
import { SiteSelect } from '../../components/site-select.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { notify } from '../../stores/notice-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { fieldProblemsOf, saveConflictOf } from '../../stores/save-conflict.ts';
import {
  bodyOfForm,
  formOfPackageServer,
  packageServerLabels as labels,
  newPackageServerForm,
  type PackageServerForm,
  packageServerProblems,
} from './package-server-form.ts';
import { packageServerPath } from './package-server-paths.ts';

const maximumOptions = 50;

const useStyles = makeStyles({
  numbers: {
    display: 'grid',
    gridTemplateColumns: 'repeat(3, minmax(0, 1fr))',
    gap: '12px',
    alignItems: 'start',
    '& .fui-Input': { width: '100%', minWidth: 0 },
  },
});

const numbers = [
  { field: 'maxUpload', unit: 'KB/s', hint: '0 = unlimited' },
  { field: 'maxCache', unit: '%', hint: 'In place of its policy’s' },
  { field: 'freshFor', unit: 'hours', hint: 'Before a package is served on' },
] as const;

interface PackageServerDialogProps {
  /** Null = a new one. */
  readonly server: PackageServer | null;
  /** Those that are Package Servers already are not offered. */
  readonly known: readonly PackageServer[];
  readonly onClose: () => void;
}

export function PackageServerDialog({ server, known, onClose }: PackageServerDialogProps) {
  const styles = useStyles();
  const sites = useTopic('sites');
  const [agent, setAgent] = useState<AgentSummary | null>(null);
  /** What the form began from: the settings as they were opened, or as somebody else saved them since. */
  const [base, setBase] = useState(server);
  const [form, setForm] = useState(() => (server === null ? newPackageServerForm : formOfPackageServer(server)));
  const [isChecked, setIsChecked] = useState(false);
  const [refused, setRefused] = useState<ReadonlyMap<string, string>>(new Map());
  const problems = useMemo(() => packageServerProblems(form), [form]);
  const set = (change: Partial<PackageServerForm>) => {
    setForm((current) => ({ ...current, ...change }));
    setRefused((current) => new Map([...current].filter(([field]) => !(field in change))));
  };
  const problem = (field: keyof PackageServerForm) =>
    problemOf(refused.get(field) ?? (isChecked ? problems.get(field) : null));

  const add = async () => {
    if (agent === null) return;
    const { agentId } = await callConsole('addPackageServer', {
      body: { agentId: agent.agentId, ...bodyOfForm(form) },
    });
    askAgain('packageServers');
    notify('success', `${agent.name} is a Package Server.`);
    navigate(packageServerPath(agentId));
  };
  const save = async (before: PackageServer) => {
    const { agentId, version } = before;
    const body = { ...bodyOfForm(form), version };
    try {
      const saved = await callConsole('updatePackageServer', { params: { agentId }, body });
      askAgain('packageServers', 'packageServer');
      notify('success', `${saved.name} is saved.`);
    } catch (error) {
      setRefused(fieldProblemsOf(error));
      const conflict = saveConflictOf(error, {
        schema: packageServerSchema,
        formOf: formOfPackageServer,
        base: before,
        mine: form,
        labels,
      });
      if (conflict === null) throw error;
      setForm(conflict.form);
      setBase(conflict.stored);
      throw new Error(conflict.sentence);
    }
  };

  return (
    <FormDialog
      title={server === null ? 'Add a Package Server' : `Edit ${server.name}`}
      submitLabel={server === null ? 'Add Package Server' : 'Save Package Server'}
      typed={{ agent: agent?.agentId, form }}
      onCheck={() => {
        setIsChecked(true);
        return problems.size === 0 && (server !== null || agent !== null);
      }}
      onSubmit={() => (base === null ? add() : save(base))}
      onClose={onClose}
    >
      {server === null && (
        <AgentField
          known={known}
          agent={agent}
          onChange={setAgent}
          problem={isChecked && agent === null ? 'Choose an agent of the list.' : null}
        />
      )}
      <Field label={labels.siteId} {...problem('siteId')}>
        <SiteSelect
          sites={sites ?? []}
          topLabel="The site of its address"
          value={form.siteId}
          onChange={(siteId) => set({ siteId })}
        />
      </Field>
      <Field hint="Off: it keeps what it has and serves nobody.">
        <Switch
          label={labels.enabled}
          checked={form.enabled}
          onChange={(_event, data) => set({ enabled: data.checked })}
        />
      </Field>
      <Field hint="On: it stores and serves only packages that are assigned to it.">
        <Switch
          label={labels.constrained}
          checked={form.constrained}
          onChange={(_event, data) => set({ constrained: data.checked })}
        />
      </Field>
      <div className={styles.numbers}>
        {numbers.map(({ field, unit, hint }) => (
          <Field key={field} label={labels[field]} hint={hint} {...problem(field)}>
            <NumberInput
              number={form[field]}
              unit={unit}
              isInvalid={isChecked && problems.has(field)}
              onChange={(value) => set({ [field]: value })}
            />
          </Field>
        ))}
      </div>
    </FormDialog>
  );
}

interface AgentFieldProps {
  readonly known: readonly PackageServer[];
  readonly agent: AgentSummary | null;
  readonly onChange: (agent: AgentSummary | null) => void;
  readonly problem: string | null;
}

function AgentField({ known, agent, onChange, problem }: AgentFieldProps) {
  const agents = useTopic('agents') ?? [];
  const [text, setText] = useState('');
  const taken = new Set(known.map(({ agentId }) => agentId));
  const matching = agents
    .filter(({ agentId, revokedAtMs }) => revokedAtMs === null && !taken.has(agentId))
    .filter(({ name, address }) => `${name} ${address}`.toLowerCase().includes(text.toLowerCase()))
    .slice(0, maximumOptions);
  return (
    <Field label="Agent" required hint="Type a name or an address." {...problemOf(problem)}>
      <Combobox
        freeform
        value={text}
        selectedOptions={agent === null ? [] : [agent.agentId]}
        onChange={(event) => {
          setText(event.target.value);
          onChange(null);
        }}
        onOptionSelect={(_event, data) => {
          const chosen = agents.find(({ agentId }) => agentId === data.optionValue) ?? null;
          onChange(chosen);
          setText(chosen?.name ?? '');
        }}
      >
        {matching.map(({ agentId, name, address, siteName }) => (
          <Option key={agentId} value={agentId} text={name}>
            {`${name} · ${address} · ${siteName ?? 'no site'}`}
          </Option>
        ))}
      </Combobox>
    </Field>
  );
}
