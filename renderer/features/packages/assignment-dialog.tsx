import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import { useState } from 'react';
import type { AgentId } from '../../../shared/base/ids.ts';
import type { PackageSummary } from '../../../shared/contracts/console-api.ts';
import type { PackageAssignment, PackageServer } from '../../../shared/contracts/package-servers-api.ts';
import { packageAssignmentSchema } from '../../../shared/contracts/package-servers-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { askAgain } from '../../api/answers.ts';
import { changeConsole } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { CheckList } from '../../components/check-list.tsx';
import { FormDialog } from '../../components/form-dialog.tsx';
import { problemOf } from '../../components/target-editor.tsx';
import { assignmentModes } from './assignment-words.ts';

interface AssignmentDialogProps {
  readonly entry: PackageSummary;
  readonly stored: PackageAssignment;
  readonly servers: readonly PackageServer[];
  readonly sites: readonly Site[];
  readonly onClose: () => void;
}

export function AssignmentDialog({ entry, stored, servers, sites, onClose }: AssignmentDialogProps) {
  const [mode, setMode] = useState(stored.mode);
  const [siteIds, setSiteIds] = useState<readonly string[]>(stored.mode === 'sites' ? stored.siteIds : []);
  const [agentIds, setAgentIds] = useState<readonly AgentId[]>(stored.mode === 'listed' ? stored.agentIds : []);
  const [isChecked, setIsChecked] = useState(false);
  const assignment = packageAssignmentSchema.safeParse({ mode, siteIds, agentIds });
  const submit = async () => {
    if (!assignment.success) return;
    const { guid, version, name } = entry;
    const { changes } = await changeConsole('assignPackage', { params: { guid, version }, body: assignment.data });
    askAgain('packageAssignment', 'packageHolders', 'packageServers');
    notifyChange(`Which Package Servers keep “${name}” ${version} is saved.`, changes);
  };
  return (
    <FormDialog
      title={`Who keeps “${entry.name}” ${entry.version}?`}
      submitLabel="Save"
      typed={{ mode, siteIds, agentIds }}
      onCheck={() => {
        setIsChecked(true);
        return assignment.success;
      }}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label="Package Servers"
        hint="Who keeps it has it before the first computer asks. Channels and deliveries bring it as well."
        {...problemOf(isChecked ? assignment.error?.issues[0]?.message : null)}
      >
        <RadioGroup
          value={mode}
          onChange={(_event, data) => {
            const modes = Object.keys(assignmentModes) as PackageAssignment['mode'][];
            setMode(modes.find((candidate) => candidate === data.value) ?? mode);
          }}
        >
          {Object.entries(assignmentModes).map(([value, label]) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </RadioGroup>
      </Field>
      {mode === 'sites' && (
        <CheckList legend="Sites" items={sites} chosen={siteIds} onChange={setSiteIds} empty="There are no sites." />
      )}
      {mode === 'listed' && (
        <CheckList
          legend="Package Servers"
          items={servers.map(({ agentId, name }) => ({ id: agentId, name }))}
          chosen={agentIds}
          onChange={setAgentIds}
          empty="No agent is a Package Server yet."
        />
      )}
    </FormDialog>
  );
}
