import { Field, Select, Text } from '@fluentui/react-components';
import { useState } from 'react';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { act } from './fleet-deeds.ts';
import { namesOf } from './fleet-rules.ts';

interface MoveDialogProps {
  readonly agents: readonly FleetAgentStatus[];
  readonly subnets: readonly { readonly name: string; readonly subnet: string }[];
  readonly onClose: () => void;
}

/** As if the computers were carried to another building. */
export function MoveDialog({ agents, subnets, onClose }: MoveDialogProps) {
  // Where none of them is, if there is such a one.
  const suggested = subnets.find(({ subnet }) => agents.every((agent) => agent.subnet !== subnet)) ?? subnets[0];
  const [subnet, setSubnet] = useState(suggested?.subnet ?? '');
  const [problem, setProblem] = useState('');
  const moved = agents.filter((agent) => agent.subnet !== subnet);
  const one = moved.length === 1;
  return (
    <FormDialog
      title={`Move ${namesOf(agents)}`}
      submitLabel={agents.length === 1 ? 'Move agent' : 'Move agents'}
      typed={subnet}
      onCheck={() => {
        setProblem(moved.length === 0 ? 'They are in this subnet already. Choose another one.' : '');
        return moved.length > 0;
      }}
      onSubmit={() => act({ kind: 'move', subnet }, moved)}
      onClose={onClose}
    >
      <Field label="To" {...(problem === '' ? {} : { validationMessage: problem, validationState: 'error' as const })}>
        <Select
          value={subnet}
          onChange={(_event, { value }) => {
            setSubnet(value);
            setProblem('');
          }}
        >
          {subnets.map(({ name, subnet: cidr }) => (
            <option key={cidr} value={cidr}>
              {name === cidr ? cidr : `${name}, ${cidr}`}
            </option>
          ))}
        </Select>
      </Field>
      {moved.length > 0 && (
        <Text>
          As if {one ? 'the computer was' : 'the computers were'} carried there: {namesOf(moved)}{' '}
          {one ? 'gets an address' : 'get addresses'} of that subnet and {one ? 'finds' : 'find'} the peers that are
          there. What is under way goes on; {one ? 'identity and packages stay' : 'identities and packages stay'}.
        </Text>
      )}
    </FormDialog>
  );
}
