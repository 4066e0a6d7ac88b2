import { Field } from '@fluentui/react-components';
import { useState } from 'react';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { slowKilobytesPerSecondSchema } from '../../../shared/contracts/impairments.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { NumberInput } from '../../components/number-input.tsx';
import { act } from './fleet-deeds.ts';
import { namesOf } from './fleet-rules.ts';

/** A tenth of a demo link: slow enough to be seen. */
const suggestedKilobytesPerSecond = 250;

interface SlowDownDialogProps {
  readonly agents: readonly FleetAgentStatus[];
  readonly onClose: () => void;
}

export function SlowDownDialog({ agents, onClose }: SlowDownDialogProps) {
  const known = agents[0]?.impairments.kilobytesPerSecond ?? null;
  const [rate, setRate] = useState(known ?? suggestedKilobytesPerSecond);
  const [problem, setProblem] = useState('');
  return (
    <FormDialog
      title={`Slow ${namesOf(agents)} down`}
      submitLabel="Slow down"
      typed={rate}
      onCheck={() => {
        const checked = slowKilobytesPerSecondSchema.safeParse(rate);
        setProblem(checked.success ? '' : (checked.error.issues[0]?.message ?? 'Enter a whole number of KB/s.'));
        return checked.success;
      }}
      onSubmit={() => act({ kind: 'slow-down', kilobytesPerSecond: rate }, agents)}
      onClose={onClose}
    >
      <Field
        label="Packages travel at most at"
        hint="In each direction, as over a poor line; the policy stays what it is. “Full speed” takes it back."
        {...(problem === '' ? {} : { validationMessage: problem, validationState: 'error' as const })}
      >
        <NumberInput number={rate} unit="KB/s" isInvalid={problem !== ''} onChange={setRate} />
      </Field>
    </FormDialog>
  );
}
