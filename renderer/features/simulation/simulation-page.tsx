import { Button, Link, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, PlayRegular } from '@fluentui/react-icons';
import { type FormEvent, useState } from 'react';
import type { SimulationJob } from '../../../shared/contracts/simulations-api.ts';
import { askAgain } from '../../api/answers.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { narrow } from '../../app/layout.ts';
import type { PageProps } from '../../app/pages.tsx';
import { saveFile } from '../../components/csv.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatQuantity } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { Page, Section } from '../../components/page.tsx';
import { PlainTable } from '../../components/plain-table.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { Waiting } from '../../components/waiting.tsx';
import { navigate } from '../../stores/route-store.ts';
import { SimulationFields } from './simulation-fields.tsx';
import { formOf, type KnownPolicy, newForm, orderOf, type SimulationForm } from './simulation-form.ts';
import { simulationPath } from './simulation-paths.ts';
import { SimulationState } from './simulation-progress.tsx';
import { SimulationResults } from './simulation-results.tsx';
import { orderWords, stateWords } from './simulation-words.ts';
import { type FollowedSimulation, useSimulation } from './use-simulation.ts';

const useStyles = makeStyles({
  columns: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 360px) minmax(0, 1fr)',
    gap: '16px',
    alignItems: 'start',
    [narrow]: { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  column: { display: 'flex', flexDirection: 'column', rowGap: '16px', minWidth: 0 },
  form: { display: 'flex', flexDirection: 'column', rowGap: '12px' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

/** Tries policies on a model of the organisation: the agents' own code, in virtual time. */
export function SimulationPage({ parameters }: PageProps) {
  const styles = useStyles();
  const id = parameters.id === undefined || parameters.id === '' ? null : parameters.id;
  const policies = useTopic('policies');
  const sites = useTopic('sites');
  const followed = useSimulation(id);
  // What was started here keeps the form that started it; what was opened by its address brings its own.
  const [own, setOwn] = useState<{ readonly id: string; readonly formKey: string } | null>(null);
  const formKey = own !== null && own.id === id ? own.formKey : (id ?? 'new');
  const { job, problem } = followed;
  const isReady = policies !== null && sites !== null && (id === null || job !== null || problem !== null);
  const agents = (sites ?? []).reduce((sum, site) => sum + site.agents, 0);
  const initialForm = () =>
    job === null ? newForm(agents > 0 ? 'server' : 'generated', policies ?? []) : formOf(job.order, policies ?? []);
  return (
    <Page
      title="Simulation"
      description="Tries a policy on a model of the organisation, by the agents' own code in virtual time. Nothing is changed."
      actions={job?.results === null || job === null ? undefined : <ExportButton job={job} />}
    >
      {isReady ? (
        <div className={styles.columns}>
          <div className={styles.column}>
            <FormSection
              key={formKey}
              policies={policies}
              serverWords={`${formatQuantity(agents, 'agent')} in ${formatQuantity(sites.length, 'site')}`}
              initialForm={initialForm}
              onStarted={(startedId) => setOwn({ id: startedId, formKey })}
            />
            <Earlier currentId={id} />
          </div>
          <div className={styles.column}>
            <Outcome id={id} followed={followed} />
          </div>
        </div>
      ) : (
        <Waiting label="Reading policies and sites" />
      )}
    </Page>
  );
}

interface FormSectionProps {
  readonly policies: readonly KnownPolicy[];
  readonly serverWords: string;
  readonly initialForm: () => SimulationForm;
  readonly onStarted: (id: string) => void;
}

function FormSection({ policies, serverWords, initialForm, onStarted }: FormSectionProps) {
  const styles = useStyles();
  const [form, setForm] = useState(initialForm);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const mayStart = useMay('startSimulation');
  const { order, problems } = orderOf(form, policies);
  const start = async (event: FormEvent) => {
    event.preventDefault();
    if (order === null || isStarting) return;
    setIsStarting(true);
    setRefusal(null);
    try {
      const job = await callConsole('startSimulation', { body: order });
      askAgain('simulations');
      onStarted(job.id);
      navigate(simulationPath(job.id));
    } catch (error) {
      setRefusal(messageOf(error));
    } finally {
      setIsStarting(false);
    }
  };
  return (
    <Section title="What is simulated">
      <form className={styles.form} noValidate onSubmit={(event) => void start(event)}>
        <SimulationFields
          {...{ form, policies, problems, serverWords }}
          onChange={(change) => setForm((before) => ({ ...before, ...change }))}
        />
        {refusal !== null && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{refusal}</MessageBarBody>
          </MessageBar>
        )}
        {mayStart && (
          <Button
            type="submit"
            appearance="primary"
            icon={<PlayRegular />}
            disabledFocusable={order === null || isStarting}
          >
            Simulate
          </Button>
        )}
      </form>
    </Section>
  );
}

function Outcome({ id, followed }: { id: string | null; followed: FollowedSimulation }) {
  const { job, problem } = followed;
  if (id === null) {
    return (
      <Section title="Result">
        <EmptyState title="Nothing is simulated yet">
          Choose a policy and an organisation, then “Simulate”. You will see how fast a package reaches everybody, what
          crosses each WAN link, how much peers give each other, and why the rest came from servers.
        </EmptyState>
      </Section>
    );
  }
  if (job === null) {
    return (
      <Section title="Result">
        <EmptyState title="This simulation is not there">
          {problem ?? 'The server does not know it.'} The server keeps the last twenty, until it is restarted.
        </EmptyState>
      </Section>
    );
  }
  if (job.results !== null) return <SimulationResults job={job} results={job.results} />;
  return (
    <Section title="Result" hint={orderWords(job.order)}>
      <SimulationState job={job} onChanged={followed.askAgain} />
    </Section>
  );
}

function Earlier({ currentId }: { currentId: string | null }) {
  const styles = useStyles();
  const answer = useAnswer('simulations', {}, { everyMs: 3000 });
  const others = (answer.data ?? []).filter(({ id }) => id !== currentId);
  if (others.length === 0) return null;
  return (
    <Section title="Other simulations" hint="The last twenty, until the server is restarted.">
      <PlainTable
        label="Other simulations"
        columns={[{ header: 'Simulation' }, { header: 'State' }]}
        rows={others.map((job) => ({
          id: job.id,
          cells: [
            <div key="what">
              <Link href={`#${simulationPath(job.id)}`}>{orderWords(job.order)}</Link>
              <Text size={200} block className={styles.quiet}>
                {job.startedBy}, <RelativeTime atMs={job.requestedAtMs} />
              </Text>
            </div>,
            stateWords[job.state],
          ],
        }))}
      />
    </Section>
  );
}

function ExportButton({ job }: { job: SimulationJob }) {
  const save = () =>
    saveFile(
      `simulation-${job.order.seed}.json`,
      new Blob([JSON.stringify(job, null, 2)], { type: 'application/json' }),
    );
  return (
    <Button icon={<ArrowDownloadRegular />} onClick={save}>
      Export JSON
    </Button>
  );
}
