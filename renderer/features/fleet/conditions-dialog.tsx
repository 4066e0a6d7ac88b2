import { Checkbox, Field, Text } from '@fluentui/react-components';
import { useState } from 'react';
import type { ComputerConditions } from '../../../shared/contracts/conditions.ts';
import { computerConditionsSchema, normalConditions } from '../../../shared/contracts/conditions.ts';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { callConsole } from '../../api/console-client.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { NumberInput } from '../../components/number-input.tsx';
import { notify } from '../../stores/notice-store.ts';
import { takeFleet } from './fleet-deeds.ts';
import { namesOf } from './fleet-rules.ts';
import { conditionLabels } from './fleet-words.ts';

interface ConditionsDialogProps {
  readonly agents: readonly FleetAgentStatus[];
  readonly onClose: () => void;
}

/** Puts the computers of agents into conditions; what comes of it is for their policy to say. */
export function ConditionsDialog({ agents, onClose }: ConditionsDialogProps) {
  const [conditions, setConditions] = useState<ComputerConditions>(agents[0]?.conditions ?? normalConditions);
  const [problem, setProblem] = useState('');
  const save = async () => {
    for (const { name } of agents) {
      takeFleet(await callConsole('setFleetConditions', { params: { name }, body: conditions }));
    }
    notify(
      'success',
      `The computers of ${namesOf(agents)} are in these conditions; their policy says what comes of it.`,
    );
  };
  return (
    <FormDialog
      title={`Conditions of ${namesOf(agents)}`}
      submitLabel="Set conditions"
      typed={conditions}
      onCheck={() => {
        const isRight = computerConditionsSchema.safeParse(conditions).success;
        setProblem(isRight ? '' : 'Enter a whole number from 0 to 100.');
        return isRight;
      }}
      onSubmit={save}
      onClose={onClose}
    >
      <Text>As if the computer were so. The policy of the agent decides what it does then.</Text>
      <div>
        {(Object.keys(conditionLabels) as (keyof typeof conditionLabels)[]).map((key) => (
          <div key={key}>
            <Checkbox
              label={conditionLabels[key]}
              checked={conditions[key]}
              onChange={(_event, { checked }) => setConditions({ ...conditions, [key]: checked === true })}
            />
          </div>
        ))}
      </div>
      <Field
        label="Processor load"
        {...(problem === '' ? {} : { validationMessage: problem, validationState: 'error' as const })}
      >
        <NumberInput
          number={conditions.cpuLoadPercent}
          unit="%"
          isInvalid={problem !== ''}
          onChange={(cpuLoadPercent) => setConditions({ ...conditions, cpuLoadPercent })}
        />
      </Field>
    </FormDialog>
  );
}
